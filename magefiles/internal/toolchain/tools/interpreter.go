package tools

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// numbered matches a plain version of CPython, such as 3.11 or 3.11.4.
var numbered = pattern.Lazy(`^\d+\.\d+(\.\d+)?$`)

// Interpreter returns why a version of Python is not on this machine, where uv looks
// for it (https://docs.astral.sh/uv/concepts/python-versions/) or others install it, or nil. It accepts
// anything but a plain version, which only uv can find.
func (t Tools) Interpreter(ctx context.Context, target, version string) error {
	if !numbered().MatchString(version) {
		return nil
	}
	in := interpreters{t}
	if in.first(ctx, target, version, append(in.onPath(version), in.elsewhere(version)...)) == "" {
		return fmt.Errorf("no Python %s is on this machine", version)
	}
	return nil
}

// Locate returns the argument with which uv finds a version of Python: the version, or the path of an interpreter
// that uv does not look for.
func (t Tools) Locate(ctx context.Context, target, version string) string {
	in := interpreters{t}
	if !numbered().MatchString(version) || in.first(ctx, target, version, in.onPath(version)) != "" {
		return version
	}
	if found := in.first(ctx, target, version, in.elsewhere(version)); found != "" {
		return found
	}
	return version // uv may download it
}

// interpreters are the Pythons of this machine.
type interpreters struct{ Tools }

// first returns the first of the interpreters that has the version, or "".
func (t interpreters) first(ctx context.Context, target, version string, paths []string) string {
	for _, path := range paths {
		found, err := t.Run.Output(ctx, run.Command{For: target, Timeout: 20 * time.Second,
			Args: []string{path, "-I", "-c", "import platform; print(platform.python_version())"}})
		if err == nil && (found == version || strings.HasPrefix(found, version+".")) {
			return path
		}
	}
	return ""
}

// onPath returns the interpreters that uv finds and that may be of a version.
func (t interpreters) onPath(version string) []string {
	paths := t.managed(version)
	for _, name := range []string{"python" + version, "python3", "python"} {
		if path, err := t.Run.Find(name); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// others returns the folders in which other tools (pyenv, and the runners of GitHub Actions) install interpreters,
// one folder per version, and the path of the program in each.
func (t interpreters) others() map[string]string {
	home := t.Run.Getenv("HOME")
	return map[string]string{
		filepath.Join(cmp.Or(t.Run.Getenv("PYENV_ROOT"), filepath.Join(home, ".pyenv")), "versions"): "bin/python3",
		filepath.Join(cmp.Or(t.Run.Getenv("RUNNER_TOOL_CACHE"), "/opt/hostedtoolcache"), "Python"):   "*/bin/python3",
	}
}

// elsewhere returns the interpreters of a version in places where uv does not look.
func (t interpreters) elsewhere(version string) []string {
	var paths []string
	for dir, program := range t.others() {
		for _, name := range []string{version, version + ".*"} {
			found, _ := filepath.Glob(filepath.Join(dir, name, program)) // a folder without wildcards
			paths = append(paths, found...)
		}
	}
	slices.Sort(paths)
	return paths
}

// managed returns the interpreters of a version that uv has installed.
func (t interpreters) managed(version string) []string {
	dir := t.Run.Getenv("UV_PYTHON_INSTALL_DIR")
	if data := t.Run.Getenv("XDG_DATA_HOME"); dir == "" && data != "" {
		dir = filepath.Join(data, "uv", "python")
	}
	if dir == "" {
		dir = filepath.Join(t.Run.Getenv("HOME"), ".local", "share", "uv", "python")
	}
	found, _ := filepath.Glob(
		filepath.Join(dir, "cpython-"+version+"*", "bin", "python3"),
	) // a folder without wildcards
	return found
}
