package changelog

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// History is a repository whose changes are told.
type History struct {
	Repo     git.Repo
	Sections []Section
	Links    Links
}

// All writes the whole history up to a revision as sections of CHANGELOG.md,
// newest first. Prereleases have no section: their changes are those of the
// release they led to. It writes as it reads, and keeps no more than what is
// open.
func (h History) All(ctx context.Context, to string, out io.Writer) error {
	marks, err := h.marks(ctx, to)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	grouping := newGrouper(marks, func(release Release) error {
		return WriteSection(buffered, release, h.Sections, h.Links)
	})
	if err := Log(ctx, h.Repo, []string{to}, grouping.add); err != nil {
		return err
	}
	if err := grouping.finish(); err != nil {
		return err
	}
	return buffered.Flush()
}

// marks lists the stable release tags in the history of a revision.
func (h History) marks(ctx context.Context, to string) ([]Mark, error) {
	tags, err := h.Repo.Tags(ctx, to)
	if err != nil {
		return nil, err
	}
	var marks []Mark
	for _, tag := range tags {
		if v, err := version.ParseLegacyTag(tag.Name); err == nil && v.Stable() {
			marks = append(marks, Mark{Version: v, Tag: tag.Name, Commit: tag.Commit})
		}
	}
	return marks, nil
}

// Between reads the changes after the revision from, "" for all, up to to.
func (h History) Between(ctx context.Context, from, to string) (Notes, error) {
	revisions := []string{to}
	if from != "" {
		revisions = append(revisions, "^"+from)
	}
	notes := Notes{Previous: from}
	grouping := newGrouper(nil, func(release Release) error { notes.Release = release; return nil })
	if err := Log(ctx, h.Repo, revisions, grouping.add); err != nil {
		return Notes{}, err
	}
	if err := grouping.finish(); err != nil {
		return Notes{}, err
	}
	notes.Tag = to
	if from == "" || len(notes.Entries) == 0 {
		return notes, nil
	}
	var err error
	notes.New, err = h.newcomers(ctx, from, notes.Entries)
	return notes, err
}

// newcomers lists the authors of entries who have no commit up to a revision.
func (h History) newcomers(ctx context.Context, before string, entries []Entry) ([]string, error) {
	names := map[string]string{} // by address
	for _, entry := range entries {
		names[strings.ToLower(entry.Email)] = entry.Author
	}
	err := h.Repo.Stream(ctx, []string{"log", "--format=%ae", before, "--"}, func(from io.Reader) error {
		scanner := bufio.NewScanner(from)
		for scanner.Scan() {
			delete(names, strings.ToLower(scanner.Text()))
		}
		return scanner.Err()
	})
	var list []string
	for _, name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list), err
}
