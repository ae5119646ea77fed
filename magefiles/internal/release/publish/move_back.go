package publish

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// moveBack is the effect that a moving tag that names a rolled-back release names
// the highest one that stands. After moving it looks again, as moveTag does:
// another release may have been recorded as healthy meanwhile.
type moveBack struct {
	tools    tools
	registry tagger
	move     Move
	state    State // of the rolled-back release

	ours   string // what the tag named last, as far as it is this run's to move
	target Move
	seen   *step.State
}

// Title implements Effect.
func (m *moveBack) Title() string { return "move " + m.move.Tag + of(m.move.Image) + " back" }

// own returns the digest of the rolled-back release.
func (m *moveBack) own() string { return m.state.image(m.move.Image).Digest }

// Done implements step.Work.
func (m *moveBack) Done(ctx context.Context) (step.State, error) {
	if m.seen != nil { // Do ended with a look
		return *m.seen, nil
	}
	m.ours = cmp.Or(m.ours, m.own())
	return m.look(ctx)
}

func (m *moveBack) look(ctx context.Context) (step.State, error) {
	now, err := m.registry.Digest(ctx, m.move.Tag)
	if err != nil {
		return step.State{}, err
	}
	if now != m.ours {
		return isDone("it does not name " + m.state.Version + ": it stays"), nil
	}
	if m.target, err = m.tools.ranking.standing(ctx, m.move, m.state); err != nil {
		return step.State{}, err
	}
	switch {
	case m.target.From == now && now != m.own():
		return isDone(""), nil
	case m.target.From == "" || m.target.From == now:
		m.tools.warn(
			"%s named nothing before %s that still stands: there is nothing to go back to, and it stays; "+
				"release the next version",
			m.move.Tag+of(m.move.Image),
			m.state.Version,
		)
		return isDone("there is nothing to go back to"), nil
	}
	return toDo("it is to name " + cmp.Or(m.target.Was, m.target.From)), nil
}

// Do implements step.Work.
func (m *moveBack) Do(ctx context.Context) error {
	back := func(ctx context.Context, _ int) error {
		where := "back to " + cmp.Or(m.target.Was, m.target.From)
		to := &retag{m.registry, m.move.Tag, m.ours, m.target.From, where, m.move.Image}
		err := ensure(ctx, m.tools.policy, to)
		if err == nil {
			m.ours = m.target.From
		}
		return err
	}
	var err error
	m.seen, err = repeat(ctx, back, m.look, "moving "+m.move.Tag+of(m.move.Image))
	return err
}

// standing returns what a moving tag is to name in place of a rolled-back release: the
// highest release of its line that is recorded as healthy, or what it named
// before, if that is higher.
func (r ranking) standing(ctx context.Context, move Move, state State) (Move, error) {
	before, err := r.earlier(ctx, move)
	if err != nil {
		return Move{}, err
	}
	line := lineOf(move)
	best, err := r.otherThan(ctx, line, state, false)
	if err != nil || best == nil {
		return before, err
	}
	if before.From != "" {
		was, err := r.versionOf(ctx, line, before, state)
		if err != nil || was != nil && was.Compare(best.version) > 0 {
			return before, err
		}
	}
	move.From, move.Was = best.state.image(r.image).Digest, best.version.String()
	return move, nil
}

// earlier goes back from a move to the last release that was not rolled back.
func (r ranking) earlier(ctx context.Context, move Move) (Move, error) {
	for range rounds {
		earlier, err := r.stateOf(ctx, "v"+strings.TrimPrefix(move.Was, "v"))
		if err != nil || earlier == nil || earlier.RolledBack == "" {
			return move, err
		}
		at := slices.IndexFunc(earlier.Moved, func(m Move) bool { return m.Tag == move.Tag && m.Image == move.Image })
		if at < 0 {
			return Move{}, nil
		}
		move = earlier.Moved[at]
	}
	return Move{}, nil
}

// versionOf returns the version of what a tag named before. An image that does not
// say it counts as the highest other release that is out; nil when there is none.
func (r ranking) versionOf(ctx context.Context, line line, before Move, state State) (*version.Version, error) {
	if was, err := version.ParseStated(before.Was); err == nil {
		return &was, nil
	}
	own, err := version.ParseTag(state.Tag)
	if err != nil {
		return nil, err
	}
	return r.highestOut(ctx, line, own)
}
