// Package testkit contains what the tests of several packages share: golden files and
// git repositories.
package testkit

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares output with a golden file; with -update it writes the file.
func Golden(t testing.TB, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", file, diff)
	}
}

// When is the time of every commit and tag made by Git.
const When = "2026-06-01T09:00:00Z"

// Git runs a git command in dir, as Ada and at a fixed time, and returns its output. It does not
// wait for the disk, starts no maintenance, and makes repositories without the sample hooks.
func Git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	brisk := []string{"-c", "core.fsync=none", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
		"-c", "init.templateDir="}
	command := exec.CommandContext(t.Context(), "git", append(brisk, args...)...)
	command.Dir = dir
	command.Env = append(
		run.Environ(os.Environ()),
		"GIT_AUTHOR_DATE="+When,
		"GIT_COMMITTER_DATE="+When,
		"GIT_AUTHOR_NAME=Ada Lovelace",
		"GIT_AUTHOR_EMAIL=ada@example.org",
		"GIT_COMMITTER_NAME=Ada Lovelace",
		"GIT_COMMITTER_EMAIL=ada@example.org",
	)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Clone is a checkout with a bare repository beside it, its origin.
type Clone struct {
	Dir, Remote string

	t testing.TB
}

// NewClone creates both, empty, and sets an identity for commits.
func NewClone(t testing.TB) Clone {
	t.Helper()
	base := t.TempDir()
	c := Clone{filepath.Join(base, "app"), filepath.Join(base, "app.git"), t}
	Git(t, base, "init", "-q", "--bare", "-b", "main", c.Remote)
	Git(t, base, "init", "-q", "-b", "main", c.Dir)
	for _, hooks := range []string{filepath.Join(c.Remote, "hooks"), filepath.Join(c.Dir, ".git", "hooks")} {
		if err := os.Mkdir(hooks, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.Git("config", "user.name", "Ada")
	c.Git("config", "user.email", "ada@example.org")
	c.Git("remote", "add", "origin", c.Remote)
	return c
}

// Git runs a git command in the checkout.
func (c Clone) Git(args ...string) string { c.t.Helper(); return Git(c.t, c.Dir, args...) }

// Write writes a file of the checkout.
func (c Clone) Write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(content), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// Runner runs commands without showing their output.
func Runner() *run.Runner {
	return &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
}

// Scratch returns a run for temporary files, for one test.
func Scratch(t testing.TB) *scratch.Run {
	t.Helper()
	made := scratch.New(t.TempDir(), func(format string, args ...any) { t.Errorf(format, args...) })
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
	})
	return made
}
