package changelog

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strconv"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// releaseJSON is a release as JSON.
type releaseJSON struct {
	Version      string        `json:"version"`  // "" for unreleased changes
	Tag          string        `json:"tag"`      // "" for unreleased changes
	Date         string        `json:"date"`     // 2026-05-04, of the tagged commit
	Previous     string        `json:"previous"` // tag, or ""
	Compare      string        `json:"compare,omitempty"`
	Commits      int           `json:"commits"`           // of entries and omitted commits
	Omitted      Omitted       `json:"omitted"`           // how many commits are not entries, by the reason
	Written      string        `json:"written,omitempty"` // by a person, in CHANGELOG.md
	Sections     []sectionJSON `json:"sections"`
	Contributors []Contributor `json:"contributors,omitempty"`
}

type sectionJSON struct {
	Title   string      `json:"title"`
	Entries []entryJSON `json:"entries"`
}

type entryJSON struct {
	Hash        string       `json:"hash"`
	Type        string       `json:"type"` // "" when the message is not conventional
	Scopes      []string     `json:"scopes"`
	Description string       `json:"description"` // plain text, without the references
	References  []int        `json:"references"`  // issues and pull requests, by number
	Breaking    []string     `json:"breaking"`
	Footers     []footerJSON `json:"footers"`
	Author      string       `json:"author"`
}

type footerJSON struct {
	Token string `json:"token"`
	Value string `json:"value"`
}

// WriteJSON writes a release's notes as JSON. All texts are as they were written:
// escape them before showing them.
func WriteJSON(out io.Writer, notes Notes, sections []Section, links Links) error {
	result := toJSON(notes.Release, sections)
	result.Previous, result.Compare = notes.Previous, notes.compare(links)
	result.Contributors, result.Written = notes.Contributors(), notes.Written
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

func toJSON(release Release, sections []Section) releaseJSON {
	result := releaseJSON{Tag: release.Tag, Date: release.Date.Format("2006-01-02"), Sections: []sectionJSON{},
		Commits: release.Read, Omitted: Omitted{}}
	maps.Copy(result.Omitted, release.Omitted)
	if release.Version != (version.Version{}) {
		result.Version = release.Version.String()
	}
	if release.Date.IsZero() {
		result.Date = ""
	}
	for _, section := range group(release.Entries, sections) {
		one := sectionJSON{Title: section.title}
		for _, entry := range section.entries {
			one.Entries = append(one.Entries, entry.toJSON())
		}
		result.Sections = append(result.Sections, one)
	}
	return result
}

func (e *Entry) toJSON() entryJSON {
	result := entryJSON{Hash: e.Hash, Type: e.Type, Scopes: e.Scopes, Description: e.Description, Author: e.Author,
		References: []int{}, Breaking: e.Breaking, Footers: []footerJSON{}}
	if result.Scopes == nil {
		result.Scopes = []string{}
	}
	if result.Breaking == nil {
		result.Breaking = []string{}
	}
	for {
		rest, number := cutReference(result.Description)
		if number == "" {
			break
		}
		n, _ := strconv.Atoi(number) // at most nine digits
		result.Description, result.References = rest, append([]int{n}, result.References...)
	}
	for _, footer := range e.Footers {
		result.Footers = append(result.Footers, footerJSON(footer))
	}
	return result
}

// AllJSON is All as JSON: a list of releases, newest first. It also writes while it
// reads, after a pass that finds the release before each.
func (h History) AllJSON(ctx context.Context, to string, out io.Writer) error {
	previous, err := h.previous(ctx, to)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	separator := "[\n"
	if err := h.releases(ctx, to, func(release Release) error {
		result := toJSON(release, h.Sections)
		result.Previous = previous[release.Tag]
		result.Compare = h.Links.Compare(result.Previous, release.Tag)
		data, err := json.Marshal(result)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(buffered, "%s%s", separator, data)
		separator = ",\n"
		return err
	}); err != nil {
		return err
	}
	if separator == "[\n" {
		fmt.Fprint(buffered, "[")
	}
	fmt.Fprint(buffered, "\n]\n")
	return buffered.Flush()
}
