package progress

import (
	"io"

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
