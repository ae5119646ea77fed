package migration

import (
	"sort"
	"strings"
	"unicode"
)

// piece is text that stands on one line of a file.
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

// source is text that knows which line of the file each of its bytes is from.
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

// line is the line of the file that a byte stands on.
func (s source) line(at int) int {
	return s.lines[max(sort.SearchInts(s.starts, at+1)-1, 0)]
}

const (
	longestName = 80
	longestText = 240
)

// clean makes one line of printable characters out of any text, cut where it
// gets longer than limit.
func clean(text string, limit int) string {
	isGap := func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), isGap)
	runes := []rune(strings.Join(words, " "))
	if len(runes) >= limit {
		return strings.TrimRight(string(runes[:limit-2]), " ") + "…"
	}
	return string(runes)
}

// name is what a migration calls a table, a column or another thing.
type name struct {
	text string // to be shown
	key  string // to be compared; "" when only running the migration would tell
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

// unknown is the name of what has none that can be read.
const unknown = "{?}"

func (n name) dot(column name) name {
	joined := name{text: n.text + "." + column.text}
	if n.key != "" && column.key != "" {
		joined.key = n.key + "." + column.key
	}
	return joined
}
