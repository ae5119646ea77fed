package publish

import (
	"context"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// removeLeftovers is the effect that a draft has nothing that an earlier build
// attached and this one does not have. What others attached stays.
type removeLeftovers struct {
	shared *publishing
	forge  interface {
		Release(ctx context.Context, id int64) (github.Release, error)
		DeleteAsset(ctx context.Context, id int64) error
	}

	left []github.Asset
}

// Title implements Effect.
func (l *removeLeftovers) Title() string { return "remove what only an earlier build attached" }

// Done implements step.Work.
func (l *removeLeftovers) Done(ctx context.Context) (step.State, error) {
	assets, state, err := l.shared.attached(ctx)
	if err != nil || state.Status != "" {
		return state, err
	}
	earlier := l.shared.found.State
	if !l.shared.draft.Draft || earlier == nil {
		return step.State{Status: step.Absent, Why: "there is nothing of an earlier build"}, nil
	}
	l.left = nil
	for _, asset := range assets {
		named := func(f artifact.File) bool { return f.Name == asset.Name }
		if slices.ContainsFunc(earlier.Files, named) && !slices.ContainsFunc(l.shared.state.Files, named) {
			l.left = append(l.left, asset)
		}
	}
	if len(l.left) > 0 {
		if err := l.shared.lookAgain(ctx, l.forge); err != nil {
			return step.State{}, err
		}
		if !l.shared.draft.Draft {
			return step.State{Status: step.Absent, Why: "another run has published the release"}, nil
		}
	}
	return doneIf(len(l.left) == 0, fmt.Sprintf("%d files are left", len(l.left))), nil
}

// Do implements step.Work.
func (l *removeLeftovers) Do(ctx context.Context) error {
	l.shared.assets.forget()
	for _, asset := range l.left {
		if err := l.forge.DeleteAsset(ctx, asset.ID); err != nil {
			return fmt.Errorf("remove %s, which an earlier build attached: %w", asset.Name, err)
		}
	}
	return nil
}
