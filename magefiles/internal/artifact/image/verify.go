package image

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

const verifyTarget = "image:verify"

// ErrCannotStart says that this machine cannot start a platform at all, for
// lack of an emulator: its image is neither healthy nor unhealthy.
var ErrCannotStart = errors.New(
	"this machine cannot start the platform; register an emulator for it (binfmt), or verify it on a machine of its own",
)

// Check is an image to verify on one platform.
type Check struct {
	Repository string      // where it is pulled from, such as ghcr.io/owner/name
	Layout     string      // folder of an OCI layout that it is loaded from instead; "" for none
	Digest     string      // sha256:… of the platform's own image, not of the index
	Platform   string      // such as linux/arm64
	Version    string      // what it must report
	Previous   *Previous   // the previous release's image for the platform; nil when the registry has none
	Config     app.Verify  // how it is started and asked
	Database   string      // image of the PostgreSQL server for Config.Needs
	Credential *Credential // for the registry, when Docker's own configuration has none; nil for none
}

// Previous is the previous release's image for the same platform.
type Previous struct{ Version, Digest string }

// Health is what was seen of an image that proved healthy.
type Health struct {
	Platform string `json:"platform"`
	Digest   string `json:"digest"`
	Upgraded string `json:"upgraded,omitempty"` // the version whose volume it was started on as well, "" if on none
	Unproven string `json:"unproven,omitempty"` // the version whose own image fails, so that the upgrade from it is not proven
}

// Log is told what was seen, a line each; a *logrus.Logger is one.
type Log interface {
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
}

// CanRun tells whether a container engine answers that can start containers.
func CanRun(ctx context.Context, runner *run.Runner) error {
	_, err := NativePlatform(ctx, runner)
	return err
}

// NativePlatform is the platform, such as linux/amd64, that the container engine
// runs without emulation. It is an error when no engine answers.
func NativePlatform(ctx context.Context, runner *run.Runner) (string, error) {
	return (&verification{run: runner}).enginePlatform(ctx)
}

// Verify starts an image without any data and waits until it is healthy as
// its version, with all its programs and its frontend, and stays so. Then it
// starts it on the data of the previous release's image, a volume and a database
// as Config says, and looks whether the probe record is still there. A previous image
// that does not start is a warning, and Health.Upgraded is ""; whatever is wrong
// with the image itself is an error that carries the end of its log, the whole of
// which is shown. It is ErrCannotStart when the machine has no emulator for the
// platform. Containers, volumes, networks and pulled images are gone when it
// returns, and what a killed earlier run left is, too.
func Verify(ctx context.Context, runner *run.Runner, temporary *scratch.Run, log Log, check Check) (Health, error) {
	v := &verification{Check: check, run: runner, scratch: temporary, log: log}
	health, err := v.begin(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // what failed because of it is of no interest
	}
	if err != nil {
		return Health{}, fmt.Errorf("%s: %s: %w", verifyTarget, check.Platform, err)
	}
	return health, nil
}

// verification is one check under way, and what it made.
type verification struct {
	Check
	run     *run.Runner
	scratch *scratch.Run
	log     Log
	labels  []string // of what it makes
	own     string   // the engine's own platform

	containers, volumes, networks, images []string // to be removed

	loaded map[string]string // the engine's name of an image of the layout, by digest
}

func (v *verification) begin(ctx context.Context) (Health, error) {
	var err error
	if v.own, err = v.enginePlatform(ctx); err != nil {
		return Health{}, err
	}
	if v.labels, err = v.scratch.Labels(ctx, v.run); err != nil {
		return Health{}, err
	}
	v.labels = append(v.labels, "--label", imageLabel+"="+v.reference())
	defer v.clean(ctx)
	if err := v.obtain(ctx, v.Digest); err != nil {
		return Health{}, err
	}
	if v.foreign() {
		v.log.Infof("%s: starting it, emulated, which takes its time", v.Platform)
	} else {
		v.log.Infof("%s: starting it", v.Platform)
	}
	if without := v.Config.Without(); len(without) > 0 {
		v.log.Infof("%s: release.yaml says that it has no %s", v.Platform, strings.Join(without, ", "))
	}
	if err := v.fresh(ctx); err != nil {
		return Health{}, err
	}
	health := Health{Platform: v.Platform, Digest: v.Digest}
	if health.Upgraded, err = v.upgrade(ctx); err == nil && health.Upgraded == "" && v.Previous != nil {
		health.Unproven = v.Previous.Version
	}
	return health, err
}

