package hotfix_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/hotfix"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// clone is a checkout with a bare repository as its remote.
type clone struct {
	testkit.Clone
	t      *testing.T
	config app.Config
}

// newClone has the lines 1.6, 1.7 and 2.0, and two later fixes on main.
func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{testkit.NewClone(t), t, app.Config{
		Changelog:    app.Changelog{File: "CHANGELOG.md"},
		VersionFiles: []app.VersionFile{{Path: "web/package.json"}, {Path: "VERSION"}},
	}}
	for _, tag := range []string{"v1.6.0", "v1.6.1", "v1.7.0", "v2.0.0"} {
		c.commit("app", tag+"\n", "feat: "+tag)
		c.Git("tag", "-a", "-m", tag, tag)
	}
	c.commit("fix", "1\n", "fix: a thing")
	c.commit("fix", "2\n", "fix: another thing")
	c.Git("push", "-q", "-u", "origin", "main", "--tags")
	return c
}

// app returns the app in the clone.
func (c clone) app() *app.App { return &app.App{Root: c.Dir, Config: c.config} }

func (c clone) commit(file, content, message string) {
	c.t.Helper()
	c.Write(file, content)
	c.Git("add", "--all")
	c.Git("commit", "-q", "-m", message)
}

// begin returns the branch, or the error without the hashes of commits.
func (c clone) begin(from string, pick ...string) string {
	c.t.Helper()
	begun, err := hotfix.Request{
		App:  c.app(),
		Repo: git.Repo{Dir: c.Dir, Run: testkit.Runner()},
		From: from,
		Pick: pick,
	}.Begin(
		c.t.Context(),
	)
	if err != nil {
		return err.Error()
	}
	return begun.Branch + " at " + begun.Base + " for " + begun.Tag
}

// state returns everything that a command that refuses must not change.
func (c clone) state() string {
	return strings.Join(
		[]string{
			c.Git("status", "--porcelain=v2", "--branch"),
			c.Git("for-each-ref", "refs/heads"),
			c.Git("stash", "list"),
		},
		"\n",
	)
}

func TestBegin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(clone)
		from   string
		want   string
		head   string
	}{
		"the newest line": {want: "hotfix/v2.0.1 at v2.0.0 for v2.0.1", head: "v2.0.0"},
		"an old line":     {from: "v1.6.1", want: "hotfix/v1.6.2 at v1.6.1 for v1.6.2", head: "v1.6.1"},
		"a release that only the remote knows": {func(c clone) {
			c.Git("tag", "v1.6.2", "v1.6.1")
			c.Git("push", "-q", "origin", "v1.6.2")
			c.Git("tag", "-d", "v1.6.2")
		}, "v1.6.2", "hotfix/v1.6.3 at v1.6.2 for v1.6.3", "v1.6.2"},
		"a release from before, of two numbers": {func(c clone) {
			c.Git("tag", "v0.9", "v1.6.0")
			c.Git("push", "-q", "origin", "v0.9")
		}, "v0.9", "hotfix/v0.9.1 at v0.9 for v0.9.1", "v0.9"},
		"a second on the line": {func(c clone) {
			c.begin("v1.6.1")
			c.commit("fix", "1\n", "fix: it")
			c.Git("tag", "v1.6.2")
			c.Git("push", "-q", "origin", "v1.6.2")
		}, "v1.6.2", "hotfix/v1.6.3 at v1.6.2 for v1.6.3", "v1.6.2"},
		"with another tag that was moved": {before: func(c clone) {
			c.Git("tag", "nightly", "v1.6.0")
			c.Git("push", "-q", "origin", "main:refs/tags/nightly")
		}, want: "hotfix/v2.0.1 at v2.0.0 for v2.0.1", head: "v2.0.0"},
		"from a contributor's branch": {before: func(c clone) {
			bob := filepath.Join(c.t.TempDir(), "bob.git")
			c.Git("clone", "-q", "--bare", ".", bob)
			testkit.Git(c.t, bob, "tag", "v9.0.0", "main")
			c.Git("remote", "add", "bob", bob)
			c.Git("fetch", "-q", "--no-tags", "bob")
			c.Git("checkout", "-q", "-b", "theirs", "bob/main")
		}, want: "hotfix/v2.0.1 at v2.0.0 for v2.0.1", head: "v2.0.0"},
		"from a detached HEAD": {
			func(c clone) { c.Git("checkout", "-q", "v1.7.0") },
			"",
			"hotfix/v2.0.1 at v2.0.0 for v2.0.1",
			"v2.0.0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			if test.before != nil {
				test.before(c)
			}
			if got := c.begin(test.from); got != test.want {
				t.Errorf("%q, expected %q", got, test.want)
			}
			branch := c.Git("symbolic-ref", "--short", "HEAD")
			if c.Git("rev-parse", "HEAD") != c.Git("rev-parse", test.head+"^{commit}") ||
				!strings.HasPrefix(test.want, branch+" ") {
				t.Errorf("on %s at %s", branch, c.Git("log", "-1", "--oneline"))
			}
		})
	}
}

func TestBeginRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(clone)
		from   string
		pick   string
		want   string
	}{
		"a changed file": {
			before: func(c clone) { c.Write("app", "mine") },
			want:   "uncommitted changes: app; commit them, or run git stash -u",
		},
		"a new file": {
			before: func(c clone) { c.Write("new", "mine") },
			want:   "uncommitted changes: new",
		},
		"a branch that is there": {
			before: func(c clone) { c.Git("branch", "hotfix/v2.0.1") },
			want:   "hotfix/v2.0.1 exists already: continue with git checkout hotfix/v2.0.1",
		},
		"a branch on the remote": {
			before: func(c clone) { c.Git("push", "-q", "origin", "v2.0.0^{}:refs/heads/hotfix/v2.0.1") },
			want: "hotfix/v2.0.1 exists already on origin: continue with git fetch origin " +
				"hotfix/v2.0.1:hotfix/v2.0.1; git checkout hotfix/v2.0.1",
		},
		"the second run": {
			before: func(c clone) { c.begin("") },
			want:   "hotfix/v2.0.1 exists already and is checked out: commit the fix, then releaseCheck and tag",
		},
		"a patch that is out": {
			from: "v1.6.0",
			want: "v1.6.1 is already released and the newest of the line 1.6; start there: hotfix -from=v1.6.1",
		},
		"a patch that is out, elsewhere": {before: func(c clone) {
			c.Git("push", "-q", "origin", "v1.6.1^{}:refs/tags/v1.6.2")
		}, from: "v1.6.1", want: "v1.6.2 is already released and the newest of the line 1.6; start there: hotfix " +
			"-from=v1.6.2"},
		"a release that is not there": {
			from: "v1.6.9",
			want: "there is no release v1.6.9: the newest of the line 1.6 is v1.6.1",
		},
		"another tag than the remote has": {before: func(c clone) { c.Git("tag", "-f", "v1.7.0", "main") },
			want: "origin has release tags on other commits than they are here (v1.7.0): git fetch --tags --force " +
				"origin"},
		"a release that was never pushed": {
			before: func(c clone) { c.Git("tag", "v2.0.1") },
			want: "origin does not have release tags that are here (v2.0.1): git push origin v2.0.1, or git tag " +
				"-d v2.0.1",
		},
		"a rebase under way": {
			before: func(c clone) {
				c.Git(
					"-c",
					"sequence.editor=sed -i s/pick/edit/",
					"rebase",
					"-q",
					"-i",
					"HEAD~1",
				)
			},
			want: "cannot switch branch while rebasing",
		},
		"no remote": {
			before: func(c clone) { c.Git("remote", "remove", "origin") },
			want:   "there is no remote called origin: git remote add origin ADDRESS",
		},
		"a remote that is away": {
			before: func(c clone) { c.Git("remote", "set-url", "origin", c.Remote+".gone") },
			want:   "does not appear to be a git repository",
		},
		"a commit that is not":   {pick: "abc123", want: `-pick=abc123: there is no commit called "abc123"`},
		"an option for a commit": {pick: "--no-commit", want: `-pick=--no-commit: there is no commit called`},
		"a commit that it has":   {pick: "v1.6.0", want: "-pick=v1.6.0: v2.0.0 already has it (feat: v1.6.0)"},
		"a merge": {
			before: func(c clone) { c.Git("merge", "-q", "--no-ff", "-m", "merge", c.side()) },
			pick:   "HEAD",
			want:   "-pick=HEAD: it is a merge; pick the commits that it merged: git log ",
		},
		"nobody to commit as": {
			before: func(c clone) { c.Git("config", "user.name", "") },
			pick:   "main",
			want:   "git does not know who you are",
		},
		"a cherry-pick under way": {
			before: func(c clone) { c.conflict() },
			want:   "is not finished: git status; then git cherry-pick --continue, or --abort",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			if test.before != nil {
				test.before(c)
			}
			before := c.state()
			var pick []string
			if test.pick != "" {
				pick = []string{test.pick}
			}
			for range 2 { // the second run does no harm either
				if got := c.begin(
					test.from,
					pick...); !strings.Contains(got, test.want) ||
					strings.Contains(got, "\n") {
					t.Errorf("%q, expected %q", got, test.want)
				}
				if after := c.state(); after != before {
					t.Errorf("something changed: %s\n%s", before, after)
				}
			}
		})
	}
}

