package hotfix_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/hotfix"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// pack returns a package.json with a version and two dependencies.
func pack(version, first, last string) string {
	return fmt.Sprintf("{\n  \"name\": \"web\",\n  \"version\": %q,\n  \"private\": true,\n  \"a\": %q,\n  \"x\": 0,\n"+
		"  \"y\": 0,\n  \"z\": %q\n}\n", version, first, last)
}

// released adds to a clone the release v2.0.1 with version files and a changelog, and then v2.1.0 on main.
func released(t *testing.T) clone {
	t.Helper()
	c := newClone(t)
	for _, folder := range []string{"web", "app.d"} {
		if err := os.Mkdir(filepath.Join(c.Dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range []string{"2.0.1", "2.1.0"} {
		c.Write("VERSION", version+"\n")
		c.Write("CHANGELOG.md", "# Changelog\n\n## "+version+"\n")
		c.Write("web/package.json", pack(version, "1", "1"))
		c.commit("released", version+"\n", "chore: release "+version)
		c.Git("tag", "-a", "-m", version, "v"+version)
	}
	c.Git("push", "-q", "origin", "main", "--tags")
	return c
}

// fix returns a commit that also writes the next version and its changelog, as some do by hand.
func (c clone) fix(version, file, content, manifest string) string {
	c.Write("VERSION", version+"\n")
	c.Write("CHANGELOG.md", "# Changelog\n\n## "+version+"\n")
	c.Write("web/package.json", manifest)
	c.commit(file, content, "fix: "+file)
	c.Git("push", "-q", "origin", "main")
	return c.Git("rev-parse", "HEAD")
}

// start starts a hotfix of v2.0.1.
func (c clone) start(pick ...string) (hotfix.Begun, error) {
	request := hotfix.Request{
		App: c.app(), Scratch: testkit.Scratch(c.t), Repo: git.Repo{Dir: c.Dir, Run: testkit.Runner()},
		From: "v2.0.1", Pick: pick,
	}
	return request.Begin(c.t.Context())
}

func (c clone) read(file string) string {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.Dir, file))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// The version and the changelog stay those of the branch; all else of the commits is picked, also
// what they change in a version file.
func TestPickKeepsWhatTagWrites(t *testing.T) {
	t.Parallel()
	c := released(t)
	first := c.fix("2.1.1", "one", "1\n", pack("2.1.1", "1", "2"))
	second := c.fix("2.1.2", "two", "2\n", pack("2.1.2", "1", "2"))
	begun, err := c.start(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"CHANGELOG.md", "VERSION", "web/package.json"}, begun.Kept); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for file, want := range map[string]string{
		"VERSION": "2.0.1\n", "CHANGELOG.md": "# Changelog\n\n## 2.0.1\n", "one": "1\n", "two": "2\n",
		"web/package.json": pack("2.0.1", "1", "2"),
	} {
		if got := c.read(file); got != want {
			t.Errorf("%s is %q, expected %q", file, got, want)
		}
	}
	messages := c.Git("log", "--reverse", "--format=%B", "v2.0.1..")
	want := "fix: one\n\n(cherry picked from commit " + first + ")\n\n" +
		"fix: two\n\n(cherry picked from commit " + second + ")"
	if strings.TrimSpace(messages) != want {
		t.Errorf("the messages are %q", messages)
	}
	if status := c.Git("status", "--porcelain"); status != "" {
		t.Errorf("the tree is not clean: %s", status)
	}
}

// A conflict that a person has to decide stops the cherry-pick, and nothing is resolved.
func TestPickStopsAtOtherConflicts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before     func(clone)
		file, text string
		manifest   string
		want       string
	}{
		"in another file": {
			func(clone) {}, "released", "2.1.1\n", pack("2.1.1", "1", "1"),
			"stopped at a conflict in CHANGELOG.md, VERSION, released",
		},
		"in a version file, besides the version": {
			func(c clone) { c.fix("2.1.0", "more", "", pack("2.1.0", "5", "1")) },
			"one", "1\n", pack("2.1.1", "6", "1"),
			"stopped at a conflict in CHANGELOG.md, VERSION, web/package.json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := released(t)
			test.before(c)
			fix := c.fix("2.1.1", test.file, test.text, test.manifest)
			_, err := c.start(fix)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, expected %q", err, test.want)
			}
			if !strings.Contains(c.read("VERSION"), "<<<<<<<") {
				t.Error("VERSION is resolved")
			}
		})
	}
}

// A commit that changes only what tag writes changes nothing on the branch.
func TestPickOfAVersion(t *testing.T) {
	t.Parallel()
	c := released(t)
	c.Write("VERSION", "2.1.1\n")
	c.Git("commit", "-q", "-a", "-m", "chore: a version")
	c.Git("push", "-q", "origin", "main")
	_, err := c.start(c.Git("rev-parse", "HEAD"))
	const want = "(chore: a version) changes nothing there\n  to continue: git cherry-pick --skip"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v", err)
	}
	if got := c.read("VERSION"); got != "2.0.1\n" {
		t.Errorf("the version is %q", got)
	}
}

// The app may be in a folder of its repository.
func TestPickKeepsWhatTagWritesInASubfolder(t *testing.T) {
	t.Parallel()
	c := released(t)
	c.Write("app.d/VERSION", "1.0.0\n")
	c.commit("app.d/a", "", "feat: another app")
	c.Git("tag", "-a", "-m", "v2.1.1", "v2.1.1")
	c.Write("app.d/VERSION", "1.1.0\n")
	c.commit("app.d/a", "1\n", "feat: more")
	c.Write("app.d/VERSION", "1.1.1\n")
	c.commit("app.d/b", "1\n", "fix: a thing")
	c.Git("push", "-q", "origin", "main", "--tags")
	c.Dir = filepath.Join(c.Dir, "app.d")
	request := hotfix.Request{
		App: c.app(), Scratch: testkit.Scratch(t), Repo: git.Repo{Dir: c.Dir, Run: testkit.Runner()},
		From: "v2.1.1", Pick: []string{"main"},
	}
	begun, err := request.Begin(t.Context())
	if err != nil || !cmp.Equal(begun.Kept, []string{"VERSION"}) || c.read("VERSION") != "1.0.0\n" ||
		c.read("b") != "1\n" {
		t.Errorf("kept %q: %v", begun.Kept, err)
	}
}
