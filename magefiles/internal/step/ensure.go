package step

import (
	"context"
	"fmt"
	"time"
)

// Attempts is how many times an effect is tried, or looked for after the server accepted it.
const Attempts = 4

// Policy says how an effect on another system is retried.
type Policy struct {
	Pause     time.Duration    // before the third attempt, twice as long before the fourth; 0 means 2 s
	Retryable func(error) bool // whether the error may be temporary
	Say       func(format string, args ...any)
}

// Ensure applies an effect to another system. It calls Do only if Done says that the work is not done yet, and then
// calls Done again, because an answer may be lost although the request took effect.
func (p Policy) Ensure(ctx context.Context, name string, effect Work) error {
	var failed error
	var acted bool
	for attempt := 0; ; attempt++ {
		last := attempt == Attempts // the last attempt only checks, and does not wait
		if attempt > 1 && !last {
			if err := p.Wait(ctx, attempt-2); err != nil {
				return err
			}
		}
		state, err := effect.Done(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case state.Is():
			p.Say("%s: %s", name, p.outcome(state, acted))
			return nil
		case failed != nil && (last || !p.Retryable(failed)):
			return fmt.Errorf("%s: %w", name, failed)
		case last:
			return fmt.Errorf("%s: the change was accepted, but is not visible yet; run this again later", name)
		case attempt > 0 && failed == nil:
			continue // it was accepted, but is not visible yet
		}
		failed = effect.Do(ctx)
		acted = true
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func (p Policy) outcome(state State, acted bool) string {
	switch {
	case acted:
		return "done"
	case state.Why != "":
		return state.Why
	}
	return "already done"
}

// Wait pauses before another attempt, twice as long each time. pauses is the number of pauses so far.
func (p Policy) Wait(ctx context.Context, pauses int) error {
	pause := p.Pause
	if pause == 0 {
		pause = 2 * time.Second
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause << pauses):
		return nil
	}
}
