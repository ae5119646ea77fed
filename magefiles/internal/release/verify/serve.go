package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// Serving is a running, healthy image.
type Serving struct {
	URL    string            // of the app, such as http://127.0.0.1:32768
	Exec   string            // path of a program that runs its arguments as a command in the container
	Values map[string]string // values taken by verify.before, and the secret, by name
}

// Environ returns variables that describe the app to a tool: BASE_URL, APP_EXEC, and APP_NAME for each value.
func (s Serving) Environ() map[string]string {
	env := map[string]string{"BASE_URL": s.URL, "APP_EXEC": s.Exec}
	for name, value := range s.Values {
		env["APP_"+upper(name)] = value
	}
	return env
}

// upper formats a name like an environment variable: accessToken becomes ACCESS_TOKEN.
func upper(name string) string {
	var out strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToUpper(r))
	}
	return out.String()
}

// Serve starts an image on new data, waits until it is healthy, makes the requests of verify.before, and passes the
// app to use. If the image fails, the error contains the end of its log. Serve removes everything before it
// returns, including leftovers of killed runs.
func Serve(
	ctx context.Context, runner *run.Runner, temporary *scratch.Run, log Log, check Check,
	use func(context.Context, Serving) error,
) error {
	var used error // an error of the caller's function
	err := newVerification(runner, temporary, log, check).serve(ctx, func(app Serving) error {
		used = use(ctx, app)
		return used
	})
	if ctx.Err() != nil {
		return context.Cause(ctx) // the failure is only a consequence
	}
	if err != nil {
		err = fmt.Errorf("the image of the build: %w", err)
	}
	return errors.Join(used, err)
}

func (v *verification) serve(ctx context.Context, use func(Serving) error) error {
	if err := v.prepareEngine(ctx); err != nil {
		return err
	}
	defer v.clean(ctx)
	if err := v.images.obtain(ctx, v.Digest); err != nil {
		return err
	}
	empty, err := v.makeData(ctx)
	if err != nil {
		return err
	}
	return v.with(ctx, v.Digest, empty, func(s *service) error {
		if _, err := s.healthy(ctx, v.Version); err != nil {
			return err
		}
		if err := s.prepare(ctx, false); err != nil {
			return err
		}
		dir, err := v.scratch.Dir("app")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		program := filepath.Join(dir, "app-exec")
		if err := os.WriteFile(program, []byte(execProgram(s.name)), 0o755); err != nil {
			return err
		}
		v.log.Infof("the image is healthy as %s after %s", v.Version, report.Seconds(time.Since(s.started)))
		err = use(Serving{"http://" + s.address, program, maps.Clone(s.values.known)})
		gone := s.alive(ctx)
		if err != nil && gone == nil && ctx.Err() == nil {
			_ = s.explain(ctx, err) // shows the log
		}
		return gone
	})
}

// execProgram returns a script that runs a command in a container, with the script's own standard input.
func execProgram(container string) string {
	return "#!/bin/sh\nexec docker exec -i " + container + " \"$@\"\n"
}
