package changelog

import (
	"fmt"
	"slices"
	"strings"
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
	entries []Entry
}

// group sorts entries under their sections, in the sections' order. No entry
// is lost.
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
	for _, entry := range entries {
		at, known := index[entry.Type]
		if !known || entry.Type == "" {
			at = len(sections)
		}
		list[at].entries = append(list[at].entries, entry)
	}
	return slices.DeleteFunc(list, func(g grouped) bool { return len(g.entries) == 0 })
}

// Links makes the addresses that the notes refer to.
type Links struct {
	Repository string // web address without a final slash; "" makes no links
}

// item is one line of a list: scopes, description, references and hash.
func (l Links) item(entry Entry) string {
	var text strings.Builder
	text.WriteString("- ")
	if len(entry.Scopes) > 0 {
		scopes := make([]string, len(entry.Scopes))
		for i, scope := range entry.Scopes {
			scopes[i] = Escape(scope)
		}
		fmt.Fprintf(&text, "**%s:** ", strings.Join(scopes, ", "))
	}
	text.WriteString(l.linked(entry))
	fmt.Fprintf(&text, " (%s)\n", l.hash(entry.Hash))
	return text.String()
}

// linked is the description with the references at its end as links.
func (l Links) linked(entry Entry) string {
	description := entry.Description
	if entry.Type == "revert" {
		description = "revert: " + description
	}
	var references []string
	for {
		rest, number := cutReference(description)
		if number == "" {
			break
		}
		description = rest
		references = append([]string{l.reference(number)}, references...)
	}
	if len(references) == 0 {
		return Escape(description)
	}
	return Escape(description) + " (" + strings.Join(references, ", ") + ")"
}

// cutReference cuts a number such as (#41), which GitHub puts at the end of a
// merged pull request's subject, from a description.
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

// reference links an issue or a pull request: GitHub sends the one on to the
// other.
func (l Links) reference(number string) string {
	if l.Repository == "" {
		return "#" + zeroWidth + number
	}
	return fmt.Sprintf("[#%s](%s/pull/%s)", number, l.Repository, number)
}

func (l Links) hash(hash string) string {
	short := hash[:min(len(hash), 7)]
	if l.Repository == "" {
		return "`" + short + "`"
	}
	return fmt.Sprintf("[`%s`](%s/commit/%s)", short, l.Repository, hash)
}

// compare links the comparison of two tags.
func (l Links) compare(from, to string) string {
	if l.Repository == "" || from == "" || to == "" {
		return ""
	}
	return fmt.Sprintf("%s/compare/%s...%s", l.Repository, from, to)
}
