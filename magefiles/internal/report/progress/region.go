package progress

import (
	"bytes"
	"fmt"
	"io"
)

// region is the lines at the bottom of a terminal that are drawn again. A line is written
// over the old one and the rest of it is erased (ECMA-48, sections 8.3.22, 8.3.39 and
// 8.3.41): erasing the screen first would flicker, and tmux keeps what is erased from the
// first row on in its history.
type region struct {
	out   io.Writer
	shown int // how many lines there are
	below int // how many rows something else has written below them
}

// draw replaces the region by other lines, below lines that stay. After the terminal
// became narrower, the beginning of the old region may stay too: how many rows its
// lines take then differs between terminals, and a line that stays must not be erased.
func (r *region) draw(above []byte, lines []string) error {
	var frame bytes.Buffer
	if r.shown > 0 { // a key that was pressed has moved the cursor, such as ^C
		fmt.Fprintf(&frame, "\r\x1b[%dA", r.shown+r.below)
	}
	for line := range bytes.Lines(above) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		frame.Write(text)
		if frame.WriteString("\x1b[K"); ended {
			frame.WriteByte('\n')
		}
	}
	for _, line := range lines {
		frame.WriteString(line + "\x1b[K\n")
	}
	if r.shown > 0 {
		frame.WriteString("\x1b[J")
	}
	r.shown, r.below = len(lines), 0
	_, err := r.out.Write(frame.Bytes())
	return err
}
