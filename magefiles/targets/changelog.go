package targets

import (
	"context"
	"errors"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
)

// Changelog tells the changes of a git repository, any project's, on standard output.
// It writes the release notes for -from (the last release, unless said
// otherwise) to -to (HEAD); with -all, the whole history as CHANGELOG.md.
func Changelog(ctx context.Context, from, to *string, all *bool) error {
	found, err := app.Find(".")
	if errors.Is(err, app.ErrNoApp) {
		found, err = app.Default(".")
	}
	if err != nil {
		return err
	}
	return withApp(ctx, found, func(ctx context.Context, p *pipeline) error {
		if err := plan.Whole(ctx, p.repo); err != nil {
			return err
		}
		until := "HEAD"
		if to != nil {
			until = *to
		}
		if _, err := p.repo.Resolve(ctx, until); err != nil {
			return err
		}
		history := p.history(ctx)
		if all != nil && *all {
			return history.All(ctx, until, os.Stdout)
		}
		since, err := p.since(ctx, from, until)
		if err != nil {
			return err
		}
		notes, err := history.Between(ctx, since, until)
		if err != nil {
			return err
		}
		return changelog.WriteNotes(os.Stdout, notes, history.Sections, history.Links)
	})
}

// since is the revision that notes begin after: what was asked for, else the
// last release before.
func (p *pipeline) since(ctx context.Context, from *string, until string) (string, error) {
	if from == nil {
		return plan.Previous(ctx, p.repo, until)
	}
	_, err := p.repo.Resolve(ctx, *from)
	return *from, err
}

func (p *pipeline) history(ctx context.Context) changelog.History {
	var sections []changelog.Section
	for _, section := range p.app.Config.Changelog.Sections {
		sections = append(sections, changelog.Section(section))
	}
	address, _ := plan.Address(ctx, p.repo) // without one there are no links
	return changelog.History{Repo: p.repo, Sections: sections, Links: changelog.Links{Repository: address}}
}
