package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// pulled is the result for an image that is not started.
const pulled = "pulled"

// Further checks an image besides the app's own: Check.Image. It pulls the image and, if Check.Further says so,
// starts it: the command must exit with 0, or the path must answer with status 200. Its errors, and what it
// removes, are the same as for Image.
func Further(ctx context.Context, runner *run.Runner, temporary *scratch.Run, log Log, check Check) (Health, error) {
	how := check.Further
	check.Config = app.Verify{Env: how.Env, Timeout: how.Timeout}
	if how.Health != "" {
		check.Config.Port = how.Port
	}
	seen, err := newVerification(runner, temporary, log, check).further(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // the failure is only a consequence
	}
	if err != nil {
		return Health{}, fmt.Errorf("%s: %s: %s: %w", verifyTarget, check.Platform, check.Image, err)
	}
	log.Infof("%s: %s: %s", check.Platform, check.Image, seen)
	return Health{Image: check.Image, Platform: check.Platform, Digest: check.Digest, Seen: seen}, nil
}

func (v *verification) further(ctx context.Context) (seen string, err error) {
	if err := v.prepareEngine(ctx); err != nil {
		return "", err
	}
	defer v.clean(ctx)
	if err := v.images.obtain(ctx, v.Digest); err != nil {
		return "", err
	}
	how := v.Further
	if how.Health == "" && len(how.Command) == 0 {
		return pulled, nil
	}
	err = v.with(ctx, v.Digest, data{values: newValues(v.secret, v.Learn)}, func(s *service) error {
		limit := time.Duration(how.Timeout)
		if s.foreign() { // emulation is slow
			limit *= 2
		}
		ctx, cancel := context.WithDeadlineCause(ctx, s.started.Add(limit), fmt.Errorf("it took longer than %s", limit))
		defer cancel()
		if how.Health == "" {
			seen = strings.Join(how.Command, " ") + " exits with 0"
			return poll(
				ctx,
				func(ctx context.Context) error { return ends(ctx, s.container, strings.Join(how.Command, " ")) },
			)
		}
		seen = "GET " + how.Health + " answers 200"
		if err := poll(ctx, func(ctx context.Context) error { return answersOK(ctx, s) }); err != nil {
			return err
		}
		v.log.Infof("%s: %s answers after %s", v.Platform, v.Image, report.Seconds(time.Since(s.started)))
		return s.alive(ctx)
	})
	return seen, err
}

// answersOK requests the path of a further image once.
func answersOK(ctx context.Context, s *service) error {
	path := s.Further.Health
	answer, err := s.ask(ctx, http.MethodGet, path, nil)
	if err == nil && answer.status != http.StatusOK {
		err = notYetError{answer.unexpected(path, "200")}
	}
	return err
}

// ends checks once whether the container's command has exited with 0.
func ends(ctx context.Context, c *container, command string) error {
	found, err := c.state(ctx)
	switch {
	case err != nil:
		return err
	case found.Running:
		return notYetError{errors.New(command + " still runs")}
	case found.OOMKilled:
		return fmt.Errorf("%s exited with code %d, out of memory", command, found.ExitCode)
	case found.ExitCode != 0:
		return fmt.Errorf("%s exited with code %d, expected 0", command, found.ExitCode)
	}
	return nil
}
