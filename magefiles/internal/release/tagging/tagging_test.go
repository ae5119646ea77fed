package tagging_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/tagging"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// clone is an app's checkout with a bare repository as its remote.
type clone struct {
	testkit.Clone
	t      *testing.T
	others func([]string) error
}

func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{testkit.NewClone(t), t, nil}
	c.Write("release.yaml", "versionFiles: [{path: VERSION}, {path: package.json}]\n")
	c.Write("VERSION", "1.7.2\n")
	c.Write("package.json", "{\"version\": \"1.7.1\"}\n")
	c.Write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [1.7.2] - 2026-04-13\n")
	c.Git("add", "-A")
	c.Git("commit", "-q", "-m", "feat: first")
	c.Git("tag", "-a", "-m", "v1.7.2", "v1.7.2")
	c.Git("commit", "-q", "--allow-empty", "-m", "fix(api): a thing")
	c.Git("push", "-q", "-u", "origin", "main", "--tags")
	return c
}

// cut plans and lists the steps for a tag, "" for the proposed one.
func (c clone) cut(tag string, allow ...string) ([]tagging.Step, error) {
	c.t.Helper()
	found, err := app.Find(c.Dir)
	if err != nil {
		c.t.Fatal(err)
	}
	repo := git.Repo{Dir: c.Dir, Run: testkit.Runner()}
	decided, err := plan.Make(
		c.t.Context(),
		plan.Request{
			App:     found,
			Repo:    repo,
			History: changelog.History{Repo: repo},
			Asked:   plan.Asked{Tag: tag, Allow: strings.Join(allow, ",")},
		},
	)
	if err != nil {
		return nil, err
	}
	made := &tagging.Cut{
		App:     found,
		Repo:    repo,
		Plan:    decided,
		Section: []byte("## [" + decided.Version + "]\n\n- fixed\n"),
		Others:  c.others,
	}
	return made.Steps(c.t.Context())
}

func texts(steps []tagging.Step) []string {
	var list []string
	for _, step := range steps {
		list = append(list, step.Text)
	}
	return list
}

// state returns the relevant state of both repositories.
func (c clone) state() map[string]string {
	c.t.Helper()
	return map[string]string{
		"remote main":  testkit.Git(c.t, c.Remote, "rev-parse", "main"),
		"remote tags":  testkit.Git(c.t, c.Remote, "tag"),
		"local main":   c.Git("rev-parse", "main"),
		"local status": c.Git("status", "--porcelain"),
		"local tags":   c.Git("tag"),
	}
}

