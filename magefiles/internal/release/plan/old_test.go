package plan

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// Releases from before this pipeline are releases: of a history with every oddity.
func TestMakeAfterOldReleases(t *testing.T) {
	t.Parallel()
	c := testkit.NewClone(t)
	c.Old()
	repo := git.Repo{Dir: c.Dir, Run: testkit.Runner()}
	for at, want := range map[string]string{
		"main":   "v1.10.0 after v1.9.3, notes since v1.9.3, latest 1.9.3 → 1.10.0",
		"v1.9.3": "v1.9.3 after v1.9.1, notes since v1.9.1, latest 1.9.2 → 1.9.3",
		"v1.9.2": "v1.9.2 after v1.9.1, notes since v1.9.1, latest 1.9.3 → 1.9.3",
		"v1.9.0": "v1.9.1 after v1.5.0, notes since v1.5.0, latest 1.9.3 → 1.9.3", // two tags: the higher one
		"v1.5.0": "v1.5.0 after v0.2, notes since v0.2, latest 1.9.3 → 1.9.3",
	} {
		c.Git("checkout", "-q", "--detach", at)
		made, err := Make(t.Context(), request(t, repo, Asked{}))
		got := made.Tag + " after " + made.Baseline + ", notes since " + made.Previous +
			", latest " + made.Latest.From + " → " + made.Latest.To
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, expected %s", at, got, err, want)
		}
		if previous, err := Previous(t.Context(), repo, at); err != nil || previous != made.Previous {
			t.Errorf("%s: the changelog begins after %s, and the plan after %s (%v)", at, previous, made.Previous, err)
		}
	}
}

// A hotfix of an old line starts at its newest release, also one of two numbers.
func TestMakeHotfixOfAnOldRelease(t *testing.T) {
	t.Parallel()
	c := testkit.NewClone(t)
	c.Old()
	repo := git.Repo{Dir: c.Dir, Run: testkit.Runner()}
	for from, want := range map[string]string{
		"v0.2": "v0.2.1", "v1.5.0": "v1.5.1", "v1.9.3": "v1.9.4",
		"v0.3": "there is no release v0.3", "v1.9.1": "v1.9.3 is already released and the newest of the line 1.9",
	} {
		base, next, err := NextPatch(t.Context(), repo, from)
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, expected %s", from, err, want)
			}
			continue
		}
		c.Git("checkout", "-q", "-b", HotfixPrefix+next.Tag(), base.Name)
		c.Git("commit", "-q", "--allow-empty", "-m", "fix: it")
		made, err := Make(t.Context(), request(t, repo, Asked{}))
		if err != nil || made.Tag != want || made.Hotfix == nil || made.Hotfix.Base != from || made.Baseline != from {
			t.Errorf("%s: %s, %v, expected %s", from, made.Tag, err, want)
		}
	}
}