// side makes a branch to merge.
func (c clone) side() string {
	c.Git("checkout", "-q", "-b", "side")
	c.commit("side", "1\n", "fix: aside")
	c.Git("checkout", "-q", "main")
	return "side"
}

// conflict starts a hotfix whose second pick conflicts.
func (c clone) conflict() string {
	c.commit("other", "nothing like it\n", "fix: no trouble")
	c.Git("push", "-q", "origin", "main")
	return c.begin("v1.6.1", "main", "main~1")
}

func TestPick(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	if got := c.begin("v1.6.1", "main~1", "main", "main~1"); got != "hotfix/v1.6.2 at v1.6.1 for v1.6.2" {
		t.Fatal(got)
	}
	got := c.Git("log", "--reverse", "--format=%s, %(trailers:key=(cherry picked from commit,only)%b", "v1.6.1..")
	for _, want := range []string{"fix: a thing", "(cherry picked from commit " + c.Git(
		"rev-parse",
		"main~1",
	) + ")", "fix: another thing",
		"(cherry picked from commit " + c.Git("rev-parse", "main") + ")"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q, expected %q", got, want)
		}
	}
	if strings.Count(got, "fix:") != 2 {
		t.Errorf("picked: %q", got)
	}
}

// TestPickStops follows the commands that the errors name.
func TestPickStops(t *testing.T) {
	t.Parallel()
	t.Run("go on", func(t *testing.T) {
		c := newClone(t)
		got := c.conflict()
		if want := "hotfix/v1.6.2 was created; cherry-picking " + c.Git(
			"rev-parse",
			"main~1",
		)[:7] + " (fix: another thing) stopped at a conflict in fix\n" +
			"  to continue: resolve it; git add fix; git cherry-pick --continue; then releaseCheck, and tag\n" +
			"  to undo it: git cherry-pick --abort; git checkout main; git branch -D hotfix/v1.6.2"; got != want {
			t.Errorf("%q, expected %q", got, want)
		}
		if at := c.Git("rev-parse", "CHERRY_PICK_HEAD"); at != c.Git("rev-parse", "main~1") {
			t.Errorf("git stopped at %s", at)
		}
		c.Write("fix", "as the old line needs it\n")
		c.Git("add", "fix")
		c.Git("-c", "core.editor=true", "cherry-pick", "--continue")
		if subjects := c.Git("log", "--format=%s", "v1.6.1.."); subjects != "fix: another thing\nfix: no trouble" {
			t.Error(subjects)
		}
	})
	t.Run("undo", func(t *testing.T) {
		c := newClone(t)
		got := c.conflict()
		_, undo, _ := strings.Cut(got, "to undo it: git ")
		for command := range strings.SplitSeq(undo, "; git ") {
			c.Git(strings.Fields(command)...)
		}
		if c.Git("branch", "--format=%(refname:short)") != "main" || c.Git("status", "--porcelain") != "" {
			t.Errorf("not undone: %s", c.state())
		}
	})
	t.Run("nothing changes", func(t *testing.T) {
		c := newClone(t)
		c.Git("checkout", "-q", "-b", "side", "v1.6.1")
		c.commit("fix", "1\n", "fix: the same")
		c.Git("tag", "v1.6.2")
		c.Git("checkout", "-q", "main")
		c.Git("push", "-q", "origin", "v1.6.2")
		got := c.begin("v1.6.2", "main~1")
		if !strings.Contains(got, "(fix: a thing) changes nothing there\n  to continue: git cherry-pick --skip;") {
			t.Error(got)
		}
		c.Git("cherry-pick", "--skip")
		if c.Git("rev-parse", "HEAD") != c.Git("rev-parse", "v1.6.2^{}") {
			t.Error("something was picked")
		}
	})
}

