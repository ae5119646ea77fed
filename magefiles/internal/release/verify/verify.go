// Package verify starts an image and checks that it is healthy, on its own and on
// the data of the previous release.
package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

const verifyTarget = "image:verify"

// ErrCannotStart means that this machine has no emulator for a platform, so it is
// unknown whether the image is healthy.
var ErrCannotStart = errors.New(
	"this machine cannot start the platform; register an emulator for it (binfmt), or verify it on a machine " +
		"where the platform is native",
)

// Check says which image to verify on one platform.
type Check struct {
	Repository string               // repository to pull from, such as ghcr.io/owner/name
	Layout     string               // folder of an OCI layout to load from instead; may be ""
	Digest     string               // sha256:… of the platform's own image, not of the index
	Platform   string               // such as linux/arm64
	Version    string               // the version that it must report
	Previous   *Previous            // the previous release's image for the platform; nil if the registry has none
	Alone      string               // why Previous is nil; "" means that this is the first release
	Config     app.Verify           // how it is started and probed
	Image      string               // the name of an image besides the app's own, for Further
	Further    app.FurtherVerify    // how that image is started
	Database   string               // image of the PostgreSQL server for Config.Needs
	Credential *registry.Credential // for the registry, if Docker's own configuration has none; may be nil
	Learn      func(...string)      `json:"-"` // hides secrets in all output; may be nil
}

// Previous is the previous release's image for the same platform.
type Previous struct{ Version, Digest string }

// Health is the result for an image that proved healthy.
type Health struct {
	Image    string `json:"image,omitempty"` // the name of the image, "" for the app's own
	Platform string `json:"platform"`
	Digest   string `json:"digest"`
	Upgraded string `json:"upgraded,omitempty"` // the version whose data it was also started on, or ""
	Unproven string `json:"unproven,omitempty"` // version whose own image fails: the upgrade from it is unproven
	Back     Back   `json:"back,omitzero"`      // whether that version works on the data afterwards
	Seen     string `json:"seen,omitempty"`     // what was observed of an image besides the app's own
}

// Log receives what was observed, one line each; a *logrus.Logger implements it.
type Log interface {
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
}

// CanRun checks that a container engine is reachable and can start containers.
func CanRun(ctx context.Context, runner *run.Runner) error {
	_, err := NativePlatform(ctx, runner)
	return err
}

// NativePlatform returns the platform, such as linux/amd64, that the container engine runs without emulation. It
// fails if no engine is reachable.
func NativePlatform(ctx context.Context, runner *run.Runner) (string, error) {
	return (&engine{run: runner}).nativePlatform(ctx)
}

// Image starts an image without any data, waits until it is healthy and reports its version, with all its programs
// and its frontend, and checks that it stays healthy. It then starts the image on the data of the previous
// release's image (a volume, a database, or both, according to Config), and checks that the probe record is still
// there. Finally it starts the previous image on the migrated data, and asks it for the record: the result is
// Health.Back.
//
// If the previous image does not start, Image logs a warning and Health.Upgraded is
// "". A failure of the image itself is an error with the end of its log, and more of
// the log is shown. The error is ErrCannotStart when the machine has no emulator for
// the platform. Image removes its containers, volumes, networks and pulled images
// before it returns, and also those that a killed run left behind.
func Image(ctx context.Context, runner *run.Runner, temporary *scratch.Run, log Log, check Check) (Health, error) {
	health, err := newVerification(runner, temporary, log, check).begin(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // the failure is only a consequence
	}
	if err != nil {
		return Health{}, fmt.Errorf("%s: %s: %w", verifyTarget, check.Platform, err)
	}
	return health, nil
}

// verification is a check in progress.
type verification struct {
	Check
	*engine
	images   *fetcher
	scratch  *scratch.Run
	secret   string // the random password that all starts share
	previous previous
}

func newVerification(runner *run.Runner, temporary *scratch.Run, log Log, check Check) *verification {
	e := &engine{run: runner, log: log, platform: check.Platform}
	images := &fetcher{Check: check, engine: e, scratch: temporary, loaded: map[string]string{}}
	return &verification{Check: check, engine: e, images: images, scratch: temporary, secret: newSecret()}
}

func (v *verification) reference() string { return v.Repository + "@" + v.Digest }

// prepareEngine finds out the engine's platform, and prepares the labels of everything that is created.
func (v *verification) prepareEngine(ctx context.Context) (err error) {
	if v.own, err = v.nativePlatform(ctx); err != nil {
		return err
	}
	if v.labels, err = v.scratch.Labels(ctx, v.run); err != nil {
		return err
	}
	v.labels = append(v.labels, "--label", imageLabel+"="+v.reference())
	return nil
}

