package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Style is how tables are drawn. The zero value is for a file or a pipe.
type Style struct {
	Width int  // columns of the terminal; 0 without a terminal, where lines may be long
	Plain bool // the header is followed by a blank line in place of a rule, which screen readers spell out
}

// pageWidth is the width that a rule has at most where there is no terminal.
const pageWidth = 80

// Table prints rows in the style of a file or a pipe.
func Table(out io.Writer, header []string, rows [][]string) { Style{}.Table(out, header, rows) }

// Table prints rows under a header in aligned columns. A column whose header
// begins with ">" is aligned to the right. Lines are neither wrapped nor cut.
func (s Style) Table(out io.Writer, header []string, rows [][]string) {
	right := make([]bool, len(header))
	widths := make([]int, len(header))
	titles := make([]string, len(header))
	for i, title := range header {
		titles[i], right[i] = strings.CutPrefix(title, ">")
	}
	all := append([][]string{titles}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range all {
		fmt.Fprintln(out, line(row, widths, right))
		if n == 0 {
			fmt.Fprintln(out, s.rule(widths))
		}
	}
}

// rule returns the line below the header, which is at most as wide as the terminal.
func (s Style) rule(widths []int) string {
	if s.Plain {
		return ""
	}
	total := 2 * len(widths)
	for _, width := range widths {
		total += width
	}
	return "  " + strings.Repeat("─", max(min(total, cmp.Or(s.Width, pageWidth))-2, 0))
}

// Fit returns rows whose table is at most so many columns wide: the end of the last
// column is cut. A width of 0 means no limit.
func Fit(header []string, rows [][]string, width int) [][]string {
	if width <= 0 || len(header) == 0 {
		return rows
	}
	last := len(header) - 1
	left := 2 * len(header)
	for i := range last {
		widest := utf8.RuneCountInString(strings.TrimPrefix(header[i], ">"))
		for _, row := range rows {
			widest = max(widest, utf8.RuneCountInString(row[i]))
		}
		left += widest
	}
	room := max(width-left, 8)
	fitted := make([][]string, len(rows))
	for i, row := range rows {
		fitted[i] = slices.Clone(row)
		if cell := []rune(row[last]); len(cell) > room {
			fitted[i][last] = string(cell[:room-1]) + "…"
		}
	}
	return fitted
}

func line(row []string, widths []int, right []bool) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if right[i] {
			cells[i] = pad + cell
		} else {
			cells[i] = cell + pad
		}
	}
	return strings.TrimRight("  "+strings.Join(cells, "  "), " ")
}

// Seconds formats a length of time: 0.4 s, 12.3 s, 3 min 07 s.
func Seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// Size formats a number of bytes in powers of 1000.
func Size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	case bytes < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
