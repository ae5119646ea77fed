package rehearsal

import (
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestClone clones what is checked out, even a detached HEAD, with the same branches;
// also over the clone of an earlier rehearsal.
func TestClone(t *testing.T) {
	root, dir := filepath.Join(t.TempDir(), "app"), filepath.Join(t.TempDir(), "clone")
	run := func(args ...string) string { t.Helper(); return testkit.Git(t, root, args...) }
	if err := Materialise(t.Context(), testkit.Runner(), root); err != nil {
		t.Fatal(err)
	}
	run("update-ref", "refs/remotes/origin/main", "v1.7.2^{}")
	run("branch", "hotfix/v1.7.3", "v1.7.2")
	for _, checkout := range [][]string{{"main"}, {"-b", "hotfix/v1.7.4", "v1.7.3"}, {"--detach", "v1.7.2"}, {"main"}} {
		run(append([]string{"checkout", "--quiet"}, checkout...)...)
		if err := Clone(t.Context(), testkit.Runner(), root, dir); err != nil {
			t.Fatal(err)
		}
		for _, question := range [][]string{
			{"rev-parse", "HEAD"},
			{"rev-parse", "--abbrev-ref", "HEAD"},
			{"rev-parse", "refs/remotes/origin/main"},
			{"rev-parse", "main"},
			{"tag"},
		} {
			if want, got := run(question...), testkit.Git(t, dir, question...); got != want {
				t.Errorf("%v, %v: %s, expected %s", checkout, question, got, want)
			}
		}
	}
}
