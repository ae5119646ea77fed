package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// wayBack verifies whether users can go back to the previous image.
type wayBack struct{ *verification }

// try starts the previous image on the data that the new image has migrated, and checks that it does what it did on
// its own data before. A failure of the image is the verdict, not an error. An error means that the engine failed,
// or that ctx has ended.
func (v wayBack) try(ctx context.Context, on data) (Back, error) {
	to := v.Previous.Version
	var wrote bool
	err := v.with(ctx, v.Previous.Digest, on, func(s *service) error {
		err := former{s}.works(ctx)
		if err == nil {
			wrote, err = former{s}.writes(ctx)
		}
		return err
	})
	var engine *engineError
	switch {
	case ctx.Err() != nil:
		return Back{}, context.Cause(ctx)
	case errors.As(err, &engine), errors.Is(err, ErrCannotStart):
		return Back{}, fmt.Errorf("go back to %s: %w", to, err)
	case err != nil:
		back := Back{Verdict: Irreversible, To: to, Why: reason(err)}
		v.log.Warnf("%s: THERE IS NO WAY BACK TO %s WITHOUT A BACKUP: %s", v.Platform, to, back.Why)
		return back, nil
	}
	does := "works"
	if wrote {
		does = "reads and writes"
	}
	v.log.Infof("%s: %s %s on the data that %s has migrated", v.Platform, to, does, v.Version)
	return Back{Verdict: Reversible, To: to}, nil
}

// former is the running previous image.
type former struct{ *service }

// works waits until the previous image is healthy on the migrated data, and repeats the requests that it answered
// before.
func (s former) works(ctx context.Context) error {
	if err := s.answersOrEnds(ctx, s.Previous.Version); err != nil {
		return err
	}
	if err := s.prepare(ctx, true); err != nil {
		return err
	}
	if err := s.probe().look(ctx); err != nil {
		return err
	}
	for _, expected := range s.previous.answered {
		if err := s.answersOne(ctx, expected); err != nil {
			return fmt.Errorf("GET %w", err)
		}
	}
	return nil
}

// previous is what was observed of the previous image on its own data.
type previous struct {
	took     time.Duration // time until it was healthy
	answered []app.Answer  // the requests of verify.after that it answers, too
}

// know records what the previous image does on its own data. The requests of verify.after are made for the new
// image, and may ask for something that only the new one has.
func (s former) know(ctx context.Context) error {
	for _, expected := range s.Config.After {
		err := s.answersOne(ctx, expected)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			s.previous.answered = append(s.previous.answered, expected)
		}
	}
	return nil
}

// seenDown is how many checks must find a program of supervisord down before the image counts as failed. In
// between, supervisord restarts the program.
const seenDown = 3

// answersOrEnds is like answers, for an image that may never become healthy. If it takes much longer than before,
// it also asks supervisord, and gives up early if a program does not run.
func (s former) answersOrEnds(ctx context.Context, version string) error {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	patience, down := max(2*s.previous.took, 3*time.Second), 0
	return poll(ctx, func(ctx context.Context) error {
		err := s.askHealth(ctx, version)
		var later notYetError
		if !errors.As(err, &later) || time.Since(s.started) < patience {
			return err
		}
		var program *downError
		if _, listed := s.programs(ctx); errors.As(listed, &program) {
			if down++; down == seenDown || program.state == "FATAL" {
				return fmt.Errorf("%w; %w", program, later.error)
			}
		}
		return err
	})
}

// writes stores the probe record a second time. It reports false if that proves nothing: no record can be stored,
// or the app refuses a second one or fails at it, on its own data, too.
func (s former) writes(ctx context.Context) (bool, error) {
	if s.Config.Probe.Absent != "" {
		return false, nil
	}
	stored, err := s.probe().post(ctx)
	if err != nil || stored.status < http.StatusInternalServerError {
		return stored.status < http.StatusBadRequest, err
	}
	failure := fmt.Errorf("store another record: POST %w", stored.unexpected(s.Config.Probe.Path, "201"))
	fails, err := wayBack{s.verification}.failsAtTwins(ctx)
	if err != nil || fails {
		return false, err
	}
	return false, failure
}

// failsAtTwins reports whether the previous image, on its own data, answers the second of two equal records with a
// server error.
func (v wayBack) failsAtTwins(ctx context.Context) (fails bool, err error) {
	empty, err := v.makeData(ctx)
	if err != nil {
		return false, err
	}
	return fails, v.with(ctx, v.Previous.Digest, empty, func(s *service) error {
		if err := s.answers(ctx, s.Previous.Version); err != nil {
			return err
		}
		if err := s.prepare(ctx, false); err != nil {
			return err
		}
		if err := s.probe().store(ctx); err != nil {
			return err
		}
		second, err := s.probe().post(ctx)
		fails = second.status >= http.StatusInternalServerError
		return err
	})
}

// longestReason is the most characters that are recorded of a failure.
const longestReason = 400

// reason formats a failure as one line.
func reason(err error) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.TrimSuffix(err.Error(), "; its log is empty"))
	if runes := []rune(text); len(runes) > longestReason {
		return string(runes[:longestReason]) + "…"
	}
	return text
}
