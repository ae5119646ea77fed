package changelog

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Section is a heading of the notes and the commit types that go under it.
type Section struct {
	Title string
	Types []string
}

// Other is the title for types that no section names, and for messages that
// are not conventional.
const Other = "Other changes"

// grouped is a section with its entries.
type grouped struct {
	title   string
	entries []*Entry
}

// group sorts entries into their sections, in the sections' order. No entry is lost.
func group(entries []Entry, sections []Section) []grouped {
	list := make([]grouped, len(sections)+1)
	index := map[string]int{}
	for i, section := range sections {
		list[i].title = section.Title
		for _, name := range section.Types {
			index[strings.ToLower(name)] = i
		}
	}
	list[len(sections)].title = Other
	for i := range entries {
		at, known := index[entries[i].Type]
		if !known || entries[i].Type == "" {
			at = len(sections)
		}
		list[at].entries = append(list[at].entries, &entries[i])
	}
	return slices.DeleteFunc(list, func(g grouped) bool { return len(g.entries) == 0 })
}

// Links builds the addresses in the notes.
type Links struct {
	Repository string // web address without a final slash; "" makes no links
}

// appendItem writes one list item: scopes, description, references and hash, and the
// type where the section does not imply it.
func (l Links) appendItem(line []byte, entry *Entry, typed bool) []byte {
	line = append(line, "- "...)
	for i, scope := range entry.Scopes {
		line = append(line, []string{"**", ", "}[min(i, 1)]...)
		line = appendEscaped(line, scope)
	}
	if len(entry.Scopes) > 0 {
		line = append(line, ":** "...)
	}
	if typed && entry.Type != "" {
		line = appendAll(line, entry.Type, ": ") // a word of letters, digits and hyphens
	}
	line = l.appendLinked(line, entry)
	line = append(line, " ("...)
	line = l.appendHash(line, entry.Hash)
	return append(line, ")\n"...)
}

// appendLinked writes the description and turns the references at its end into links.
func (l Links) appendLinked(line []byte, entry *Entry) []byte {
	description := entry.shown()
	if entry.Type == "revert" {
		description = "revert: " + description
	}
	var references []string // the last one first
	for {
		rest, number := cutReference(description)
		if number == "" {
			break
		}
		description = rest
		references = append(references, number)
	}
	line = appendEscaped(line, clip(description))
	for i, number := range slices.Backward(references) {
		line = append(line, []string{", ", " ("}[(i+1)/len(references)]...)
		line = l.appendReference(line, number)
	}
	if len(references) > 0 {
		line = append(line, ')')
	}
	return line
}

// cutReference cuts a number such as (#41), which GitHub adds to the subject of a
// merged pull request, from a description.
func cutReference(description string) (rest, number string) {
	inner, ok := strings.CutSuffix(description, ")")
	at := strings.LastIndex(inner, "(#")
	if !ok || at < 0 {
		return description, ""
	}
	number = inner[at+2:]
	if number == "" || len(number) > 9 || number[0] == '0' || strings.Trim(number, "0123456789") != "" {
		return description, ""
	}
	return strings.TrimSpace(inner[:at]), number
}

// appendReference links an issue or a pull request: GitHub redirects between the two.
func (l Links) appendReference(line []byte, number string) []byte {
	if l.Repository == "" {
		return appendAll(line, "#", zeroWidth, number)
	}
	return appendAll(line, "[#", number, "](", l.Repository, "/pull/", number, ")")
}

func (l Links) appendHash(line []byte, hash string) []byte {
	short := git.Short(hash)
	if l.Repository == "" {
		return appendAll(line, "`", short, "`")
	}
	return appendAll(line, "[`", short, "`](", l.Repository, "/commit/", hash, ")")
}

func appendAll(line []byte, pieces ...string) []byte {
	for _, piece := range pieces {
		line = append(line, piece...)
	}
	return line
}

// Compare returns the address of the comparison of two tags, or "".
func (l Links) Compare(from, to string) string {
	if l.Repository == "" || from == "" || to == "" {
		return ""
	}
	return fmt.Sprintf("%s/compare/%s...%s", l.Repository, url.PathEscape(from), url.PathEscape(to))
}

// PlainSection is a section as plain text, for output that is not Markdown.
type PlainSection struct {
	Title   string   `json:"title"`
	Entries []string `json:"entries"`
}

// PlainSections returns entries as plain text in their sections, in the sections' order.
func PlainSections(entries []Entry, sections []Section) []PlainSection {
	list := []PlainSection{}
	for _, section := range group(entries, sections) {
		plain := PlainSection{Title: section.title}
		for _, entry := range section.entries {
			text := entry.shown()
			if len(entry.Scopes) > 0 {
				text = strings.Join(entry.Scopes, ", ") + ": " + text
			}
			plain.Entries = append(plain.Entries, clip(Plain(text)))
		}
		list = append(list, plain)
	}
	return list
}
