package publish

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// recordState is the effect that the state of a release is kept. It replaces just the one
// that it was made from: where that is not there any more, another run was faster, and
// what that recorded stays.
type recordState struct {
	states  states
	release github.Release
	state   *State

	head string // where the record is now
}

// effect returns the effect that the state of a release is kept.
func (s states) effect(release github.Release, state *State) *recordState {
	return &recordState{states: s, release: release, state: state}
}

// store keeps the state of a release.
func (s states) store(ctx context.Context, release github.Release, state *State) error {
	return ensure(ctx, s.policy, s.effect(release, state))
}

// Title implements Effect.
func (e *recordState) Title() string { return "record it in " + RecordRef(e.release.Tag) }

// Done implements step.Work.
func (e *recordState) Done(ctx context.Context) (step.State, error) {
	e.state.Release = e.release.ID
	sum := sumOf(e.state.JSON())
	var err error
	if e.head, err = e.states.records.Head(ctx, recordsBelow+e.release.Tag); err != nil {
		return step.State{}, err
	}
	switch e.head {
	case "":
		return toDo("there is none yet"), nil
	case e.state.base: // its content is known
		return doneIf(sum == e.state.sum, "what is recorded is another state"), nil
	}
	now, err := e.states.read(ctx, e.release.Tag)
	if errors.Is(err, errUnreadable) {
		return toDo(err.Error()), nil
	}
	if err != nil {
		return step.State{}, err
	}
	e.head = now.head
	if now.state != nil && now.state.sum == sum {
		e.state.base, e.state.sum = now.head, sum
		return isDone(""), nil
	}
	return toDo("what is recorded is another state"), nil
}

// Do implements step.Work.
func (e *recordState) Do(ctx context.Context) error {
	if e.head != e.state.base {
		return errChanged
	}
	content := e.state.JSON()
	message := e.release.Tag + ": " + e.state.phase() + "\n"
	commit, err := e.states.records.Append(ctx, recordsBelow+e.release.Tag, e.head, message,
		map[string][]byte{StateFile: content})
	if errors.Is(err, github.ErrMoved) {
		return e.moved(ctx, err)
	}
	if err == nil {
		e.state.base, e.state.sum = commit, sumOf(content)
	}
	return err
}

// moved returns what it means that the record has moved: this run may have moved it itself,
// without an answer, or another run has.
func (e *recordState) moved(ctx context.Context, cause error) error {
	state, err := e.Done(ctx)
	if err != nil || state.Is() {
		return err
	}
	return errors.Join(errChanged, cause)
}
