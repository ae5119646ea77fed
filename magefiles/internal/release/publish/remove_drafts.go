package publish

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// removeDrafts is the effect that a release that goes out has no other drafts,
// whatever of its files they have.
type removeDrafts struct {
	shared *published
	forge  drafter

	duplicates duplicates
}

// Title implements Effect.
func (d *removeDrafts) Title() string { return "delete other drafts of " + d.shared.release.Plan.Tag }

// Done implements step.Work.
func (d *removeDrafts) Done(ctx context.Context) (step.State, error) {
	if state, err := d.shared.asDraft(ctx); err != nil || state.Status != "" {
		return state, err
	}
	releases, err := d.forge.Releases(ctx)
	if err != nil {
		return step.State{}, err
	}
	d.duplicates.title = titleOf(d.shared.release)
	files := []string{StateFile, StateFile + signature.Suffix}
	for _, file := range d.shared.state.Files {
		files = append(files, file.Name)
	}
	n, err := d.duplicates.find(ctx, d.shared.tools.files.forge, releases, d.shared.draft, files...)
	return doneIf(n == 0, "there is another draft of it"), err
}

// Do implements step.Work.
func (d *removeDrafts) Do(ctx context.Context) error { return d.duplicates.remove(ctx, d.forge) }
