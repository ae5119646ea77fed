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

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/scripts"
)

const buildTarget = "image:build"

// ownBuilder is the builder that scripts/engine makes.
const ownBuilder = "odin-release"

// Engine is a Buildx builder that can build an image for every platform.
type Engine struct {
	Buildx    string // version
	Builder   string // name
	Driver    string // docker-container, remote, …
	Platforms []string
}

// FindEngine looks for a builder that can do the platforms and write an OCI
// layout: the named one if a name is given, else the one scripts/engine makes,
// else the one in use.
func FindEngine(ctx context.Context, runner *run.Runner, builder string, platforms []string) (Engine, error) {
	version, err := docker(ctx, runner, "buildx", "version")
	if err != nil {
		return Engine{}, fmt.Errorf("docker buildx does not answer: %w", err)
	}
	candidates := []string{ownBuilder, ""}
	if builder != "" {
		candidates = []string{builder}
	}
	var reasons []error
	for _, name := range candidates {
		engine, err := inspect(ctx, runner, name, platforms)
		if err == nil {
			engine.Buildx = buildxVersion(version)
			return engine, nil
		}
		reasons = append(reasons, err)
	}
	return Engine{}, errors.Join(reasons...)
}

// buildxVersion takes the version from "github.com/docker/buildx v0.38.2 …".
func buildxVersion(text string) string {
	if fields := strings.Fields(text); len(fields) > 1 {
		return fields[1]
	}
	return text
}

func inspect(ctx context.Context, runner *run.Runner, name string, platforms []string) (Engine, error) {
	args := []string{"buildx", "inspect", "--bootstrap"}
	if name != "" {
		args = append(args, name)
	}
	out, err := docker(ctx, runner, args...)
	if err != nil {
		return Engine{}, fmt.Errorf("builder %s does not answer: %w", displayName(name), err)
	}
	engine := parseInspect(out)
	for _, platform := range platforms {
		if !slices.Contains(engine.Platforms, platform) {
			return Engine{}, fmt.Errorf("builder %s cannot build for %s", engine.Builder, platform)
		}
	}
	// The engine's own BuildKit writes an OCI layout only over containerd's store.
	if engine.Driver == "docker" {
		status, err := docker(ctx, runner, "info", "--format", "{{json .DriverStatus}}")
		if err != nil || !strings.Contains(status, "io.containerd.snapshotter") {
			return Engine{}, fmt.Errorf("builder %s is the engine's own and cannot write an OCI layout", engine.Builder)
		}
	}
	return engine, nil
}

// parseInspect reads the "Key: value" lines of docker buildx inspect.
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
		case key == "Platforms":
			for platform := range strings.SplitSeq(value, ",") {
				engine.Platforms = append(engine.Platforms, strings.Trim(platform, " *"))
			}
		}
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
	return runner.Output(ctx, run.Command{For: buildTarget, Timeout: 5 * time.Minute, Args: append([]string{"docker"}, args...)})
}

// CreateBuilder makes a builder of the usual kind, BuildKit in a container, on
// an engine that answers. It needs no more rights than docker itself.
func CreateBuilder(ctx context.Context, runner *run.Runner) error {
	if _, err := docker(ctx, runner, "version", "--format", "{{.Server.Version}}"); err != nil {
		return fmt.Errorf("no container engine answers: %w", err)
	}
	_, err := docker(ctx, runner, "buildx", "create", "--name", ownBuilder, "--driver", "docker-container", "--bootstrap")
	return err
}

// StartEngine runs scripts/engine, which installs and starts what is missing.
// Its output is shown. path, if any, is where it finds programs first.
func StartEngine(ctx context.Context, runner *run.Runner, path string) error {
	dir, err := os.MkdirTemp("", "odin-engine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "engine")
	if err := os.WriteFile(script, scripts.Engine, 0o755); err != nil {
		return err
	}
	var env []string
	if path != "" {
		env = []string{"PATH=" + path + string(os.PathListSeparator) + runner.Getenv("PATH")}
	}
	_, err = runner.Run(ctx, run.Command{For: buildTarget, Timeout: 30 * time.Minute, Grace: 4 * time.Second,
		Args: []string{"bash", script}, Env: env})
	return err
}
