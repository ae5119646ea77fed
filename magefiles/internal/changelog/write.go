package changelog

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Notes is what the notes of one release are made of.
type Notes struct {
	Release
	Previous string   // the tag before it, or ""
	New      []string // authors whose first change this is
}

// WriteNotes writes a release's notes as Markdown: what breaks, the sections,
// who contributed, and the comparison with the release before.
func WriteNotes(out io.Writer, notes Notes, sections []Section, links Links) error {
	w := &errWriter{out: out}
	w.breaking(notes.Entries, "##", links)
	w.sections(notes.Entries, sections, "##", links)
	w.contributors(notes)
	if compare := links.compare(notes.Previous, notes.Tag); compare != "" {
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
	broken := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return len(e.Breaking) == 0 })
	if len(broken) == 0 {
		return
	}
	w.printf("%s Breaking changes\n\n", level)
	for _, entry := range broken {
		for _, note := range entry.Breaking {
			prefix := ""
			if len(entry.Scopes) > 0 {
				prefix = "**" + Escape(strings.Join(entry.Scopes, ", ")) + ":** "
			}
			w.printf("- %s%s (%s)\n", prefix, Escape(note), links.hash(entry.Hash))
		}
	}
	w.printf("\n")
}

func (w *errWriter) sections(entries []Entry, sections []Section, level string, links Links) {
	for _, section := range group(entries, sections) {
		w.printf("%s %s\n\n", level, section.title)
		for _, entry := range section.entries {
			w.printf("%s", links.item(entry))
		}
		w.printf("\n")
	}
}

func (w *errWriter) contributors(notes Notes) {
	var names []string
	for _, entry := range notes.Entries {
		if entry.Author != "" && !slices.Contains(names, entry.Author) {
			names = append(names, entry.Author)
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	w.printf("## Contributors\n\n")
	for _, name := range names {
		first := ""
		if slices.Contains(notes.New, name) {
			first = " (first contribution)"
		}
		w.printf("- %s%s\n", Escape(name), first)
	}
	w.printf("\n")
}

// errWriter keeps the first error, so that writing reads as one piece.
type errWriter struct {
	out io.Writer
	err error
}

func (w *errWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}
