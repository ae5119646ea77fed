package tools

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// numbered matches a plain version of CPython, such as 3.11 or 3.11.4.
var numbered = regexp.MustCompile(`^\d+\.\d+(\.\d+)?$`)

// Interpreter returns why a version of Python is not on this machine, where uv looks
// for it (https://docs.astral.sh/uv/concepts/python-versions/), or nil. It accepts
// anything but a plain version, which only uv can find.
func (t Tools) Interpreter(ctx context.Context, target, version string) error {
	if !numbered.MatchString(version) {
		return nil
	}
	paths := t.managed(version)
	for _, name := range []string{"python" + version, "python3", "python"} {
		if path, err := t.Run.Find(name); err == nil {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		found, err := t.Run.Output(ctx, run.Command{For: target, Timeout: 20 * time.Second,
			Args: []string{path, "-I", "-c", "import platform; print(platform.python_version())"}})
		if err == nil && (found == version || strings.HasPrefix(found, version+".")) {
			return nil
		}
	}
	return fmt.Errorf("no Python %s is on this machine", version)
}

// managed returns the interpreters of a version that uv has installed.
func (t Tools) managed(version string) []string {
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
