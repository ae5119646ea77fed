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

// Services are what suites need in addition to their tools.
type Services struct {
	Run     *run.Runner
	Scratch *scratch.Run
	Image   string // of the PostgreSQL server to start in a container
	Say     func(format string, args ...any)
	// Serve starts the built image for a suite that needs it, and describes it in environment variables.
	Serve func(ctx context.Context, place work.Place, use func(context.Context, map[string]string) error) error
	// StartEngine sets up a container engine; nil means that this is not allowed.
	StartEngine func(context.Context) error
}

// serverVariable is the environment variable with the address of a suite's database server.
const serverVariable = "TEST_DATABASE_URL"

// needsPostgresql reports whether a suite needs a database server.
func needsPostgresql(suite app.Step) bool { return slices.Contains(suite.Needs, "postgresql") }

// start starts what a suite needs. It returns environment variables that describe it, and a function that ends it.
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

// onImage runs a suite, with the image started if the suite needs it.
func (s Services) onImage(
	ctx context.Context, place work.Place, suite app.Step, use func(context.Context, map[string]string) error,
) error {
	if !suite.NeedsImage() {
		return use(ctx, nil)
	}
	return run.Named(suite.Name, s.Serve(ctx, place, use))
}

// Postgresql lists the possible sources of a server, for a target.
func (s Services) Postgresql(target string) []database.Source {
	return database.Sources(s.Run, database.Options{
		Scratch: s.Scratch, URL: s.Run.Getenv(serverVariable), Image: s.Image, For: target,
	})
}

// Server identifies the server that a suite would use, for the suite's inputs: by the version of a server that is
// given, or else by the image to start, or by what is installed if no container can be started.
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
