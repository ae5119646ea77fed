package tools_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// TestInterpreter finds a version in PATH, under any of its names, and where uv
// keeps its own.
func TestInterpreter(t *testing.T) {
	home, bin := t.TempDir(), t.TempDir()
	for path, version := range map[string]string{
		filepath.Join(bin, "python3"):    "3.11.2",
		filepath.Join(bin, "python3.13"): "3.13.0",
		filepath.Join(home, ".local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu/bin/python3"): "3.12.4",
		filepath.Join(home, ".pyenv/versions/3.14.1/bin/python3"):                                 "3.14.1",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+version+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"PATH=" + bin, "HOME=" + home, "RUNNER_TOOL_CACHE=" + home}
	found := tools.Tools{Run: &run.Runner{Env: env, Out: io.Discard}}
	for version, here := range map[string]bool{
		"3.11":   true,
		"3.11.2": true,
		"3.1":    false,
		"3.13":   true,
		"3.12":   true,
		"3.12.5": false,
		"3.10":   false,
		">=3.10": true,
		"3.14":   true,
	} {
		if err := found.Interpreter(t.Context(), "test", version); (err == nil) != here {
			t.Errorf("%s: %v", version, err)
		}
	}
	for version, want := range map[string]string{
		"3.11": "3.11", "3.12": "3.12", "3.10": "3.10", ">=3.10": ">=3.10",
		"3.14": filepath.Join(home, ".pyenv/versions/3.14.1/bin/python3"),
	} {
		if got := found.Locate(t.Context(), "test", version); got != want {
			t.Errorf("%s: %s, expected %s", version, got, want)
		}
	}
}