// TestPickFails reports what prevented git from committing.
func TestPickFails(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	c.Git("config", "commit.gpgSign", "true")
	c.Git("config", "gpg.program", "/no/such/gpg")
	got := c.begin("v1.6.1", "main~1")
	if !strings.Contains(got, "(fix: a thing) stopped: git cherry-pick: ") || !strings.Contains(got, "gpg") ||
		!strings.Contains(got, "to continue: fix that; git cherry-pick --continue") {
		t.Error(got)
	}
	c.Git("config", "commit.gpgSign", "false")
	c.Git("-c", "core.editor=true", "cherry-pick", "--continue")
	if subject := c.Git("log", "-1", "--format=%s"); subject != "fix: a thing" {
		t.Error(subject)
	}
}

// TestPickInASubfolder conflicts outside of the app, in a file whose name a shell would
// split, for a commit whose subject has terminal escapes.
func TestPickInASubfolder(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	const odd = "a; touch $(id).txt"
	c.commit(odd, "1\n", "fix: b")
	c.commit(odd, "2\n", "fix: c \x1b[31m")
	c.Git("push", "-q", "origin", "main")
	if err := os.Mkdir(filepath.Join(c.Dir, "app.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.Dir = filepath.Join(c.Dir, "app.d")
	got := c.begin("v1.6.1", "main")
	if !strings.Contains(got, "stopped at a conflict in :/"+odd) ||
		!strings.Contains(got, "git add ':/"+odd+"'; git cherry-pick --continue") ||
		strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

// TestBeginInAFork starts at the releases of the repository that main follows, which
// will get the tag.
func TestBeginInAFork(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	upstream := filepath.Join(t.TempDir(), "upstream.git")
	c.Git("clone", "-q", "--bare", c.Remote, upstream)
	testkit.Git(t, upstream, "tag", "v2.0.1", "main")
	c.Git("remote", "add", "upstream", upstream)
	c.Git("fetch", "-q", "upstream", "--no-tags")
	c.Git("branch", "-q", "--set-upstream-to=upstream/main", "main")
	if got := c.begin(
		"",
	); got != "hotfix/v2.0.2 at v2.0.1 for v2.0.2" ||
		c.Git("config", "branch.hotfix/v2.0.2.remote") != "upstream" {
		t.Error(got)
	}
}
