package progress

import (
	"io"
	"strings"

	"github.com/vbauerster/cupwriter"
)

// region is the lines at the bottom of a terminal that are drawn again.
type region struct {
	raw   io.Writer
	out   *cupwriter.Writer
	shown bool // whether there are lines
}

func newRegion(out io.Writer) region { return region{raw: out, out: cupwriter.New(out, true)} }

// draw replaces the region by other lines, below lines that stay. After the terminal
// became narrower, the beginning of the old region may stay too: how many rows its
// lines take then differs between terminals, and a line that stays must not be erased.
func (r *region) draw(above []byte, lines []string) error {
	if r.shown { // a key that was pressed has moved the cursor, such as ^C
		if _, err := io.WriteString(r.raw, "\r"); err != nil {
			return err
		}
	}
	r.out.Write(above) // a buffer: it takes everything
	for _, line := range lines {
		r.out.WriteString(line)
		r.out.WriteByte('\n')
	}
	r.shown = len(lines) > 0
	return r.out.Flush(len(lines))
}

// stripped is a line without colours and other control characters, so that a tool
// cannot move the cursor.
func stripped(line string) string {
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

// sequence is the length of the escape sequence that text begins with (ECMA-48,
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
