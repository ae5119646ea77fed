package tagging_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// hotfix starts hotfix/v1.7.3, which is only here, with a fix and a larger change. It
// returns the name of the latter.
func (c clone) hotfix() string {
	c.t.Helper()
	c.Git("checkout", "-q", "-b", "hotfix/v1.7.3", "v1.7.2")
	c.Write("fix", "1\n")
	c.Git("add", "--all")
	c.Git("commit", "-q", "-m", "fix: it")
	c.Git("commit", "-q", "--allow-empty", "-m", "feat: more")
	return c.Git("rev-parse", "HEAD")[:7]
}

// TestTaggingAHotfix pushes a new branch together with its tag, and is interrupted
// after each step.
func TestTaggingAHotfix(t *testing.T) {
	t.Parallel()
	for after := range 5 {
		c := newClone(t)
		more := c.hotfix()
		steps, err := c.cut("", more)
		want := []string{
			"write 1.7.3 into CHANGELOG.md, VERSION, package.json",
			`commit as "chore(release): 1.7.3", allowing ` + more,
			"tag it v1.7.3 (annotated)",
			"push hotfix/v1.7.3 and v1.7.3 to origin in one atomic push",
		}
		if diff := cmp.Diff(want, texts(steps)); diff != "" || err != nil {
			t.Fatalf("(-want +got):\n%s%v", diff, err)
		}
		for _, step := range steps[:after] {
			if err := step.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		again, err := c.cut("", more)
		if err != nil || after == 4 && len(again) > 0 {
			t.Fatalf("after %d steps: %v, %v", after, texts(again), err)
		}
		for _, step := range again {
			if err := step.Do(t.Context()); err != nil {
				t.Fatalf("after %d steps: %s: %v", after, step.Text, err)
			}
		}
		head := c.Git("rev-parse", "HEAD")
		for _, ref := range []string{"hotfix/v1.7.3", "v1.7.3^{commit}"} {
			if there := testkit.Git(t, c.Remote, "rev-parse", ref); there != head {
				t.Errorf("after %d steps: %s is %s, expected %s", after, ref, there, head)
			}
		}
		if message := c.Git(
			"log",
			"-1",
			"--format=%B",
		); message != "chore(release): 1.7.3\n\nHotfix-Allow: "+more ||
			c.Git("rev-list", "--count", "v1.7.2..") != "3" {
			t.Errorf("after %d steps: %s", after, message)
		}
		if steps, err := c.cut(""); len(steps) > 0 || err != nil {
			t.Errorf("again, and not allowed again: %v, %v", texts(steps), err)
		}
	}
}

// TestTaggingAHotfixThatCarriesItsVersion has nothing to commit except what is allowed.
func TestTaggingAHotfixThatCarriesItsVersion(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	more := c.hotfix()
	c.Write("VERSION", "1.7.3\n")
	c.Write("package.json", "{\"version\": \"1.7.3\"}\n")
	c.Write("CHANGELOG.md", "## [1.7.3]\n\n- fixed\n")
	c.Git("commit", "-qam", "chore: the version")
	c.Git("tag", "-a", "-m", "v1.7.3", "v1.7.3")
	if steps, err := c.cut(
		"",
		more,
	); err == nil ||
		!strings.HasPrefix(
			err.Error(),
			"v1.7.3 is on this commit, and no commit allows "+more+": git tag -d v1.7.3",
		) {
		t.Errorf("%v, %v", texts(steps), err)
	}
	c.Git("tag", "-d", "v1.7.3")
	steps, err := c.cut("", more)
	if err != nil || len(steps) != 3 {
		t.Fatalf("%v, %v", texts(steps), err)
	}
	for _, step := range steps {
		if err := step.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := testkit.Git(
		t,
		c.Remote,
		"log",
		"-1",
		"--format=%(trailers:key=Hotfix-Allow,valueonly)",
		"v1.7.3",
	); got != more {
		t.Errorf("allowed: %q", got)
	}
}

// TestTaggingAHotfixThatIsPushed pushes nothing twice, and does not consider a hotfix
// finished when only its tag was pushed.
func TestTaggingAHotfixThatIsPushed(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	more := c.hotfix()
	c.Git("tag", "-a", "-m", "v1.7.3", "v1.7.3")
	c.Git("push", "-q", "origin", "v1.7.3")
	if steps, err := c.cut(
		"",
	); err == nil ||
		!strings.HasPrefix(
			err.Error(),
			"origin has v1.7.3, but not its branch, which says that it is a hotfix: git push origin hotfix/v1.7.3",
		) {
		t.Errorf("%v, %v", texts(steps), err)
	}
	c.Git("push", "-q", "origin", "hotfix/v1.7.3")
	if steps, err := c.cut(
		"",
		more,
	); err == nil ||
		!strings.HasPrefix(err.Error(), "v1.7.3 is on origin already, and no commit allows "+more) {
		t.Errorf("%v, %v", texts(steps), err)
	}

	c = newClone(t)
	more = c.hotfix()
	steps, err := c.cut("", more)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := step.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Git("push", "-q", "origin", ":hotfix/v1.7.3")
	if steps, err := c.cut(""); len(steps) > 0 || err != nil {
		t.Errorf("its branch is gone: %v, %v", texts(steps), err)
	}
}
