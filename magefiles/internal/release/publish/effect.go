package publish

import (
	"context"
	"errors"
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

// doneIf is the state of what is so or not; why says what is missing.
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

// retryable tells whether a failure may be gone the next time: no answer, or a
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
