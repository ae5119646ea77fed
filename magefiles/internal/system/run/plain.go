package run

import "strings"

// Plain returns a line without colours and other control characters, so that it cannot move
// the cursor of a terminal.
func Plain(line string) string {
	var text strings.Builder
	for i := 0; i < len(line); {
		if line[i] == 0x1b {
			i += sequence(line[i:])
			continue
		}
		text.WriteByte(line[i])
		i++
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text.String(), "?"))
}

// sequence returns the length of the escape sequence that text begins with (ECMA-48,
// sections 5.4 and 5.6).
func sequence(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text); i++ {
			if text[i] >= 0x40 && text[i] <= 0x7e {
				return i + 1
			}
		}
		return len(text)
	case ']', 'P', 'X', '^', '_': // a string, up to BEL or ESC \
		for i := 2; i < len(text); i++ {
			if text[i] == 0x07 {
				return i + 1
			}
			if text[i] == 0x1b {
				return min(i+2, len(text))
			}
		}
		return len(text)
	}
	return 2
}
