package changelog

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Notes is the content of the notes of one release.
type Notes struct {
	Release
	Previous string   // the tag before it, or ""
	Head     string   // the hash of the commit that it ends with
	Commits  int      // number of commits that the entries come from
	New      []string // authors whose first change this is
	Lead     string   // Markdown at the top, replacing the list of breaking changes
	Written  string   // Markdown that a person wrote about the release; it comes first
	Alone    bool     // whether Written replaces the list of changes
}

// WriteNotes writes a release's notes as Markdown: what a person wrote, the breaking changes,
// the sections, the contributors, and the comparison with the previous release.
func WriteNotes(out io.Writer, notes Notes, sections []Section, links Links) error {
	w := &errWriter{out: out}
	if notes.Written != "" {
		w.printf("%s\n\n", raised(notes.Written))
	}
	if notes.Lead != "" {
		w.write([]byte(notes.Lead))
	} else {
		w.breaking(notes.Entries, "##", links)
	}
	if !notes.Alone {
		w.sections(notes.Entries, sections, "##", links)
	}
	w.contributors(notes)
	if compare := notes.compare(links); compare != "" {
		w.printf("**Full changelog:** <%s>\n", compare)
	}
	return w.err
}

// WriteSection writes a release as a section of CHANGELOG.md
// (https://keepachangelog.com/en/1.1.0/).
func WriteSection(out io.Writer, release Release, sections []Section, links Links) error {
	w := &errWriter{out: out}
	if release.Tag == "" {
		w.printf("## [Unreleased]\n\n")
	} else {
		w.printf("## [%s] - %s\n\n", release.Version, release.Date.Format("2006-01-02"))
	}
	w.breaking(release.Entries, "###", links)
	w.sections(release.Entries, sections, "###", links)
	return w.err
}

func (w *errWriter) breaking(entries []Entry, level string, links Links) {
	broken := 0
	for i := range entries {
		for _, note := range entries[i].Breaking {
			if broken == 0 {
				w.printf("%s Breaking changes\n\n", level)
			}
			broken++
			prefix := ""
			if scopes := entries[i].Scopes; len(scopes) > 0 {
				prefix = "**" + Escape(strings.Join(scopes, ", ")) + ":** "
			}
			w.printf("- %s%s (%s)\n", prefix, Escape(note), links.appendHash(nil, entries[i].Hash))
		}
	}
	if broken > 0 {
		w.printf("\n")
	}
}

func (w *errWriter) sections(entries []Entry, sections []Section, level string, links Links) {
	for _, section := range group(entries, sections) {
		w.printf("%s %s\n\n", level, section.title)
		for _, entry := range section.entries {
			w.line = links.appendItem(w.line[:0], entry, section.title == Other)
			w.write(w.line)
		}
		w.printf("\n")
	}
}

// compare returns the address of the comparison with the previous release.
func (n Notes) compare(links Links) string {
	return links.Compare(n.Previous, cmp.Or(n.Tag, n.Head[:min(len(n.Head), 12)]))
}

// Contributor is a person whose work is in a release.
type Contributor struct {
	Name  string `json:"name"`
	First bool   `json:"first"` // whether none of their changes was released before
}

// Contributors lists authors and co-authors sorted by name.
func (n Notes) Contributors() []Contributor {
	var names []string
	for _, entry := range n.Entries {
		names = append(names, entry.Author)
		for _, footer := range entry.Footers {
			if strings.EqualFold(footer.Token, "Co-authored-by") {
				name, _, _ := strings.Cut(footer.Value, "<")
				names = append(names, Plain(name))
			}
		}
	}
	slices.Sort(names)
	var list []Contributor
	for _, name := range slices.Compact(names) {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, Contributor{name, slices.Contains(n.New, name)})
		}
	}
	return list
}

func (w *errWriter) contributors(notes Notes) {
	contributors := notes.Contributors()
	if len(contributors) == 0 {
		return
	}
	w.printf("## Contributors\n\n")
	for _, contributor := range contributors {
		first := ""
		if contributor.First {
			first = " (first contribution)"
		}
		w.printf("- %s%s\n", Escape(contributor.Name), first)
	}
	w.printf("\n")
}

// errWriter keeps the first error, so that callers need not check each write.
type errWriter struct {
	out  io.Writer
	err  error
	line []byte // kept for the next one
}

func (w *errWriter) write(text []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(text)
	}
}

func (w *errWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}
