package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// attempts is how often a step acts, or looks for what it did.
const attempts = 4

// step is one effect on the outside.
type step struct {
	name string                                  // such as: name the image 1.7.3
	look func(ctx context.Context) (bool, error) // whether it is so already
	do   func(ctx context.Context) error
}

// settle makes it so. It acts only when a look says that it is not so yet, and
// believes only what it sees afterwards: an answer may be lost although the
// act took effect.
func (r Release) settle(ctx context.Context, s step) error {
	var failed error
	outcome := "it is so already"
	for attempt := 0; ; attempt++ {
		last := attempt == attempts // it only looks, and at once
		if attempt > 1 && !last {
			if err := r.wait(ctx, attempt-2); err != nil {
				return err
			}
		}
		there, err := s.look(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", s.name, err)
		case there:
			r.Say("%s: %s", s.name, outcome)
			return nil
		case failed != nil && (last || !passing(failed)):
			return fmt.Errorf("%s: %w", s.name, failed)
		case last:
			return fmt.Errorf("%s: it was accepted, but does not show; run this again later", s.name)
		case attempt > 0 && failed == nil:
			continue // it was accepted: it only has to show
		}
		failed = s.do(ctx)
		outcome = "done"
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// wait is the pause before another attempt, each twice as long as the one
// before. pauses is how many there were so far.
func (r Release) wait(ctx context.Context, pauses int) error {
	pause := r.Pause
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

// passing tells whether a failure may be gone the next time: no answer, or a
// server's own trouble. A refusal stays one.
func passing(err error) bool {
	if errors.Is(err, errChanged) || errors.Is(err, errOther) {
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
