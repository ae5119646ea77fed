// Package image builds the container image with Buildx into an OCI layout,
// once, and reads that layout.
package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/scripts"
)

const buildTarget = "image:build"

// The builders that scripts/engine and scripts/testbed create.
const (
	ownBuilder  = "odin-release"
	testBuilder = "odin-release-testbed"
)

// setUpBy is the key of the worker label with the version of scripts/engine that
// started its BuildKit. Versions before 2 set no label.
const setUpBy = "io.github.hughkantsime.odin-release.engine"

// Engine is a Buildx builder that can build an image for every platform.
type Engine struct {
	Buildx        string // version
	Builder       string // name
	Driver        string // docker-container, remote, …
	Platforms     []string
	Native        []string // the platform of each node, which needs no emulation
	NotForRelease string   // why its builds must not be released; "" if they may be
	SetUpBy       string   // version of scripts/engine that started its BuildKit; "" when unknown
	Stopped       bool     // whether a node is stopped
}

// FindEngine looks for a builder that supports the image's platforms and can write an
// OCI layout. A builder named in the configuration is the only candidate. Otherwise
// FindEngine tries the builder of scripts/engine, the current one, and that of
// scripts/testbed, which comes first for a rehearsal. It starts a builder that is
// stopped.
func FindEngine(ctx context.Context, runner *run.Runner, config app.Image, purpose Purpose) (Engine, error) {
	return findEngine(ctx, runner, config, purpose, true)
}

// LookForEngine is FindEngine without starting anything. It assumes that a stopped
// builder, which FindEngine would start, can build.
func LookForEngine(ctx context.Context, runner *run.Runner, config app.Image, purpose Purpose) (Engine, error) {
	return findEngine(ctx, runner, config, purpose, false)
}

func findEngine(
	ctx context.Context,
	runner *run.Runner,
	config app.Image,
	purpose Purpose,
	start bool,
) (Engine, error) {
	version, err := docker(ctx, runner, "buildx", "version")
	if err != nil {
		return Engine{}, fmt.Errorf("docker buildx does not answer: %w", err)
	}
	candidates := purpose.builders()
	if config.Builder != "" {
		candidates = []string{config.Builder}
	}
	var reasons []error
	for _, name := range candidates {
		engine, err := inspect(ctx, runner, name, config.Platforms, start)
		if err == nil {
			engine.Buildx = buildxVersion(version)
			return engine, nil
		}
		if name != testBuilder { // most machines do not have it
			reasons = append(reasons, err)
		}
	}
	return Engine{}, errors.Join(reasons...)
}

// buildxVersion returns the version in "github.com/docker/buildx v0.38.2 …".
func buildxVersion(text string) string {
	if fields := strings.Fields(text); len(fields) > 1 {
		return fields[1]
	}
	return text
}

func inspect(ctx context.Context, runner *run.Runner, name string, platforms []string, start bool) (Engine, error) {
	args := []string{"buildx", "inspect"}
	if start {
		args = append(args, "--bootstrap")
	}
	if name != "" {
		args = append(args, name)
	}
	out, err := docker(ctx, runner, args...)
	if err != nil {
		return Engine{}, fmt.Errorf("builder %s does not answer: %w", displayName(name), err)
	}
	engine := parseInspect(out)
	if !start && engine.Stopped && engine.Driver != "remote" { // Buildx cannot start a remote builder
		return engine, nil
	}
	for _, platform := range platforms {
		if !slices.Contains(engine.Platforms, platform) {
			return Engine{}, fmt.Errorf("builder %s cannot build for %s", engine.Builder, platform)
		}
	}
	if err := engine.former(); err != nil {
		return Engine{}, err
	}
	// The engine's own BuildKit writes an OCI layout only with containerd's image
	// store.
	if engine.Driver == "docker" {
		status, err := docker(ctx, runner, "info", "--format", "{{json .DriverStatus}}")
		if err != nil || !strings.Contains(status, "io.containerd.snapshotter") {
			return Engine{}, fmt.Errorf("builder %s is the engine's own and cannot write an OCI layout", engine.Builder)
		}
	}
	return engine, nil
}

