package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// badge is the effect that GitHub's badge follows the highest healthy release that
// is out.
type badge struct {
	shared *published
	forge  badger

	target candidate
	seen   *step.State
}

// Title implements Effect.
func (b *badge) Title() string { return `give GitHub's badge "Latest"` }

// Done implements step.Work.
func (b *badge) Done(ctx context.Context) (step.State, error) {
	if b.seen != nil { // Do ended with a look
		return *b.seen, nil
	}
	if state, err := b.shared.proven(ctx); err != nil || state.Status != "" {
		return state, err
	}
	switch {
	case !mayMove(b.shared.state):
		return step.State{Status: step.Absent, Why: "it is a prerelease"}, nil
	case b.shared.draft.Draft:
		return toDo("the release is a draft"), nil
	}
	if b.shared.finished() {
		if now, order := b.shared.badgeNow(ctx); order >= 0 {
			return isDone("GitHub's latest release is " + now.Tag()), nil
		}
	}
	return b.look(ctx)
}

func (b *badge) look(ctx context.Context) (step.State, error) {
	ranking := b.shared.tools.ranking
	var err error
	if b.target, err = ranking.highest(ctx, anyLine(), b.shared.state, true); err != nil {
		return step.State{}, err
	}
	now, err := b.forge.Latest(ctx)
	if err != nil {
		return step.State{}, err
	}
	is, unknown := version.ParseLegacyTag(now)
	moves := unknown != nil || is.Compare(b.target.version) < 0 // what has it may be no release of ours
	if !moves {
		if moves, err = ranking.overtakes(ctx, b.target, is); err != nil {
			return step.State{}, err
		}
		// Promote undoes what it did for a release that is rolled back by now.
		moves = moves && now != b.shared.state.Tag
	}
	if moves {
		return toDo("it is to be " + b.target.version.Tag() + "'s"), nil
	}
	return isDone("GitHub's latest release is " + now), nil
}

// Do implements step.Work.
func (b *badge) Do(ctx context.Context) error {
	b.shared.moved = true
	give := func(ctx context.Context, round int) error {
		latest := true
		_, err := b.forge.Edit(ctx, b.target.release.ID, github.Edit{MakeLatest: &latest})
		if err != nil && !retryable(err) {
			return fmt.Errorf("make %s GitHub's latest release: %w", b.target.version.Tag(), err)
		}
		// GitHub's answer may lag behind.
		if err := b.shared.tools.policy.Wait(ctx, min(round, step.Attempts-1)); err != nil {
			return err
		}
		return b.leaveRolledBack(ctx)
	}
	var err error
	b.seen, err = repeat(ctx, give, b.look, "changing GitHub's latest release")
	return err
}