func TestTagging(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	before := c.Git("rev-parse", "HEAD")
	steps, err := c.cut("")
	want := []string{
		"write 1.7.3 into CHANGELOG.md, VERSION, package.json",
		`commit that as "chore(release): 1.7.3"`,
		"tag it v1.7.3 (annotated)",
		"push main and v1.7.3 to origin in one atomic push",
	}
	if diff := cmp.Diff(want, texts(steps)); diff != "" || err != nil {
		t.Fatalf("(-want +got):\n%s%v", diff, err)
	}
	if now := c.Git("rev-parse", "HEAD"); now != before || c.Git("status", "--porcelain") != "" {
		t.Error("listing the steps did something")
	}
	for _, step := range steps {
		if err := step.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	head := c.Git("rev-parse", "HEAD")
	wantState := map[string]string{
		"remote main":  head,
		"local main":   head,
		"remote tags":  "v1.7.2\nv1.7.3",
		"local tags":   "v1.7.2\nv1.7.3",
		"local status": "",
	}
	if diff := cmp.Diff(wantState, c.state()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if kind := testkit.Git(
		c.t,
		c.Remote,
		"cat-file",
		"-t",
		"v1.7.3",
	); kind != "tag" || testkit.Git(c.t, c.Remote, "rev-parse", "v1.7.3^{commit}") != head ||
		c.Git("rev-parse", "HEAD^") != before {
		t.Errorf("the tag is a %s", kind)
	}
	for file, want := range map[string]string{
		"VERSION":      "1.7.3",
		"package.json": `{"version": "1.7.3"}`,
		"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [1.7.3]\n\n- fixed\n\n## [1.7.2] - 2026-04-13",
	} {
		if got := testkit.Git(c.t, c.Remote, "show", "v1.7.3:"+file); got != want {
			t.Errorf("%s: %s", file, got)
		}
	}
	for _, tag := range []string{"", "v1.7.3"} {
		if steps, err := c.cut(tag); len(steps) > 0 || err != nil {
			t.Errorf("again, %q: %v, %v", tag, texts(steps), err)
		}
	}
}

// TestTaggingGoesOn interrupts the work after each step and runs it again: the result
// is the same.
func TestTaggingGoesOn(t *testing.T) {
	t.Parallel()
	for after := range 4 {
		c := newClone(t)
		steps, err := c.cut("")
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps[:after] {
			if err := step.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		again, err := c.cut("")
		if err != nil {
			t.Fatalf("after %d steps: %v", after, err)
		}
		for _, step := range again {
			if err := step.Do(t.Context()); err != nil {
				t.Fatalf("after %d steps: %s: %v", after, step.Text, err)
			}
		}
		head := c.Git("rev-parse", "HEAD")
		want := map[string]string{
			"remote main":  head,
			"local main":   head,
			"remote tags":  "v1.7.2\nv1.7.3",
			"local tags":   "v1.7.2\nv1.7.3",
			"local status": "",
		}
		if diff := cmp.Diff(want, c.state()); diff != "" || c.Git("rev-list", "--count", "v1.7.2..main") != "2" {
			t.Errorf("after %d steps (-want +got):\n%s", after, diff)
		}
	}
}

func TestTaggingRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(clone)
		tag   string
		want  string
	}{
		"a dirty tree": {func(c clone) { c.Write("new", "") }, "", "uncommitted changes: new; commit them"},
		"a dirty version file": {
			func(c clone) { c.Write("package.json", "{\"version\": \"1.7.1\", \"more\": 1}\n") },
			"",
			"uncommitted changes",
		},
		"a commit not pushed": {
			func(c clone) { c.Git("commit", "-q", "--allow-empty", "-m", "fix: b") },
			"",
			"main differs from that of origin",
		},
		"a commit not pulled": {func(c clone) {
			c.Git("reset", "-q", "--hard", "HEAD^")
			c.Git("commit", "-q", "--allow-empty", "-m", "x")
		}, "", "main differs from that of origin"},
		"a branch not there": {
			func(c clone) { c.Git("checkout", "-q", "-b", "other") },
			"",
			"origin has no branch other: git push -u origin other",
		},
		"a branch of another name": {
			func(c clone) { c.Git("checkout", "-q", "-b", "work", "--track", "origin/main") },
			"",
			"work follows the remote's branch main: git checkout main",
		},
		"a detached HEAD": {func(c clone) { c.Git("checkout", "-q", "--detach") }, "", "HEAD is detached"},
		"a tag that is there": {
			func(c clone) { c.Git("tag", "v1.7.3", "v1.7.2") },
			"v1.7.3",
			"v1.7.3 is the tag of another commit",
		},
		"a tag of the remote's": {
			func(c clone) { testkit.Git(c.t, c.Remote, "tag", "v1.7.3", "v1.7.2") },
			"",
			"origin has a tag v1.7.3 already",
		},
		"tags of the remote's": {
			func(c clone) { c.Git("tag", "-d", "v1.7.2") },
			"v1.8.0",
			"origin has release tags that are not here (v1.7.2): git fetch --tags origin",
		},
		"a release not pushed": {
			func(c clone) { testkit.Git(c.t, c.Remote, "tag", "-d", "v1.7.2") },
			"",
			"origin does not have release tags that are here (v1.7.2): git push origin v1.7.2, or git tag -d v1.7.2",
		},
		"a lightweight tag": {
			func(c clone) { c.Git("tag", "v1.7.3") },
			"",
			"v1.7.3 is on this commit, which does not contain that version (CHANGELOG.md, VERSION, package.json): " +
				"git tag -d v1.7.3",
		},
		"a lightweight tag, carried": {func(c clone) {
			c.Write("VERSION", "1.7.3")
			c.Write("package.json", `{"version": "1.7.3"}`)
			c.Write("CHANGELOG.md", "## 1.7.3\n")
			c.Git("commit", "-qam", "x")
			c.Git("push", "-q")
			c.Git("tag", "v1.7.3")
		}, "", "v1.7.3 exists as a lightweight tag"},
		"nobody": {
			func(c clone) { c.Git("config", "user.name", "") },
			"",
			"git does not know who you are: git config --global user.name",
		},
		"much that is dirty": {func(c clone) {
			for _, name := range []string{"a", "b", "c", "d", "e f"} {
				c.Write(name, "")
			}
		}, "", "uncommitted changes: a, b, c and 2 more;"},
		"a tag that was moved": {
			func(c clone) { c.Git("tag", "-f", "-a", "-m", "x", "v1.7.2", "HEAD") },
			"v1.8.0",
			"nothing has changed since v1.7.2",
		},
		"a tag that was moved there": {
			func(c clone) { testkit.Git(c.t, c.Remote, "tag", "-f", "-a", "-m", "x", "v1.7.2", "main") },
			"",
			"origin has release tags on other commits than they are here (v1.7.2): git fetch --tags --force origin",
		},
		"another version by hand": {
			func(c clone) { c.Write("VERSION", "9.9.9\n") },
			"",
			"uncommitted changes: VERSION;",
		},
		"a mode by hand": {func(c clone) {
			if err := os.Chmod(filepath.Join(c.Dir, "VERSION"), 0o755); err != nil {
				c.t.Fatal(err)
			}
			c.Git("config", "core.fileMode", "true")
		}, "", "uncommitted changes: VERSION;"},
		"another's commit": {
			func(c clone) { c.Git("commit", "-q", "--allow-empty", "-m", "chore(release): 1.7.3") },
			"v2.0.0",
			`the commit "chore(release): 1.7.3" was never pushed; undo it: git reset --keep `,
		},
		"a lower version": {func(clone) {}, "v1.7.1", "v1.7.1 is not higher than v1.7.2"},
		"nothing changed": {
			func(c clone) { c.Git("reset", "-q", "--hard", "v1.7.2") },
			"v1.8.0",
			"nothing has changed since v1.7.2",
		},
		"a version file of nothing": {
			func(c clone) { c.Write("package.json", "{}"); c.Git("commit", "-qam", "x"); c.Git("push", "-q") },
			"",
			"version file package.json",
		},
		"no remote": {
			func(c clone) { c.Git("remote", "remove", "origin") },
			"",
			"there is no remote called origin: git remote add origin ADDRESS",
		},
		"not a version": {func(clone) {}, "1.8.0", "must begin with v"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			test.spoil(c)
			head := c.Git("rev-parse", "HEAD")
			steps, err := c.cut(test.tag)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, %v", texts(steps), err)
			}
			if now := c.Git("rev-parse", "HEAD"); now != head {
				t.Error("HEAD moved")
			}
		})
	}
}

