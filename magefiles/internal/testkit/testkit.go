// Package testkit is what the tests of several packages share: golden files
// and git repositories.
package testkit

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares what a person reads with the file that holds it; with
// -update it writes the file.
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

// When is the time of every commit and tag that Git makes.
const When = "2026-06-01T09:00:00Z"

// Git runs a git command in dir, as Ada and at a fixed time, and returns what
// it prints.
func Git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = dir
	command.Env = append(run.Environ(os.Environ()), "GIT_AUTHOR_DATE="+When, "GIT_COMMITTER_DATE="+When,
		"GIT_AUTHOR_NAME=Ada Lovelace", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada Lovelace", "GIT_COMMITTER_EMAIL=ada@example.org")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Runner runs commands unseen.
func Runner() *run.Runner {
	return &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
}
