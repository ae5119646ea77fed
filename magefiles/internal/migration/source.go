package migration

import (
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// source is text that knows which line of the file each of its bytes is from.
type source struct {
	value string
	marks []mark // ascending
}

// mark says that what begins at a byte stands on a line.
type mark struct{ at, line int }

// newSource takes a file's content, in whatever way its lines end.
func newSource(content string) source {
	content = strings.TrimPrefix(content, "\uFEFF")
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content)
	text := source{value: content, marks: []mark{{0, 1}}}
	for at := range len(content) {
		if content[at] == '\n' {
			text.marks = append(text.marks, mark{at + 1, len(text.marks) + 1})
		}
	}
	return text
}

// line is the line of the file that a byte stands on.
func (s source) line(at int) int {
	next := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].at > at })
	if next == 0 {
		return 1
	}
	return s.marks[next-1].line
}

// join is one text after the other.
func join(parts []source) source {
	var value strings.Builder
	var joined source
	for _, part := range parts {
		for _, each := range part.marks {
			joined.marks = append(joined.marks, mark{each.at + value.Len(), each.line})
		}
		value.WriteString(part.value)
	}
	joined.value = value.String()
	return joined
}

const (
	longestName = 80
	longestText = 240
)

// clean makes one line of printable characters out of any text, cut where it
// gets longer than limit.
func clean(text string, limit int) string {
	var b strings.Builder
	length, gap := 0, false
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if !unicode.IsPrint(r) || r == ' ' {
			gap = length > 0
			continue
		}
		if length >= limit-2 {
			b.WriteString("…")
			break
		}
		if gap {
			b.WriteByte(' ')
			length++
		}
		gap = false
		b.WriteRune(r)
		length++
	}
	return b.String()
}

// title is the first sentence, or heading, of a text that says something: more
// than where the file is. One that goes on in the next lines is read to its end.
func title(text string) string {
	found := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Trim(line, " \t\r-=*#/")
		isPath := strings.HasSuffix(line, ".sql") || strings.HasSuffix(line, ".py")
		switch says := strings.ContainsFunc(line, unicode.IsLetter) && !isPath; {
		case found == "" && says:
			found = line
		case found == "":
		case says && goesOn(found, line):
			found += " " + line
		default:
			return clean(firstSentence(found), longestText)
		}
	}
	return clean(firstSentence(found), longestText)
}

// connectives are words that no sentence ends with.
var connectives = map[string]bool{"a": true, "an": true, "and": true, "as": true, "at": true, "but": true, "by": true, "for": true,
	"from": true, "if": true, "in": true, "into": true, "is": true, "of": true, "on": true, "or": true, "so": true, "than": true,
	"that": true, "the": true, "to": true, "when": true, "which": true, "with": true}

// goesOn tells whether a sentence goes on in the next line.
func goesOn(sentence, next string) bool {
	if strings.HasSuffix(firstSentence(sentence), ".") || strings.HasSuffix(sentence, "!") || strings.HasSuffix(sentence, "?") ||
		strings.HasSuffix(sentence, ":") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(next)
	last := sentence[strings.LastIndexByte(sentence, ' ')+1:]
	return unicode.IsLower(first) || first == '(' || strings.HasSuffix(sentence, ",") || connectives[strings.ToLower(last)]
}

// sentenceEnd is a full stop before another sentence, not one in a name, a
// number or an abbreviation such as "e.g.".
var sentenceEnd = regexp.MustCompile(`[^.\s]{2,}\.\s+\p{Lu}`)

// firstSentence is a text up to the end of its first sentence.
func firstSentence(text string) string {
	if at := sentenceEnd.FindStringIndex(text); at != nil {
		return strings.TrimSpace(text[:at[0]+strings.IndexByte(text[at[0]:], '.')+1])
	}
	return text
}

// name is what a migration calls a table, a column or another thing.
type name struct {
	text string // to be shown
	key  string // to be compared; "" when the migration computes the name
}

func newName(text string) name {
	shown := clean(text, longestName)
	if shown == "" {
		return unknownName("?")
	}
	if strings.ContainsAny(text, "{}%$") {
		return name{text: shown}
	}
	key := strings.ToLower(text)
	for _, schema := range []string{"public.", "main."} {
		key = strings.TrimPrefix(key, schema)
	}
	return name{text: shown, key: key}
}

// unknownName is one that only running the migration would tell, shown as
// f-strings write it.
func unknownName(expression string) name {
	return name{text: "{" + clean(expression, longestName-2) + "}"}
}

func (n name) dot(column name) name {
	joined := name{text: n.text + "." + column.text}
	if n.key != "" && column.key != "" {
		joined.key = n.key + "." + column.key
	}
	return joined
}
