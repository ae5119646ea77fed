package changelog

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// History is a repository whose changes are described.
type History struct {
	Repo     git.Repo
	Sections []Section
	Links    Links
	Folder   bool   // only commits that change something below the folder of Repo count
	File     string // CHANGELOG.md, relative to the app's root
	Written  string // whether what people write in File comes before the generated list, or replaces it; "" ignores it
}

// log is Log, with a mark on the commits that do not count.
func (h History) log(ctx context.Context, revisions []string, each func(Commit) error) error {
	if !h.Folder {
		return Log(ctx, h.Repo, revisions, each)
	}
	touching, err := h.Repo.History().Touching(ctx, revisions)
	if err != nil {
		return err
	}
	return Log(ctx, h.Repo, revisions, func(commit Commit) error {
		commit.Outside = !touching[commit.Hash]
		return each(commit)
	})
}

// All writes the whole history up to a revision as sections of CHANGELOG.md, newest
// first. Prereleases have no section: their changes belong to the release that they led
// to. It writes while it reads and keeps only what is still open.
func (h History) All(ctx context.Context, to string, out io.Writer) error {
	buffered := bufio.NewWriterSize(out, 64<<10)
	if err := h.releases(ctx, to, func(release Release) error {
		if err := WriteSection(buffered, release, h.Sections, h.Links); err != nil || len(release.Omitted) == 0 {
			return err
		}
		_, err := fmt.Fprintf(buffered, "_%s._\n\n", release.Omitted.sentence(release.Read))
		return err
	}); err != nil {
		return err
	}
	return buffered.Flush()
}

// releases reads the whole history up to a revision and passes on each release, newest
// first.
func (h History) releases(ctx context.Context, to string, emit func(Release) error) error {
	marks, err := h.marks(ctx)
	if err != nil {
		return err
	}
	grouping := newGrouper(marks, emit)
	if err := h.log(ctx, []string{to}, grouping.add); err != nil {
		return err
	}
	return grouping.finish()
}

// marks lists the stable release tags, including those outside of the history being
// read: they have no effect, and telling them apart would need a second pass.
func (h History) marks(ctx context.Context) ([]Mark, error) {
	tags, err := h.Repo.Tags(ctx, "")
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
	notes := Notes{Previous: from}
	if v, err := version.ParseLegacyTag(to); err == nil {
		notes.Tag, notes.Version = to, v
	}
	until, err := h.Repo.Resolve(ctx, to)
	if err != nil {
		return Notes{}, err
	}
	notes.Head = until
	revisions := []string{until}
	if from != "" {
		since, err := h.Repo.Resolve(ctx, from)
		if err != nil {
			return Notes{}, err
		}
		revisions = append(revisions, "^"+since)
	}
	grouping := newGrouper(nil, func(release Release) error {
		notes.Entries, notes.Date = release.Entries, release.Date
		notes.Read, notes.Omitted = release.Read, release.Omitted
		return nil
	})
	grouping.pulls = map[string]string{}
	if err := h.log(ctx, revisions, grouping.add); err != nil {
		return Notes{}, err
	}
	if err := grouping.finish(); err != nil {
		return Notes{}, err
	}
	notes.keep(func(entries []Entry) []Entry {
		entries, err = h.withoutRevertedMerges(ctx, entries, grouping.pulls)
		return withoutReverted(entries)
	})
	if err != nil {
		return Notes{}, err
	}
	last := ""
	for _, entry := range notes.Entries {
		if entry.Hash != last {
			notes.Commits++
		}
		last = entry.Hash
	}
	if from != "" && notes.Commits > 0 {
		notes.New, err = h.newcomers(ctx, revisions[1][1:], notes.Entries)
	}
	return notes, err
}

// withoutRevertedMerges removes what came with a merge that was reverted
// (git-revert(1), -m), and the revert. All cannot do that, since it would have to keep
// the commits of every merge.
func (h History) withoutRevertedMerges(ctx context.Context, entries []Entry, pulls map[string]string) ([]Entry, error) {
	gone := map[string]bool{}
	for _, entry := range entries {
		for _, name := range entry.Reverts {
			if merge, known := pulls[name]; known {
				name = merge
			}
			if gone[entry.Hash] {
				break // it came with what was reverted itself
			}
			if _, err := h.Repo.Resolve(ctx, name+"^2"); err != nil {
				continue // no merge, or none in this history
			}
			brought, err := h.Repo.History().Between(ctx, name+"^1", name)
			if err != nil {
				return nil, err
			}
			for _, hash := range brought {
				if slices.ContainsFunc(entries, func(e Entry) bool { return e.Hash == hash }) {
					gone[hash], gone[entry.Hash] = true, true
				}
			}
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return gone[e.Hash] }), nil
}

// newcomers lists the authors of entries who have no commit up to a revision, by name
// or by address.
func (h History) newcomers(ctx context.Context, before string, entries []Entry) ([]string, error) {
	known := map[string]bool{} // names and addresses, of entries only
	for _, entry := range entries {
		known[strings.ToLower(entry.Email)], known[entry.Author] = false, false
	}
	note := func(text string) {
		if _, asked := known[text]; asked {
			known[text] = true
		}
	}
	err := h.Repo.Stream(
		ctx,
		[]string{"log", "--use-mailmap", "--encoding=UTF-8", "--format=%aE%n%aN", before, "--"},
		func(from io.Reader) error {
			scanner := bufio.NewScanner(from)
			scanner.Buffer(nil, maxCommit)
			for scanner.Scan() {
				note(strings.ToLower(scanner.Text()))
				note(scanner.Text())
			}
			return scanner.Err()
		},
	)
	var list []string
	for _, entry := range entries {
		if !known[strings.ToLower(entry.Email)] && !known[entry.Author] {
			list = append(list, entry.Author)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), err
}