// former returns an error if BuildKit was started by an earlier version of scripts/engine: its base images may be
// equivalents of the official ones, without a label that says so. Buildx shows labels since v0.10.
func (e Engine) former() error {
	if e.Builder != ownBuilder || e.Driver != "remote" || e.SetUpBy != "" || e.NotForRelease != "" {
		return nil
	}
	return fmt.Errorf("builder %s has no label %s: it was set up by an earlier version, whose base images may not be "+
		"the official ones; run sudo scripts/engine of odin-release, which replaces its BuildKit", e.Builder, setUpBy)
}

// parseInspect parses the "Key: value" lines of docker buildx inspect.
func parseInspect(out string) Engine {
	var engine Engine
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case key == "Name" && engine.Builder == "":
			engine.Builder = value
		case key == "Driver":
			engine.Driver = value
		case key == "Status":
			engine.Stopped = engine.Stopped || value != "running"
		case key == setUpBy:
			engine.SetUpBy = value
		case key == "Platforms":
			platforms := strings.Split(value, ",")
			for i := range platforms {
				platforms[i] = strings.Trim(platforms[i], " *")
			}
			engine.Platforms = append(engine.Platforms, platforms...)
			engine.Native = append(engine.Native, platforms[0]) // BuildKit lists its own first
		case key == notForRelease: // a label of one of the nodes
			engine.NotForRelease = reasonIn(map[string]string{key: value})
		}
	}
	if engine.Builder == testBuilder && engine.NotForRelease == "" { // old versions of Buildx do not show labels
		engine.NotForRelease = "the builder " + testBuilder + " is for tests"
	}
	return engine
}

func displayName(name string) string {
	if name == "" {
		return "in use"
	}
	return name
}

func docker(ctx context.Context, runner *run.Runner, args ...string) (string, error) {
	out, err := runner.Output(
		ctx,
		run.Command{For: buildTarget, Timeout: 5 * time.Minute, Args: append([]string{"docker"}, args...)},
	)
	return out, run.Unnamed(err)
}

// CreateBuilder creates a builder with the docker-container driver on a running engine. It needs no more privileges
// than docker itself.
func CreateBuilder(ctx context.Context, runner *run.Runner) error {
	if _, err := docker(ctx, runner, "version", "--format", "{{.Server.Version}}"); err != nil {
		return fmt.Errorf("cannot reach a container engine: %w", err)
	}
	_, err := docker(
		ctx,
		runner,
		"buildx",
		"create",
		"--name",
		ownBuilder,
		"--driver",
		"docker-container",
		"--bootstrap",
	)
	return err
}

// StartEngine runs scripts/engine, which installs and starts what is missing, and shows its output.
func StartEngine(ctx context.Context, runner *run.Runner, temporary *scratch.Run) error {
	dir, err := temporary.Dir("engine")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "engine")
	if err := os.WriteFile(script, scripts.Engine, 0o755); err != nil {
		return err
	}
	return runScript(ctx, runner, script, nil)
}

// StartTestBed runs the given script, scripts/testbed. Builds of its builder are for
// rehearsals only. path, if set, is searched first for programs.
func StartTestBed(ctx context.Context, runner *run.Runner, script, path string) error {
	var env []string
	if path != "" {
		env = []string{"PATH=" + path + string(os.PathListSeparator) + runner.Getenv("PATH")}
	}
	return runScript(ctx, runner, script, env)
}

// runScript runs one of the scripts and returns the error that the script printed.
func runScript(ctx context.Context, runner *run.Runner, script string, env []string) error {
	result, err := runner.Run(ctx, run.Command{For: buildTarget, Timeout: 30 * time.Minute, Grace: 4 * time.Second,
		Args: []string{"bash", script}, Env: env})
	if err == nil || ctx.Err() != nil {
		return err
	}
	for line := range strings.Lines(string(result.Stderr)) {
		if _, reason, found := strings.Cut(line, ": error: "); found { // as printed by the scripts' function die
			return fmt.Errorf("%s: %s", filepath.Base(script), strings.TrimSpace(reason))
		}
	}
	return err
}
