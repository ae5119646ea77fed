package step

import (
	"context"
	"fmt"
	"time"
)

// Attempts is how often an effect is tried, or looked for after it was accepted.
const Attempts = 4

// Policy is how an effect on another system is repeated.
type Policy struct {
	Pause     time.Duration    // before the third attempt, twice as long before the fourth; 0 means 2 s
	Retryable func(error) bool // whether a failure may be gone the next time
	Say       func(format string, args ...any)
}

// Ensure makes an effect on another system so. It acts only when a look says
// that it is not so yet, and believes only what it sees afterwards: an answer
// may be lost although the request took effect.
func (p Policy) Ensure(ctx context.Context, name string, effect Work) error {
	var failed error
	var acted bool
	for attempt := 0; ; attempt++ {
		last := attempt == Attempts // it only looks, and at once
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
			continue // it was accepted: it only has to show
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

// Wait is the pause before another attempt, each twice as long as the one
// before. pauses is how many there were so far.
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
