package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// changes are what a changelog says of a repository.
type changes struct{ *session }

// Changelog prints release notes from the commits of any git repository.
//
// -all also says why some commits are not listed.
//
// Example: changelog -from=v1.7.0 -to=v1.7.2
func Changelog(
	ctx context.Context,
	from *string, // begin after `REVISION`, by default the last release
	to *string, // end at `REVISION`, by default HEAD
	format *string, // print `FORMAT`: markdown (the default) or json
	all *bool, // print the whole history as CHANGELOG.md
	insert *bool, // print nothing, but add the planned version's section to CHANGELOG.md, as tag does
) error {
	return inRepository(ctx, func(ctx context.Context, p *session) error {
		if insert != nil && *insert {
			if from != nil || to != nil || format != nil || all != nil {
				return errors.New("-insert cannot be combined with other flags")
			}
			return changes{p}.insert(ctx)
		}
		if all != nil && *all && from != nil {
			return errors.New("-all prints the whole history and cannot be combined with -from")
		}
		return changes{p}.changelog(ctx, from, text(to), text(format), all != nil && *all)
	})
}

func (p changes) changelog(ctx context.Context, from *string, until, format string, all bool) error {
	whole, notes, err := p.changelogFormat(format)
	if err != nil {
		return err
	}
	if _, err := p.repo.Head(ctx); err != nil {
		return err
	}
	if err := plan.Whole(ctx, p.repo); err != nil {
		return err
	}
	until = cmp.Or(until, "HEAD")
	if _, err := p.repo.Resolve(ctx, until); err != nil {
		return err
	}
	if all {
		return whole(ctx, until, os.Stdout)
	}
	told, err := p.between(ctx, from, until)
	if err != nil {
		return err
	}
	return notes(os.Stdout, told, p.planner.History().Sections, p.planner.History().Links)
}

// between reads the changes after what was asked for, or after the last release
// before.
func (p changes) between(ctx context.Context, from *string, until string) (changelog.Notes, error) {
	since, err := p.since(ctx, from, until)
	if err != nil {
		return changelog.Notes{}, err
	}
	told, err := p.planner.History().Between(ctx, since, until)
	if err == nil && from != nil && told.Commits == 0 {
		err = fmt.Errorf("no commit came after %s up to %s", since, until)
	}
	if err != nil {
		return told, err
	}
	return told, p.planner.History().Describe(ctx, &told, until)
}

// changelogFormat returns how to write the whole history, and the notes of a release.
func (p changes) changelogFormat(format string) (whole func(context.Context, string, io.Writer) error,
	notes func(io.Writer, changelog.Notes, []changelog.Section, changelog.Links) error, err error,
) {
	switch format {
	case "", "markdown":
		return p.planner.History().All, changelog.WriteNotes, nil
	case "json":
		return p.planner.History().AllJSON, changelog.WriteJSON, nil
	}
	return nil, nil, fmt.Errorf("-format=%s is not one of markdown, json", format)
}

// insert adds the section of the planned version to CHANGELOG.md.
func (p changes) insert(ctx context.Context) error {
	asked, err := requested(nil, nil)
	if err != nil {
		return err
	}
	decided, err := p.decisions().plan(ctx, asked)
	if err != nil {
		return err
	}
	if decided.Prerelease {
		return fmt.Errorf(
			"%s is a prerelease: its changes are in the section of the release that it leads to",
			decided.Tag,
		)
	}
	file := p.app.Config.Changelog.File
	if _, err := os.Stat(p.app.Path(file)); err != nil {
		return fmt.Errorf("there is no changelog to add %s to: %w; an empty file will do", decided.Tag, err)
	}
	cut, err := p.tagger().cut(ctx, decided, time.Now().UTC())
	if err != nil {
		return err
	}
	return cut.Insert()
}

// since returns the revision that notes begin after: what was asked for, else the
// last release before.
func (p changes) since(ctx context.Context, from *string, until string) (string, error) {
	if from == nil {
		return plan.Previous(ctx, p.repo, until)
	}
	_, err := p.repo.Resolve(ctx, *from)
	return *from, err
}

// newHistory returns a repository's changes as the app wants them listed.
func newHistory(ctx context.Context, repo git.Repo, of *app.App) changelog.History {
	sections := make([]changelog.Section, len(of.Config.Changelog.Sections))
	for i, section := range of.Config.Changelog.Sections {
		sections[i] = changelog.Section(section)
	}
	address, _ := plan.Address(ctx, repo)    // without one there are no links
	prefix, _ := repo.WorkTree().Prefix(ctx) // without a repository, nothing is read
	return changelog.History{
		Repo:     repo,
		Sections: sections,
		Links:    changelog.Links{Repository: address},
		Folder:   prefix != "" && !of.Foreign,
		File:     of.Config.Changelog.File,
		Written:  of.Config.Changelog.Written,
	}
}
