package migration

import (
	"sort"
	"strings"
	"unicode"
)

// piece is text on one line of a file.
type piece struct {
	Line int
	Text string
}

// pieces are the lines of a text.
func pieces(text string) []piece {
	var found []piece
	for line := range strings.SplitAfterSeq(text, "\n") {
		found = append(found, piece{len(found) + 1, line})
	}
	return found
}

// source is text that knows the line in the file of each of its bytes.
type source struct {
	value  string
	starts []int // of the pieces
	lines  []int
}

func newSource(pieces []piece) source {
	var value strings.Builder
	var s source
	for _, each := range pieces {
		s.starts, s.lines = append(s.starts, value.Len()), append(s.lines, each.Line)
		value.WriteString(each.Text)
	}
	s.value = value.String()
	return s
}

// line returns the line in the file of a byte.
func (s source) line(at int) int {
	return s.lines[max(sort.SearchInts(s.starts, at+1)-1, 0)]
}

const (
	longestName = 80
	longestText = 240
)

// clean turns any text into one line of printable characters, cut at limit.
func clean(text string, limit int) string {
	isGap := func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), isGap)
	runes := []rune(strings.Join(words, " "))
	if len(runes) >= limit {
		return strings.TrimRight(string(runes[:limit-2]), " ") + "…"
	}
	return string(runes)
}

// name is a migration's name for a table, a column or another object.
type name struct {
	text string // for display
	key  string // for comparison; "" when only running the migration would tell
}

func newName(text string) name {
	shown := clean(text, longestName)
	if shown == "" {
		return name{text: unknown}
	}
	if strings.ContainsAny(text, "{}%$") {
		return name{text: shown}
	}
	key := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(text), "public."), "main.")
	return name{text: shown, key: key}
}

// unknown is the name of an object whose name cannot be read.
const unknown = "{?}"

func (n name) dot(column name) name {
	joined := name{text: n.text + "." + column.text}
	if n.key != "" && column.key != "" {
		joined.key = n.key + "." + column.key
	}
	return joined
}
