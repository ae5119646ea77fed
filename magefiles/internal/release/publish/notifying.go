package publish

import (
	"context"
	"maps"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// notifying is what the effects of Notifying share.
type notifying struct {
	published
	failed bool // an announcement; what it left is recorded
}

// out returns the state of an effect that has to wait until the release is out; none
// when it is. state is how the effect ended, if it has.
func (n *notifying) out(ctx context.Context, ended *string) (step.State, error) {
	state, err := n.proven(ctx)
	switch {
	case err != nil || state.Status != "":
		return state, err
	case n.draft.Draft:
		return toDo("the release is not public yet"), nil
	case ended == nil || *ended == "":
		return step.State{}, nil
	case *ended == stateNone || *ended == DocsElsewhere:
		return step.State{Status: step.Absent, Why: *ended}, nil
	}
	return isDone("already done (" + *ended + ")"), nil
}

// leaveOut says that nothing is announced where there is no channel any more, or never was.
func (n *notifying) leaveOut() {
	kinds := append(slices.Collect(maps.Keys(n.state.Announcements)), announce.KindDiscord)
	for _, kind := range kinds {
		if !slices.ContainsFunc(n.release.Channels, func(c Channel) bool { return c.Kind == kind }) &&
			n.state.announced(kind).State == "" {
			n.state.announce(kind, Announced{State: stateNone})
		}
	}
}

// recordNotified is the effect that the state says who was notified.
type recordNotified struct{ shared *notifying }

// Title implements Effect.
func (e *recordNotified) Title() string {
	return "record it in " + RecordRef(e.shared.release.Plan.Tag)
}

// Done implements step.Work.
func (e *recordNotified) Done(ctx context.Context) (step.State, error) {
	if state, err := e.shared.out(ctx, nil); err != nil || state.Status != "" {
		return state, err
	}
	e.shared.leaveOut()
	if e.shared.failed || sumOf(e.shared.state.JSON()) == e.shared.state.sum {
		return isDone(""), nil
	}
	return toDo("who was notified is not recorded"), nil
}

// Do implements step.Work.
func (e *recordNotified) Do(ctx context.Context) error {
	return final(e.shared.tools.states.store(ctx, e.shared.draft, &e.shared.state))
}
