package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
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
	acted := false
	for attempt := range attempts {
		if attempt > 1 {
			if err := r.wait(ctx, attempt); err != nil {
				return err
			}
		}
		there, err := s.look(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", s.name, err)
		case there:
			if acted {
				r.Say("%s: done", s.name)
			} else {
				r.Say("%s: it is so already", s.name)
			}
			return nil
		case failed != nil && !passing(failed):
			return fmt.Errorf("%s: %w", s.name, failed)
		case acted && failed == nil:
			continue // it was accepted: it only has to show
		}
		failed = s.do(ctx)
		acted = true
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return r.confirm(ctx, s, failed)
}

// confirm is the last look.
func (r Release) confirm(ctx context.Context, s step, failed error) error {
	there, err := s.look(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", s.name, err)
	case there:
		r.Say("%s: done", s.name)
		return nil
	case failed != nil:
		return fmt.Errorf("%s: %w", s.name, failed)
	}
	return fmt.Errorf("%s: it was accepted, but does not show; run this again later", s.name)
}

// wait is the pause before another attempt.
func (r Release) wait(ctx context.Context, attempt int) error {
	pause := r.Pause
	if pause == 0 {
		pause = 2 * time.Second
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause << (attempt - 2)):
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
	var refusal *image.RefusalError
	if errors.As(err, &refusal) {
		status = refusal.Status
	}
	return status == 0 || status >= http.StatusInternalServerError || status == http.StatusConflict || status == http.StatusTooManyRequests ||
		status == http.StatusRequestTimeout
}
