package publish

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// standsStill is the effect that nothing follows a release that was rolled back
// while it was promoted.
type standsStill struct {
	shared *published

	now    *State // that of a release that was rolled back
	undone bool
}

// Title implements Effect.
func (s *standsStill) Title() string {
	return "check that nobody rolled " + s.shared.release.Plan.Tag + " back"
}

// Done implements step.Work.
func (s *standsStill) Done(ctx context.Context) (step.State, error) {
	switch {
	case s.undone:
		return isDone(""), nil
	case s.now != nil: // it was not undone: the failure must not be taken for an end
		return toDo("it was rolled back: " + s.now.RolledBack), nil
	}
	if state, err := s.shared.proven(ctx); err != nil || state.Status != "" {
		return state, err
	}
	if s.shared.finished() && !s.shared.moved {
		return isDone(""), nil
	}
	now, err := s.shared.tools.states.stored(ctx, s.shared.draft)
	if err != nil || now == nil || now.RolledBack == "" {
		return isDone(""), err
	}
	s.now = now
	return toDo("it was rolled back: " + now.RolledBack), nil
}

// Do implements step.Work.
func (s *standsStill) Do(ctx context.Context) error {
	s.shared.state = *s.now
	err := s.shared.undo(ctx)
	s.undone = err == nil
	return final(err)
}
