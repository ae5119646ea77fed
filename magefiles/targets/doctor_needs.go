package targets

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// need is one thing that phases need.
type need struct {
	phases string
	what   string
	remedy string
	find   func(context.Context) (string, error) // version and path
}

// machine finds the tools on this machine that an app needs.
type machine struct {
	config   app.Config
	run      *run.Runner
	tools    tools.Tools
	services checks.Services
	purpose  image.Purpose // of the images that are built
	system   string        // as runtime.GOOS names it, for the remedies
}

func (p examiner) machine() machine {
	return machine{
		config:   p.app.Config,
		run:      p.run,
		tools:    p.place.Backend.Tools,
		services: p.services,
		purpose:  p.builder.Purpose,
		system:   runtime.GOOS,
	}
}

// needs returns everything that the phases need, in the order of the phases.
func (m machine) needs() []need {
	git := m.install("git", "git", "https://git-scm.com/downloads")
	list := append([]need{{"plan", "git", git, m.program("git")}}, m.toolNeeds()...)
	if m.config.NeedsPostgresql() {
		remedy := "set TEST_DATABASE_URL, start a container engine, or " +
			m.install("postgresql", "postgresql@17", "https://www.postgresql.org/download/")
		list = append(list, need{"test", "PostgreSQL", remedy, m.findPostgresql})
	}
	image := m.config.Build.Image
	if image.Absent == "" && m.config.Verify.NeedsPostgresql() {
		list = append(list, need{"verify", "containers, for PostgreSQL", m.engineRemedy(), m.findContainers})
	}
	list = append(list, m.onImage()...)
	buildx := "Buildx for " + strings.Join(image.Platforms, ", ")
	return append(list, need{"build", buildx, m.engineRemedy(), m.findEngine})
}

// toolNeeds returns what the checks, the suites and the build run.
func (m machine) toolNeeds() []need {
	const phases = "lint, test, build"
	python := m.install("python3 python3-venv", "python3", "https://www.python.org/downloads/")
	var list []need
	for _, tool := range m.config.Tools() {
		list = append(list, need{phases, tool, "install it, and add its folder to PATH",
			func(context.Context) (string, error) { return m.run.Find(tool) }})
	}
	if m.config.NeedsPython() {
		list = append(list,
			need{phases, "Python 3", python, m.program("python3")},
			need{phases, "uv and pip (pinned)", python + "; they are then set up by themselves", m.uv})
	}
	if m.config.NeedsNode() {
		remedy := "https://nodejs.org/en/download; where there is Python 3, they are set up by themselves"
		list = append(list, need{phases, "Node.js and npm", remedy, m.node})
	}
	return list
}

// program returns a search for a program, which also asks for its version.
func (m machine) program(name string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		path, err := m.run.Find(name)
		if err != nil {
			return "", err
		}
		version, err := m.run.Output(
			ctx,
			run.Command{For: "doctor", Args: []string{path, "--version"}, Timeout: 20 * time.Second},
		)
		return version + " (" + path + ")", err
	}
}

// uv reports whether the pinned uv and pip can be set up, which the first target that needs them does.
func (m machine) uv(ctx context.Context) (string, error) {
	_, err := m.run.Output(
		ctx,
		run.Command{
			For:     "doctor",
			Args:    []string{"python3", "-c", "import venv, ensurepip"},
			Timeout: 20 * time.Second,
		},
	)
	if err != nil {
		return "", errors.New("python3 with its venv module is needed to set them up")
	}
	return "pinned, in the cache of this tool", nil
}

// node finds the machine's own Node.js. Without one, it reports whether the pinned one can be set up.
func (m machine) node(ctx context.Context) (string, error) {
	if m.tools.HasNode(ctx, "doctor") {
		return m.program("node")(ctx)
	}
	if _, err := m.uv(ctx); err != nil {
		return "", err
	}
	return "none that will do; a pinned one is set up when it is needed", nil
}

// findPostgresql finds the first PostgreSQL that integration tests can use.
func (m machine) findPostgresql(ctx context.Context) (string, error) {
	var reasons []error
	for _, source := range m.services.Postgresql("doctor") {
		err := source.Available(ctx)
		if err == nil {
			return source.Describe(), nil
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", source.Describe(), err))
	}
	return "", errors.Join(reasons...)
}

// findContainers finds an engine that can start the database of a verification.
func (m machine) findContainers(ctx context.Context) (string, error) {
	platform, err := verify.NativePlatform(ctx, m.run)
	return platform + ", database from " + m.config.Postgresql.Image, err
}

// findEngine finds a builder for the image.
func (m machine) findEngine(ctx context.Context) (string, error) {
	config := m.config.Build.Image
	if config.Absent != "" {
		return "not needed: " + config.Absent, nil
	}
	engine, err := image.FindEngine(ctx, m.run, config, m.purpose)
	if err != nil {
		return "", err
	}
	found := fmt.Sprintf("buildx %s, builder %s (%s)", engine.Buildx, engine.Builder, engine.Driver)
	if engine.NotForRelease != "" {
		found += ", for rehearsals only: " + engine.NotForRelease
	}
	return found, nil
}
