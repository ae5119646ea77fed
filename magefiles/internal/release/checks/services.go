package checks

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/database"
)

// Services are what suites need besides their tools.
type Services struct {
	Run     *run.Runner
	Scratch *scratch.Run
	Image   string // of the PostgreSQL server to start in a container
	Say     func(format string, args ...any)
	// Serve starts the image of the build for a suite that needs it, and tells of it by
	// variables of the environment.
	Serve func(ctx context.Context, place work.Place, use func(context.Context, map[string]string) error) error
	// StartEngine sets a container engine up; nil where it may not be.
	StartEngine func(context.Context) error
}

// serverVariable names the server that suites are given.
const serverVariable = "TEST_DATABASE_URL"

// needsPostgresql reports whether a suite needs a database server.
func needsPostgresql(suite app.Step) bool { return slices.Contains(suite.Needs, "postgresql") }

// start starts what a suite needs and returns the environment that tells the
// suite of it, and how to end it.
func (s Services) start(ctx context.Context, suite app.Step) (env map[string]string, end func() error, err error) {
	if !needsPostgresql(suite) {
		return nil, func() error { return nil }, nil
	}
	opened, err := database.Open(ctx, s.Postgresql(suite.Name))
	if err != nil && ctx.Err() == nil && s.StartEngine != nil && s.Run.Getenv(serverVariable) == "" {
		s.Say("%s: no PostgreSQL yet: setting a container engine up", suite.Name)
		if startErr := s.StartEngine(ctx); startErr != nil {
			return nil, nil, errors.Join(err, startErr)
		}
		opened, err = database.Open(ctx, s.Postgresql(suite.Name))
	}
	if err != nil {
		return nil, nil, err
	}
	s.Say("%s: PostgreSQL: %s", suite.Name, opened.From)
	return map[string]string{serverVariable: opened.URL}, opened.Close, nil
}

// onImage runs a suite, on a started image if it needs one.
func (s Services) onImage(
	ctx context.Context, place work.Place, suite app.Step, use func(context.Context, map[string]string) error,
) error {
	if !suite.NeedsImage() {
		return use(ctx, nil)
	}
	return run.Named(suite.Name, s.Serve(ctx, place, use))
}

// Postgresql lists where a server may come from, for a target.
func (s Services) Postgresql(target string) []database.Source {
	return database.Sources(s.Run, database.Options{
		Scratch: s.Scratch, URL: s.Run.Getenv(serverVariable), Image: s.Image, For: target,
	})
}

// Server reports which server a suite that needs one would use, for its inputs:
// the version of one that is given, else the image to start, or what is installed
// where no container can be started.
func (s Services) Server(ctx context.Context, suite app.Step) (string, error) {
	given := s.Run.Getenv(serverVariable)
	switch {
	case !needsPostgresql(suite):
		return "", nil
	case given == "":
		return s.Image + " or " + cmp.Or(database.Installed(s.Run), "none of this machine"), nil
	}
	return database.Version(ctx, given)
}
