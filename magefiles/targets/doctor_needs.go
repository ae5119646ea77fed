package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// need is one thing that phases need.
type need struct {
	phases string
	what   string
	remedy string
	find   func(context.Context) (string, error) // version and path
}

// engineRemedy is how to get a container engine with Buildx.
const engineRemedy = "on Debian and Ubuntu: sudo scripts/engine; elsewhere https://docs.docker.com/engine/install/"

func (p examiner) needs() []need {
	list := append([]need{{"plan", "git", "apt-get install git", p.program("git")}}, p.tools()...)
	if p.app.Config.NeedsPostgresql() {
		const remedy = "set TEST_DATABASE_URL, start a container engine, or apt-get install postgresql"
		list = append(list, need{"test", "PostgreSQL", remedy, p.findPostgresql})
	}
	image := p.app.Config.Build.Image
	if image.Absent == "" && p.app.Config.Verify.NeedsPostgresql() {
		list = append(list, need{"verify", "containers, for PostgreSQL", engineRemedy, p.findContainers})
	}
	list = append(list, p.onImage()...)
	return append(list, need{"build", "Buildx for " + strings.Join(image.Platforms, ", "), engineRemedy, p.findEngine})
}

// tools are what the checks, the suites and the build run.
func (p examiner) tools() []need {
	const phases, python = "lint, test, build", "apt-get install python3 python3-venv"
	var list []need
	for _, tool := range p.app.Config.Tools() {
		list = append(list, need{phases, tool, "install it, and add its folder to PATH",
			func(context.Context) (string, error) { return p.run.Find(tool) }})
	}
	if p.app.Config.NeedsPython() {
		list = append(list,
			need{phases, "Python 3", python, p.program("python3")},
			need{phases, "uv and pip (pinned)", python + "; they are then set up by themselves", p.uv})
	}
	if p.app.Config.NeedsNode() {
		remedy := "https://nodejs.org/en/download, or " + python + " to have them set up"
		list = append(list, need{phases, "Node.js and npm", remedy, p.node})
	}
	return list
}

// program looks for a program and asks its version.
func (p examiner) program(name string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		path, err := p.run.Find(name)
		if err != nil {
			return "", err
		}
		version, err := p.run.Output(
			ctx,
			run.Command{For: "doctor", Args: []string{path, "--version"}, Timeout: 20 * time.Second},
		)
		return version + " (" + path + ")", err
	}
}

// uv is always the pinned one; it is set up by the first target that needs it.
func (p examiner) uv(ctx context.Context) (string, error) {
	_, err := p.run.Output(
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

// node is the machine's own Node.js, else the pinned one.
func (p examiner) node(ctx context.Context) (string, error) {
	if p.place.Backend.Tools.HasNode(ctx, "doctor") {
		return p.program("node")(ctx)
	}
	if _, err := p.uv(ctx); err != nil {
		return "", err
	}
	return "none that will do; a pinned one is set up when it is needed", nil
}

func (p examiner) findPostgresql(ctx context.Context) (string, error) {
	var reasons []error
	for _, source := range p.services.Postgresql("doctor") {
		err := source.Available(ctx)
		if err == nil {
			return source.Describe(), nil
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", source.Describe(), err))
	}
	return "", errors.Join(reasons...)
}

// findContainers looks for an engine that starts the database of a verification.
func (p examiner) findContainers(ctx context.Context) (string, error) {
	platform, err := verify.NativePlatform(ctx, p.run)
	return platform + ", database from " + p.app.Config.Postgresql.Image, err
}

func (p examiner) findEngine(ctx context.Context) (string, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return "not needed: " + config.Absent, nil
	}
	engine, err := image.FindEngine(ctx, p.run, config, p.builder.Purpose)
	if err != nil {
		return "", err
	}
	found := fmt.Sprintf("buildx %s, builder %s (%s)", engine.Buildx, engine.Builder, engine.Driver)
	if engine.NotForRelease != "" {
		found += ", for rehearsals only: " + engine.NotForRelease
	}
	return found, nil
}
