package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

const (
	engineTimeout = time.Minute      // for one operation of the engine except a pull
	stopGrace     = 30               // seconds to exit after SIGTERM
	shownLog      = 30               // lines of a container's log that a failure shows
	toldLog       = 3                // lines of the log in the error itself
	cleanTimeout  = 30 * time.Second // to remove everything
)

// container is a started image.
type container struct {
	*verification
	name    string
	started time.Time
	since   string // start time according to the engine; another time means a restart
}

// service is the app in a container, asked over HTTP.
type service struct {
	*container
	client  *http.Client
	address string  // host:port of the app, "" until the engine reports it
	values  *values // of the app's data
}

// with starts an image on some data, passes the service to use, and removes it. If it fails, the container's log is
// shown.
func (v *verification) with(ctx context.Context, digest string, on data, use func(*service) error) error {
	c := &container{verification: v, name: uniqueName()}
	if err := c.create(ctx, digest, on); err != nil {
		return err
	}
	defer v.clean(ctx, c.name)
	c.started = time.Now()
	_, err := v.docker(ctx, "start", c.name)
	if err == nil {
		err = use(&service{container: c, client: loopback(), values: on.values})
	}
	if err != nil && ctx.Err() == nil {
		err = c.explain(ctx, err)
	}
	return err
}

// create creates the container. It is not interrupted: the engine would continue, and
// the container would appear after the clean-up.
func (c *container) create(ctx context.Context, digest string, on data) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	args := []string{"create", "--pull", "never", "--platform", c.Platform, "--name", c.name}
	if c.Config.Port != 0 {
		args = append(args, "--publish", "127.0.0.1::"+strconv.Itoa(c.Config.Port))
	}
	if on.volume != "" {
		args = append(args, "--volume", on.volume+":"+c.Config.Volume.Value)
	}
	if on.database != nil {
		args = append(args, "--network", on.database.network)
	}
	for _, variable := range on.environ(c.Config) {
		args = append(args, "--env", variable)
	}
	c.containers = append(c.containers, c.name)
	args = append(append(args, c.labels...), c.images.named(digest))
	_, err := c.docker(context.WithoutCancel(ctx), append(args, c.Further.Command...)...)
	return err
}

// data is what an app keeps from one version to the next: a volume, a database, or both.
type data struct {
	volume   string    // name of the volume, or ""
	database *database // may be nil
	values   *values   // values that requests with this data have taken from answers
}

// environ returns the container's environment.
func (d data) environ(config app.Verify) []string {
	list := config.Environ()
	if d.database != nil {
		list = d.database.environ(config)
	}
	for i, variable := range list {
		list[i] = strings.ReplaceAll(variable, "{"+app.SecretValue+"}", d.values.known[app.SecretValue])
	}
	return list
}

// makeData creates an empty volume and an empty database, if the app uses them.
func (v *verification) makeData(ctx context.Context) (made data, err error) {
	made.values = newValues(v.secret, v.Learn)
	if v.Config.Volume.Absent == "" {
		if made.volume, err = v.newVolume(ctx); err != nil {
			return made, err
		}
	}
	if v.Config.NeedsPostgresql() {
		made.database, err = v.startDatabase(ctx)
	}
	return made, err
}

// stop stops the container as an upgrade does, with SIGTERM.
func (c *container) stop(ctx context.Context) error {
	if _, err := c.docker(ctx, "stop", "-t", strconv.Itoa(stopGrace), c.name); err != nil {
		return err
	}
	state, err := c.state(ctx)
	if err == nil && state.ExitCode == 137 {
		c.log.Warnf("%s: the container did not exit within %d s of SIGTERM and was killed", c.Platform, stopGrace)
	}
	return err
}

// state is the state of a container in docker inspect
// (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerInspect).
type state struct {
	Running   bool
	OOMKilled bool
	ExitCode  int
	StartedAt string
}

func (c *container) state(ctx context.Context) (state, error) {
	var found state
	out, err := c.docker(ctx, "container", "inspect", "--format", "{{json .State}}", c.name)
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal([]byte(out), &found)
}

// alive returns an error if the container has exited or was restarted.
func (c *container) alive(ctx context.Context) error {
	found, err := c.state(ctx)
	switch {
	case err != nil:
		return err
	case !found.Running && found.OOMKilled:
		return fmt.Errorf("the container exited with code %d, out of memory", found.ExitCode)
	case !found.Running:
		return fmt.Errorf("the container exited with code %d", found.ExitCode)
	case c.since != "" && c.since != found.StartedAt:
		return errors.New("the container was restarted")
	}
	c.since = found.StartedAt
	return nil
}

// runtimeRefusal matches the only line in the log of a container that runc or crun
// could not start because the kernel has no interpreter for the program.
var runtimeRefusal = pattern.Lazy(`^(exec|standard_init_linux\.go)\b.*: exec format error$`)

// explain adds the end of the container's log to an error and shows more of it as a
// tool's output. If the kernel refused an image of another platform, the error is
// ErrCannotStart.
func (c *container) explain(ctx context.Context, err error) error {
	lines, cause := c.logged(ctx)
	if cause != nil {
		return fmt.Errorf("%w (its log cannot be read: %w)", err, cause)
	}
	refused := len(lines) == 1 && runtimeRefusal().MatchString(lines[0]) ||
		len(lines) == 0 && strings.Contains(err.Error(), "exec format error")
	if c.foreign() && refused {
		return ErrCannotStart
	}
	out := run.NewPrefixer(c.run.Out, verifyTarget)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	if len(lines) == 0 {
		return fmt.Errorf("%w; its log is empty", err)
	}
	return fmt.Errorf("%w; its log ends: %s", err, strings.Join(lines[max(0, len(lines)-toldLog):], "; "))
}

// logged returns the end of the container's log, both streams sorted by time.
func (c *container) logged(ctx context.Context) ([]string, error) {
	result, err := c.run.Run(ctx, run.Command{For: verifyTarget, Quiet: true, Timeout: engineTimeout,
		Args: []string{"docker", "logs", "--timestamps", "--tail", strconv.Itoa(shownLog), c.name}})
	if err != nil {
		return nil, plain("logs", err)
	}
	stamped := strings.FieldsFunc(
		string(result.Stdout)+"\n"+string(result.Stderr),
		func(r rune) bool { return r == '\n' },
	)
	slices.SortStableFunc(stamped, func(a, b string) int { return strings.Compare(stamp(a), stamp(b)) })
	var lines []string
	for _, line := range stamped {
		if _, text, _ := strings.Cut(line, " "); strings.TrimSpace(text) != "" {
			lines = append(lines, printable(text))
		}
	}
	return lines[max(0, len(lines)-shownLog):], nil
}

func stamp(line string) string { at, _, _ := strings.Cut(line, " "); return at }

// printable removes characters that would change the terminal's state, and shortens the
// line.
func printable(line string) string {
	const longest = 500
	clean := []rune(strings.TrimRight(strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line), " \t"))
	if len(clean) > longest {
		return string(clean[:longest]) + "…"
	}
	return string(clean)
}
