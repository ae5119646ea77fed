package report

import (
	"strings"
	"unicode/utf8"
)

// narrowest is the width that a column has at least, for its words to be wrapped in.
const narrowest = 20

// Wrap returns rows whose table fits in so many columns: the cells of the last column, and of others that are wider
// than a third of the table, continue in rows of their own. Words stay whole, so that addresses and commands can be
// copied. A width of 0 means no limit.
func Wrap(header []string, rows [][]string, width int) [][]string {
	if width <= 0 || len(header) == 0 {
		return rows
	}
	last := len(header) - 1
	limits := make([]int, len(header))
	left := width - 2*len(header)
	for i := range last {
		limits[i] = max(width/3, narrowest)
		widest := utf8.RuneCountInString(strings.TrimPrefix(header[i], ">"))
		for _, row := range rows {
			for _, text := range words(row[i], limits[i]) {
				widest = max(widest, utf8.RuneCountInString(text))
			}
		}
		left -= widest
	}
	limits[last] = max(left, narrowest)
	var wrapped [][]string
	for _, row := range rows {
		wrapped = append(wrapped, broken(row, limits)...)
	}
	return wrapped
}

// broken returns a row as as many rows as its longest cell needs.
func broken(row []string, limits []int) [][]string {
	var list [][]string
	for i, cell := range row {
		for n, text := range words(cell, limits[i]) {
			if n == len(list) {
				list = append(list, make([]string, len(row)))
			}
			list[n][i] = text
		}
	}
	return list
}

// words breaks a text between words into lines of at most so many columns, all of which are indented as the first one.
// A longer word has a line of its own.
func words(text string, limit int) []string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	lines := []string{indent}
	for i, word := range strings.Fields(text) {
		at := len(lines) - 1
		switch {
		case i == 0:
			lines[at] += word
		case utf8.RuneCountInString(lines[at])+1+utf8.RuneCountInString(word) > limit:
			lines = append(lines, indent+word)
		default:
			lines[at] += " " + word
		}
	}
	return lines
}
