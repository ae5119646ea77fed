//go:build scenario

package targets_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// TestScenarioImport uses the targets as an app's own, from a module of its
// own, by the three lines that the README shows.
func TestScenarioImport(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	adopt(t, dir)
	run := func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), args[0], args[1:]...)
		command.Dir, command.Env = dir, withoutActions(os.Environ())
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	for _, want := range []string{"backend:typeCheck", "image:verify", "releaseCheck", "hotfix "} {
		if list := run("go", "tool", "mage", "-l"); !strings.Contains(list, want) {
			t.Errorf("mage -l does not list %s:\n%s", want, list)
		}
	}
	if out := run("go", "tool", "mage", "lint"); !strings.Contains(out, "frontend:typeCheck  ok") {
		t.Errorf("lint:\n%s", out)
	}
	compose(t, dir)
	if out := run("go", "tool", "mage", "check"); !inOrder(out, "frontend:typeCheck", "smoke", "backend:contract") {
		t.Errorf("a target of the app's own that depends on these:\n%s", out)
	}
	if out := run("go", "tool", "mage", "plan"); !strings.Contains(out, "v1.7.3\n  version   1.7.3 (stable)") {
		t.Errorf("plan:\n%s", out)
	}
}

// compose adds the target that the reference shows, which depends on these.
func compose(t *testing.T, dir string) {
	t.Helper()
	check := docs.Read(t, "magefiles/targets/README.md").Block(t, "go", "your-own-targets", "// Check")
	change(t, dir, "check.go", "", `//go:build mage

package main

import (
	"context"
	"fmt"

	"github.com/magefile/mage/mg"

	"github.com/hughkantsime/odin-release/magefiles/targets"
)

// Smoke stands for a check of the app's own.
func Smoke() { fmt.Println("smoke") }

`+check)
}

// inOrder reports whether a text has these in that order.
func inOrder(text string, parts ...string) bool {
	for _, part := range parts {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// adopt makes the targets an app's own, by the magefile that the README shows.
// The module is as of a version of this one, but for where that comes from; what
// it needs is what it was built with.
func adopt(t *testing.T, dir string) {
	t.Helper()
	magefile := docs.Read(t, "README.md").Block(t, "go", "adopt-it", "//go:build mage")
	change(t, dir, "magefile.go", "", magefile)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		change(
			t,
			dir,
			file,
			"",
			strings.Replace(
				string(content),
				"module github.com/hughkantsime/odin-release",
				"module example.org/app",
				1,
			),
		)
	}
	edit := exec.CommandContext(
		t.Context(),
		"go",
		"mod",
		"edit",
		"-require=github.com/hughkantsime/odin-release@v0.0.0",
		"-replace=github.com/hughkantsime/odin-release="+root,
	)
	edit.Dir = dir
	if out, err := edit.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", edit.Args, err, out)
	}
}
