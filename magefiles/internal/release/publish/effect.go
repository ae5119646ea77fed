package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Effect is one change to the outside that a release consists of. Done looks
// whether it is so, and changes nothing outside; Do makes it so. What can't be
// done yet, since an effect before it is not, is "to do", and no error.
type Effect interface {
	Title() string
	step.Work
}

// rounds bounds how often a name is looked at again: each time another release
// was faster.
const rounds = 10

// repeat changes what several releases may change at once, and looks at it again, until it is so. The state that was
// seen then is returned. The error says what other releases kept doing when it still is not so.
func repeat(
	ctx context.Context,
	change func(ctx context.Context, round int) error,
	look func(context.Context) (step.State, error),
	doing string,
) (*step.State, error) {
	for round := range rounds {
		if err := change(ctx, round); err != nil {
			return nil, final(err)
		}
		state, err := look(ctx)
		if err != nil {
			return nil, final(err)
		}
		if state.Is() {
			return &state, nil
		}
	}
	return nil, final(fmt.Errorf("other releases kept %s; run this again", doing))
}

// inOrder is an effect that does nothing before its turn, whoever runs it.
type inOrder struct {
	Effect
	turn func(context.Context) (step.State, error) // why it has to wait, or need not be done; none when it is its turn
}

// Do implements step.Work.
func (e inOrder) Do(ctx context.Context) error {
	state, err := e.turn(ctx)
	if err == nil && state.Status == step.ToDo {
		err = errors.New(state.Why)
	}
	if err != nil {
		return final(err)
	}
	return e.Effect.Do(ctx)
}

// inTurn are effects that do nothing before their turn.
func inTurn(turn func(context.Context) (step.State, error), effects ...Effect) []Effect {
	list := make([]Effect, len(effects))
	for i, effect := range effects {
		list[i] = inOrder{effect, turn}
	}
	return list
}

// ensure makes effects so, in their order, until one fails.
func ensure(ctx context.Context, policy step.Policy, effects ...Effect) error {
	for _, effect := range effects {
		if err := policy.Ensure(ctx, effect.Title(), effect); err != nil {
			return err
		}
	}
	return nil
}

func isDone(why string) step.State { return step.State{Status: step.Done, Why: why} }
func toDo(why string) step.State   { return step.State{Status: step.ToDo, Why: why} }

// doneIf returns the state of what is so or not; why says what is missing.
func doneIf(so bool, why string) step.State {
	if so {
		return isDone("")
	}
	return toDo(why)
}

// finalError is a failure that the effect has dealt with: it is not tried again.
type finalError struct{ error }

func (f finalError) Unwrap() error { return f.error }

// final says that a failure is not to be tried again.
func final(err error) error {
	if err == nil {
		return nil
	}
	return finalError{err}
}

// retryable reports whether a failure may be gone the next time: no answer, or a
// server's own trouble. A refusal stays one.
func retryable(err error) bool {
	if errors.As(err, new(finalError)) || errors.Is(err, errChanged) || errors.Is(err, errOther) {
		return false
	}
	status := github.Status(err)
	var refusal *registry.RefusedError
	if errors.As(err, &refusal) {
		status = refusal.Status
	}
	return status == 0 || status >= http.StatusInternalServerError || status == http.StatusConflict ||
		status == http.StatusTooManyRequests ||
		status == http.StatusRequestTimeout
}