// TestTaggingPushesBothOrNeither has a remote that refuses the tag: the branch does not
// move, and the next run completes the work.
func TestTaggingPushesBothOrNeither(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	hook := filepath.Join(c.Remote, "hooks", "update")
	if err := os.WriteFile(
		hook,
		[]byte("#!/bin/sh\ncase $1 in refs/tags/*) echo no tags today >&2; exit 1;; esac\n"),
		0o755,
	); err != nil {
		t.Fatal(err)
	}
	before := testkit.Git(c.t, c.Remote, "rev-parse", "main")
	steps, err := c.cut("")
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	for _, step := range steps {
		failed = errors.Join(failed, step.Do(t.Context()))
	}
	if failed == nil || !strings.Contains(failed.Error(), "no tags today") ||
		!strings.Contains(failed.Error(), "git tag -d v1.7.3; git reset --keep ") ||
		strings.Contains(failed.Error(), "\n") {
		t.Errorf("error %v", failed)
	}
	if now := testkit.Git(c.t, c.Remote, "rev-parse", "main"); now != before {
		t.Error("the branch was pushed without the tag")
	}
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	again, err := c.cut("")
	if diff := cmp.Diff(
		[]string{"push main and v1.7.3 to origin in one atomic push, which an earlier run did not do"},
		texts(again),
	); diff != "" ||
		err != nil {
		t.Fatalf("(-want +got):\n%s%v", diff, err)
	}
	if err := again[0].Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if testkit.Git(c.t, c.Remote, "rev-parse", "main") != c.Git("rev-parse", "HEAD") ||
		testkit.Git(c.t, c.Remote, "tag") != "v1.7.2\nv1.7.3" {
		t.Errorf("%v", c.state())
	}
}