func (v *verification) begin(ctx context.Context) (Health, error) {
	if err := v.prepareEngine(ctx); err != nil {
		return Health{}, err
	}
	defer v.clean(ctx)
	if err := v.images.obtain(ctx, v.Digest); err != nil {
		return Health{}, err
	}
	if v.foreign() {
		v.log.Infof("%s: starting the image under emulation, which is slow", v.Platform)
	} else {
		v.log.Infof("%s: starting the image", v.Platform)
	}
	if without := v.Config.Without(); len(without) > 0 {
		v.log.Infof("%s: not checked, as release.yaml says: %s", v.Platform, strings.Join(without, ", "))
	}
	if err := v.fresh(ctx); err != nil {
		return Health{}, err
	}
	return v.upgrade(ctx)
}

// fresh starts the image without any data.
func (v *verification) fresh(ctx context.Context) error {
	empty, err := v.makeData(ctx)
	if err != nil {
		return err
	}
	return v.with(ctx, v.Digest, empty, func(s *service) error {
		programs, err := s.healthy(ctx, v.Version)
		if err != nil {
			return err
		}
		if err := s.prepare(ctx, false); err != nil {
			return err
		}
		v.log.Infof("%s: healthy as %s after %s", v.Platform, v.Version, report.Seconds(time.Since(s.started)))
		if err := s.staysUp(ctx, v.Version, programs); err != nil {
			return fmt.Errorf("it became healthy but did not stay healthy: %w", err)
		}
		return nil
	})
}

// upgrade starts the image on the data of the previous release, and then that release's image on the migrated data.
// The image is already known to be healthy on its own.
func (v *verification) upgrade(ctx context.Context) (Health, error) {
	health := Health{Platform: v.Platform, Digest: v.Digest}
	switch {
	case !v.Config.KeepsData():
		health.Back = Back{Verdict: Dataless} // there is nothing to upgrade
		return health, nil
	case v.Previous == nil:
		v.log.Infof("%s: no previous release in the registry to upgrade from", v.Platform)
		health.Back = noVerdict("", cmp.Or(v.Alone, FirstRelease))
		return health, nil
	}
	kept, err := v.makeData(ctx)
	if err != nil {
		return health, err
	}
	err = v.fill(ctx, kept)
	var unable *unableError
	switch {
	case ctx.Err() != nil:
		return health, context.Cause(ctx)
	case errors.As(err, &unable):
		v.log.Warnf(
			"%s: THE UPGRADE FROM %s IS NOT VERIFIED, its own image fails: %v",
			v.Platform,
			v.Previous.Version,
			unable.error,
		)
		health.Unproven = v.Previous.Version
		health.Back = noVerdict(v.Previous.Version, "its own image fails")
		return health, nil
	case err != nil && v.restarts():
		return health, fmt.Errorf("store data for starting the image again: %w", err)
	case err != nil:
		return health, fmt.Errorf("prepare the data of %s for the upgrade: %w", v.Previous.Version, err)
	}
	if err := v.migrate(ctx, kept); err != nil {
		return health, fmt.Errorf("%s: %w", v.transition(), err)
	}
	health.Upgraded = v.Previous.Version
	if !v.restarts() {
		health.Back, err = wayBack{v}.try(ctx, kept)
	}
	return health, err
}

// migrate starts the image on the data of the previous release.
func (v *verification) migrate(ctx context.Context, kept data) error {
	err := v.with(ctx, v.Digest, kept, func(s *service) error {
		if _, err := s.healthy(ctx, v.Version); err != nil {
			return err
		}
		if err := s.prepare(ctx, true); err != nil {
			return err
		}
		if err := errors.Join(s.probe().look(ctx), s.answersAfter(ctx)); err != nil || v.restarts() {
			return err
		}
		return s.stop(ctx) // data in memory must be saved, too
	})
	if err != nil {
		return err
	}
	seen := "the probe record is there"
	if absent := v.Config.Probe.Absent; absent != "" {
		seen = "no probe record to look for: " + absent
	}
	v.log.Infof("%s: %s, %s", v.Platform, v.transition(), seen)
	return nil
}

// restarts reports whether the image is used as its own predecessor, because there is no other.
func (v *verification) restarts() bool { return v.Previous.Digest == v.Digest }

// transition describes the data that the image was started on.
func (v *verification) transition() string {
	if v.restarts() {
		return "started again on its own data"
	}
	return "upgraded from " + v.Previous.Version
}

// unableError means that the previous release's image does not work itself.
type unableError struct{ error }

// fill stores the probe record with the previous release's image.
func (v *verification) fill(ctx context.Context, on data) error {
	if err := v.images.obtain(ctx, v.Previous.Digest); err != nil {
		return err
	}
	return v.with(ctx, v.Previous.Digest, on, func(s *service) error {
		if err := s.answers(ctx, v.Previous.Version); err != nil {
			return &unableError{err}
		}
		v.previous = previous{took: time.Since(s.started)}
		if err := s.prepare(ctx, false); err != nil {
			return fmt.Errorf("%w; correct verify.before in release.yaml", err)
		}
		if err := s.probe().store(ctx); err != nil {
			return fmt.Errorf(
				"%w; correct verify.probe in release.yaml, or set verify.probe.absent to the reason why none can "+
					"be stored",
				err,
			)
		}
		if err := (former{s}).know(ctx); err != nil {
			return err
		}
		return s.stop(ctx)
	})
}
