package progress

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/cupwriter"
)

// region is the lines at the bottom of a terminal that are drawn again.
type region struct {
	out   *cupwriter.Writer
	shown []string // the lines that are there
	width int      // of the terminal when they were drawn
}

func newRegion(out io.Writer) region { return region{out: cupwriter.New(out, true)} }

// draw replaces the region by other lines, below lines that stay.
func (r *region) draw(above []byte, lines []string, width int) error {
	if more := r.wrapped(width); more > 0 {
		fmt.Fprintf(r.out, "\x1b[%dA\x1b[J", more)
	}
	r.out.Write(above) // a buffer: it takes everything
	for _, line := range lines {
		r.out.WriteString(line)
		r.out.WriteByte('\n')
	}
	r.shown, r.width = lines, width
	return r.out.Flush(len(lines))
}

// wrapped is how many more rows the lines take since the terminal became narrower:
// it breaks each line that is too long.
func (r *region) wrapped(width int) int {
	if width <= 0 || width >= r.width {
		return 0
	}
	more := 0
	for _, line := range r.shown {
		more += max(0, runewidth.StringWidth(stripped(line))-1) / width
	}
	return more
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