// GitHub does not take the tag of an immutable release that was deleted.
func TestTaggingOfABurnedTag(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	answer := "#!/bin/sh\ncase $1 in refs/tags/*) echo 'error: GH013: Repository rule violations found for " +
		"refs/tags/v1.7.3.' >&2\necho '- Cannot create ref due to creations being restricted.' >&2; exit 1;; esac\n"
	if err := os.WriteFile(filepath.Join(c.Remote, "hooks", "update"), []byte(answer), 0o755); err != nil {
		t.Fatal(err)
	}
	err := c.run()
	if err == nil || !strings.Contains(err.Error(), "choose the next version: git tag -d v1.7.3; git reset --keep ") ||
		strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

// run does all steps of the proposed tag.
func (c clone) run() error {
	c.t.Helper()
	steps, err := c.cut("")
	for _, step := range steps {
		if err == nil {
			err = step.Do(c.t.Context())
		}
	}
	return err
}

// TestTaggingFollowsLinks has version files that are symbolic links.
func TestTaggingFollowsLinks(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	for _, dir := range []string{"backend", "docs"} {
		if err := os.Mkdir(filepath.Join(c.Dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"VERSION": "backend/VERSION", "CHANGELOG.md": "docs/CHANGELOG.md"} {
		c.Git("mv", from, to)
		if err := os.Symlink(to, filepath.Join(c.Dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	c.Git("add", "-A")
	c.Git("commit", "-qm", "fix: move")
	c.Git("push", "-q")
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Git(t, c.Remote, "show", "v1.7.3:backend/VERSION"); got != "1.7.3" {
		t.Errorf("VERSION at the tag: %s", got)
	}
	if got := testkit.Git(
		t,
		c.Remote,
		"show",
		"v1.7.3:docs/CHANGELOG.md",
	); !strings.Contains(got, "## [1.7.3]") || c.Git("status", "--porcelain") != "" ||
		c.Git("ls-files", "-s", "CHANGELOG.md")[:6] != "120000" {
		t.Errorf("CHANGELOG.md at the tag: %s", got)
	}
}

// TestTaggingInASubfolder is an app in a larger repository, interrupted the day before,
// after the version was written.
func TestTaggingInASubfolder(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	if err := os.Mkdir(filepath.Join(c.Dir, "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.Git("mv", "release.yaml", "VERSION", "package.json", "CHANGELOG.md", "app")
	c.Git("commit", "-qm", "fix: move")
	c.Git("push", "-q")
	c.Dir = filepath.Join(c.Dir, "app")
	steps, err := c.cut("")
	if err != nil {
		t.Fatal(err)
	}
	if err := steps[0].Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Git(
		t,
		c.Remote,
		"show",
		"v1.7.3:app/VERSION",
	); got != "1.7.3" ||
		c.Git("status", "--porcelain") != "" {
		t.Errorf("VERSION at the tag: %s", got)
	}
}

// TestTaggingIsOvertaken has somebody else push while the tag is made.
func TestTaggingIsOvertaken(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	steps, err := c.cut("")
	if err != nil {
		t.Fatal(err)
	}
	last := len(steps) - 1
	for _, step := range steps[:last] {
		if err := step.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(t.TempDir(), "other")
	testkit.Git(t, c.Dir, "clone", "-q", c.Remote, other)
	testkit.Git(t, other, "commit", "-q", "--allow-empty", "-m", "fix: faster")
	testkit.Git(t, other, "push", "-q")
	want := "to start over: git tag -d v1.7.3; git reset --keep HEAD~1; git pull"
	if err := steps[last].Do(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v", err)
	}
	if _, err := c.cut(""); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("again: error %v", err)
	}
	c.Git("tag", "-d", "v1.7.3")
	c.Git("reset", "-q", "--keep", "HEAD~1")
	c.Git("pull", "-q", "--no-rebase")
	if err := c.run(); err != nil ||
		testkit.Git(t, c.Remote, "rev-parse", "v1.7.3^{commit}") != testkit.Git(t, c.Remote, "rev-parse", "main") {
		t.Errorf("after that: %v", err)
	}
}

// TestTaggingWithAHookThatFails can be run again once the hook is fixed, and pushes no
// other tags, whatever the configuration.
func TestTaggingWithAHookThatFails(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	c.Git("config", "push.followTags", "true")
	c.Git("tag", "-a", "-m", "mine", "private")
	hook := filepath.Join(c.Dir, ".git", "hooks", "pre-commit")
	if err := os.WriteFile(
		hook,
		[]byte("#!/bin/sh\necho lint failed >&2\necho twice >&2\nexit 1\n"),
		0o755,
	); err != nil {
		t.Fatal(err)
	}
	err := c.run()
	if want := "git commit: lint failed; twice; the version was written but not committed: fix that and run tag " +
		"again, or undo it: git checkout HEAD -- CHANGELOG.md VERSION package.json"; err == nil ||
		err.Error() != want {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
	if tags := testkit.Git(t, c.Remote, "tag"); tags != "v1.7.2\nv1.7.3" {
		t.Errorf("tags %s", tags)
	}
}

// TestTaggingWithAHookThatRewrites never tags a commit without the version, and says
// how to undo everything.
func TestTaggingWithAHookThatRewrites(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	before := c.Git("rev-parse", "--short=7", "HEAD")
	hook := filepath.Join(c.Dir, ".git", "hooks", "pre-commit")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\necho 1.1 >VERSION\ngit add VERSION\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.run(); err == nil ||
			!strings.Contains(err.Error(), "did a hook change it? Undo it: git reset --keep "+before) {
			t.Errorf("error %v", err)
		}
	}
	if count := c.Git("rev-list", "--count", "origin/main..main"); count != "1" {
		t.Errorf("%s commits", count)
	}
	c.Git("reset", "-q", "--keep", before)
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	if err := c.run(); err != nil {
		t.Error(err)
	}
}

// TestTaggingWithAHookThatAdds reports the unexpected files of the commit, and lets
// them be refused.
func TestTaggingWithAHookThatAdds(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{true, false} {
		c := newClone(t)
		before := c.Git("rev-parse", "--short=7", "HEAD")
		if err := os.WriteFile(
			filepath.Join(c.Dir, ".git", "hooks", "pre-commit"),
			[]byte("#!/bin/sh\necho x >extra\ngit add extra\n"),
			0o755,
		); err != nil {
			t.Fatal(err)
		}
		var seen []string
		c.others = func(files []string) error {
			if seen = files; refused {
				return errors.New("not seen before")
			}
			return nil
		}
		err := c.run()
		if refused &&
			(err == nil || err.Error() != "not seen before; nothing was tagged. Undo it: git reset --keep "+before) ||
			!refused && err != nil {
			t.Errorf("error %v", err)
		}
		if tags := testkit.Git(
			t,
			c.Remote,
			"tag",
		); !slices.Equal(seen, []string{"extra"}) ||
			(tags == "v1.7.2") != refused {
			t.Errorf("%v were seen, the tags are %s", seen, tags)
		}
	}
}

// TestTaggingPushesTheBranchAfterTheTag has a tag that was pushed by hand after the
// push of both failed.
func TestTaggingPushesTheBranchAfterTheTag(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	steps, err := c.cut("")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps[:len(steps)-1] {
		if err := step.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Git("push", "-q", "origin", "v1.7.3")
	if err := c.run(); err != nil || testkit.Git(t, c.Remote, "rev-parse", "main") != c.Git("rev-parse", "HEAD") {
		t.Errorf("%v, %v", c.state(), err)
	}
	if steps, err := c.cut(""); len(steps) > 0 || err != nil {
		t.Errorf("%v, %v", texts(steps), err)
	}
}

// What is written under Unreleased moves to the section of the version with the tag's commit.
func TestTaggingMovesWhatWasWritten(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	c.Write("release.yaml", "versionFiles: [{path: VERSION}]\nchangelog: {written: before}\n")
	c.Write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\nBy hand.\n\n## [1.7.2] - 2026-04-13\n")
	c.Git("commit", "-q", "-a", "-m", "docs: what is new")
	c.Git("push", "-q", "origin", "main")
	for range 2 { // the second time, nothing is left to do
		steps, err := c.cut("v1.7.3")
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if err := step.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	const want = "# Changelog\n\n## [Unreleased]\n\n## [1.7.3]\n\nBy hand.\n\n" + changelog.GeneratedMark +
		"\n\n- fixed\n\n## [1.7.2] - 2026-04-13"
	if got := c.Git("show", "v1.7.3:CHANGELOG.md"); got != want {
		t.Errorf("%q, expected\n%q", got, want)
	}
}
