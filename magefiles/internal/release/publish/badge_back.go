package publish

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// badgeBack is the effect that GitHub's badge, where a rolled-back release has it,
// is the highest healthy release's that is out, or that of the one that had it
// before, if that is higher. Then it looks again, as moveBack does.
type badgeBack struct {
	tools tools
	forge badger
	state State // of the rolled-back release

	ours   string // who had it last, as far as it is this run's to move
	target *github.Release
	seen   *step.State
}

// Title implements Effect.
func (b *badgeBack) Title() string { return `give GitHub's badge "Latest" back` }

// Done implements step.Work.
func (b *badgeBack) Done(ctx context.Context) (step.State, error) {
	if b.seen != nil { // Do ended with a look
		return *b.seen, nil
	}
	if b.ours == "" {
		b.ours = b.state.Tag
	}
	return b.look(ctx)
}

func (b *badgeBack) look(ctx context.Context) (step.State, error) {
	now, err := b.forge.Latest(ctx)
	if err != nil || now != b.ours {
		return isDone("another release has it"), err
	}
	if b.target, err = b.tools.ranking.badgeHolder(ctx, b.state); err != nil {
		return step.State{}, err
	}
	switch {
	case b.target == nil && now == b.state.Tag:
		return isDone("it is left to GitHub: no release had it before"), nil
	case b.target == nil || b.target.Tag == now:
		return isDone(""), nil
	}
	return toDo("it is to be " + b.target.Tag + "'s"), nil
}

// Do implements step.Work.
func (b *badgeBack) Do(ctx context.Context) error {
	give := func(ctx context.Context, _ int) error {
		err := ensure(ctx, b.tools.policy, &giveBadge{b.forge, *b.target, b.ours})
		if err == nil {
			b.ours = b.target.Tag
		}
		return err
	}
	var err error
	b.seen, err = repeat(ctx, give, b.look, "changing GitHub's latest release")
	return err
}

// giveBadge is the effect that another release has the badge than the one that
// has it now.
type giveBadge struct {
	forge badger
	to    github.Release
	from  string
}

// Title implements Effect.
func (g *giveBadge) Title() string { return "make " + g.to.Tag + " GitHub's latest release again" }

// Done implements step.Work.
func (g *giveBadge) Done(ctx context.Context) (step.State, error) {
	now, err := g.forge.Latest(ctx)
	return doneIf(now != g.from, g.from+" has it"), err
}

// Do implements step.Work.
func (g *giveBadge) Do(ctx context.Context) error {
	latest := true
	_, err := g.forge.Edit(ctx, g.to.ID, github.Edit{MakeLatest: &latest})
	return err
}

// badgeHolder returns the release that is to have the badge of a rolled-back one; nil
// when there is none.
func (r ranking) badgeHolder(ctx context.Context, state State) (*github.Release, error) {
	tag := state.Badge
	for range rounds {
		earlier, err := r.stateOf(ctx, tag)
		if err != nil {
			return nil, err
		}
		if earlier == nil || earlier.RolledBack == "" {
			break
		}
		tag = earlier.Badge
	}
	releases, err := r.forge.Releases(ctx)
	if err != nil {
		return nil, err
	}
	before := ours(releases, tag)
	if before != nil && (before.Draft || tag == state.Tag) {
		before = nil
	}
	best, err := r.otherThan(ctx, anyLine(), state, true)
	if err != nil || best == nil {
		return before, err
	}
	if before != nil {
		if had, err := version.ParseLegacyTag(before.Tag); err != nil || had.Compare(best.version) >= 0 {
			return before, nil //nolint:nilerr // what is no release of ours had it: it stays with that
		}
	}
	return &best.release, nil
}