// fresh starts the image without any data.
func (v *verification) fresh(ctx context.Context) error {
	empty, err := v.makeData(ctx)
	if err != nil {
		return err
	}
	return v.with(ctx, v.Digest, empty, func(c *container) error {
		programs, err := c.healthy(ctx, v.Version)
		if err != nil {
			return err
		}
		v.log.Infof("%s: healthy as %s after %s", v.Platform, v.Version, report.Seconds(time.Since(c.started)))
		if err := c.settle(ctx, v.Version, programs); err != nil {
			return fmt.Errorf("it was healthy and did not stay so: %w", err)
		}
		return nil
	})
}

// upgrade starts the image on the data of the previous release, and returns
// the version that this was, "" if there was none to be had.
func (v *verification) upgrade(ctx context.Context) (string, error) {
	switch {
	case !v.Config.KeepsData():
		return "", nil // nothing is there to upgrade
	case v.Previous == nil:
		v.log.Infof("%s: no previous release in the registry to upgrade from", v.Platform)
		return "", nil
	}
	kept, err := v.makeData(ctx)
	if err != nil {
		return "", err
	}
	err = v.fill(ctx, kept)
	var unable *unableError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &unable):
		v.log.Warnf(
			"%s: THE UPGRADE FROM %s IS NOT VERIFIED, its own image fails: %v",
			v.Platform,
			v.Previous.Version,
			unable.error,
		)
		return "", nil
	case err != nil && v.restarts():
		return "", fmt.Errorf("store data to start it on again: %w", err)
	case err != nil:
		return "", fmt.Errorf("prepare the data of %s to upgrade: %w", v.Previous.Version, err)
	}
	err = v.with(ctx, v.Digest, kept, func(c *container) error {
		if _, err := c.healthy(ctx, v.Version); err != nil {
			return err
		}
		return c.hasProbe(ctx)
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", v.transition(), err)
	}
	seen := "the probe record is there"
	if absent := v.Config.Probe.Absent; absent != "" {
		seen = "no probe record to look for: " + absent
	}
	v.log.Infof("%s: %s, %s", v.Platform, v.transition(), seen)
	return v.Previous.Version, nil
}

// restarts tells whether the image is its own predecessor, for want of another.
func (v *verification) restarts() bool { return v.Previous.Digest == v.Digest }

// transition is how the image came to the data that it is started on.
func (v *verification) transition() string {
	if v.restarts() {
		return "started again on its own data"
	}
	return "upgraded from " + v.Previous.Version
}

// unableError says that the previous release's image does not work itself.
type unableError struct{ error }

// fill has the previous release's image store the probe record.
func (v *verification) fill(ctx context.Context, on data) error {
	if err := v.obtain(ctx, v.Previous.Digest); err != nil {
		return err
	}
	return v.with(ctx, v.Previous.Digest, on, func(c *container) error {
		if err := c.answers(ctx, v.Previous.Version); err != nil {
			return &unableError{err}
		}
		if err := c.storeProbe(ctx); err != nil {
			return fmt.Errorf(
				"%w; correct verify.probe in release.yaml, or say in verify.probe.absent why none can be stored",
				err,
			)
		}
		return c.stop(ctx)
	})
}

// enginePlatform asks the engine what it runs without emulation.
func (v *verification) enginePlatform(ctx context.Context) (string, error) {
	platform, err := v.docker(ctx, "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")
	if err != nil {
		return "", fmt.Errorf("no container engine answers: %w; start Docker, or set one up with scripts/engine", err)
	}
	return platform, nil
}

// foreign tells whether the platform is another than the engine's own, a
// variant of that apart.
func (v *verification) foreign() bool {
	return v.Platform != v.own && !strings.HasPrefix(v.Platform, v.own+"/")
}
