//go:build scenario

package targets_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// lines is the repository of a tiny app with the lines 1.6 and 2.0, beside the
// bare one that it is pushed to. Its image takes no time to build.
type lines struct {
	t           *testing.T
	dir, remote string
}

func newLines(t *testing.T) lines {
	t.Helper()
	base := t.TempDir()
	l := lines{t, filepath.Join(base, "app"), filepath.Join(base, "origin.git")}
	testkit.Git(t, base, "init", "--quiet", "--initial-branch=main", "app")
	l.git("config", "user.name", "Ada")
	l.git("config", "user.email", "ada@example.org")
	build := exec.CommandContext(
		t.Context(),
		"go",
		"build",
		"-trimpath",
		"-ldflags=-s -w",
		"-o",
		filepath.Join(l.dir, "app"),
		"../internal/release/verify/testdata/app",
	)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the tiny app: %v: %s", err, out)
	}
	change(t, l.dir, "Dockerfile", "", "FROM scratch\nCOPY app VERSION /\nENTRYPOINT [\"/app\"]\n")
	change(t, l.dir, "release.yaml", "", linesConfig)
	for _, release := range []struct{ subject, version string }{
		{"feat: shelves", "1.6.0"},
		{"fix: a shelf too short", "1.6.1"},
		{"feat!: no shelves", "2.0.0"},
	} {
		l.commit("feature", release.version+"\n", release.subject)
		l.commit("VERSION", release.version+"\n", "chore(release): "+release.version)
		l.git("tag", "--annotate", "--message", release.version, "v"+release.version)
	}
	testkit.Git(t, base, "clone", "--quiet", "--bare", "app", "origin.git")
	l.git("remote", "add", "origin", l.remote)
	l.git("push", "--quiet", "--set-upstream", "origin", "main")
	return l
}

const linesConfig = tinySteps + `versionFiles: [{path: VERSION}]
build:
  frontend: {absent: a tiny app}
  vendor: {absent: a tiny app}
  image: {name: ghcr.io/hughkantsime/runsodin, platforms: [linux/` + runtime.GOARCH + `]}
publish: {tags: [latest, X.Y]}
verify:
  settle: 1s
  health: /health
  processes: [/app, status]
  probe: {path: /records, body: '{"name": "kept"}'}
`

func (l lines) git(args ...string) string { l.t.Helper(); return testkit.Git(l.t, l.dir, args...) }

func (l lines) commit(file, content, message string) string {
	l.t.Helper()
	change(l.t, l.dir, file, "", content)
	l.git("add", "--all")
	l.git("commit", "--quiet", "--message", message)
	return l.git("rev-parse", "HEAD")
}

// run runs targets, which must end with the code.
func (l lines) run(code int, args ...string) ended {
	l.t.Helper()
	result := pipeline(l.t, l.dir, nil, args...)
	if result.code != code {
		l.t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
	}
	return result
}

// read returns what a person reads, without what differs from run to run and from
// machine to machine.
func (l lines) read(text string) string {
	text = strings.NewReplacer(l.remote, "(origin)", l.dir, "(app)").Replace(text)
	for pattern, replacement := range map[string]string{
		`\b[0-9a-f]{40}\b|\b[0-9a-f]{7}\b`:                                        "(commit)",
		` of [0-9]{4}-[0-9]{2}-[0-9]{2} on `:                                      " of (date) on ",
		`\(by the (tags|registry).*\)`:                                            "(by somebody)",
		`(?m)^(Warning: .*|what latest is.*|.*: (started|done in|unchanged).*)\n`: "",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	}
	return strings.ReplaceAll(text, runtime.GOARCH, "(architecture)")
}

// followed returns the version whose digest a moving tag has where the stand-ins are
// shown, and the release with the badge.
func followed(t *testing.T, shown string) (version, badge string) {
	t.Helper()
	digests := map[string]string{}
	for _, match := range regexp.MustCompile(`runsodin:(\S+) +(sha256:\S+)`).FindAllStringSubmatch(shown, -1) {
		digests[match[1]] = match[2]
	}
	for tag, digest := range digests {
		if strings.Count(tag, ".") == 2 && digest == digests["latest"] {
			version = tag
		}
	}
	if match := regexp.MustCompile(`release (v\S+) .*\[Latest\]`).FindStringSubmatch(shown); match != nil {
		badge = match[1]
	}
	return version, badge
}

// rehearse rehearses the release of what is checked out, twice, and tells what
// latest was at the beginning and is at the end.
func (l lines) rehearse(golden string) (before, after, badge string) {
	l.t.Helper()
	first := l.run(0, "rehearse")
	testkit.Golden(l.t, "testdata/"+golden, l.read(ending(l.t, first.stdout)))
	second := l.run(0, "rehearse")
	if !strings.Contains(second.stdout, "is released already: nothing is published again") {
		l.t.Error("the second rehearsal does not say that nothing is published again")
	}
	if match := regexp.MustCompile(`latest +(?:moves from|stays at) ([0-9.]+[0-9])`).
		FindStringSubmatch(first.stdout); match != nil {
		before = match[1]
	}
	after, badge = followed(l.t, second.stdout)
	return before, after, badge
}

// TestScenarioHotfix goes the whole way on the newest line and on an old one:
// begin, fix, tag, release, and bring the fix to main.
func TestScenarioHotfix(t *testing.T) {
	t.Parallel()
	t.Run("the newest line", func(t *testing.T) {
		t.Parallel()
		l := newLines(t)
		testkit.Golden(t, "testdata/hotfix-begin.txt", l.read(l.run(0, "hotfix").stdout))
		l.commit("fix", "a floor\n", "fix: there is no floor")
		testkit.Golden(t, "testdata/hotfix-plan.txt", l.read(l.run(0, "plan").stdout))
		tagged := l.run(0, "tag", "-yes")
		_, done, _ := strings.Cut(tagged.stdout, "What will be done")
		testkit.Golden(t, "testdata/hotfix-tag.txt", l.read(done))
		if again := l.run(
			0,
			"tag",
			"-yes",
		); !strings.Contains(
			again.stdout,
			"v2.0.1 is tagged and pushed already: nothing to do",
		) {
			t.Errorf("tagged again: %s", again.stdout)
		}
		if there := testkit.Git(
			t,
			l.remote,
			"rev-parse",
			"v2.0.1^{commit}",
		); there != l.git("rev-parse", "HEAD") ||
			testkit.Git(t, l.remote, "rev-parse", "hotfix/v2.0.1") != there {
			t.Errorf("origin has %s", there)
		}
		l.run(0, "releaseCheck")
		if before, after, badge := l.rehearse(
			"hotfix-rehearse.txt",
		); before != "2.0.0" || after != "2.0.1" ||
			badge != "v2.0.1" {
			t.Errorf("latest was %q, is %q, and the badge is on %q", before, after, badge)
		}
		// The way that the plan names brings the fix to main.
		planned := l.run(0, "plan", "-format=markdown").stdout
		way := regexp.MustCompile(`to fix that: (git checkout main); (git pull); (git cherry-pick -x [0-9a-f]+); ` +
			`(git push)`).
			FindStringSubmatch(planned)
		if way == nil {
			t.Fatalf("no way to bring it to main:\n%s", planned)
		}
		for _, command := range way[1:] {
			l.git(strings.Fields(command)[1:]...)
		}
		l.git("checkout", "--quiet", "hotfix/v2.0.1")
		if planned := l.run(0, "plan").stdout; !strings.Contains(planned, "origin/main has the fix too") {
			t.Errorf("it is on main:\n%s", planned)
		}
	})
	t.Run("an old line", func(t *testing.T) {
		t.Parallel()
		l := newLines(t)
		fix := l.commit("fix", "a floor\n", "fix: there is no floor")
		l.git("push", "--quiet")
		testkit.Golden(t, "testdata/hotfix-pick.txt", l.read(l.run(0, "hotfix", "-from=v1.6.1", "-pick="+fix).stdout))
		l.run(0, "tag", "-yes")
		testkit.Golden(t, "testdata/hotfix-old-plan.txt", l.read(l.run(0, "plan").stdout))
		notes, err := os.ReadFile(filepath.Join(l.dir, "dist", "notes.md"))
		if err != nil || !strings.Contains(string(notes), "there is no floor") ||
			strings.Contains(string(notes), "shelves") {
			t.Errorf("the notes are not of the line alone: %s, %v", notes, err)
		}
		if before, after, badge := l.rehearse(
			"hotfix-old-rehearse.txt",
		); before != "2.0.0" || after != "2.0.0" ||
			badge != "v2.0.0" {
			t.Errorf("latest was %q, is %q, and the badge is on %q", before, after, badge)
		}
		// The second one on the line.
		refused := l.run(1, "hotfix", "-from=v1.6.1")
		if !strings.Contains(
			refused.stderr,
			"v1.6.2 is already released and the newest of the line 1.6; start there: hotfix -from=v1.6.2",
		) {
			t.Errorf("refused: %s", refused.stderr)
		}
		l.run(0, "hotfix", "-from=v1.6.2")
		l.commit("fix", "a stronger floor\n", "fix: the floor bends")
		l.run(0, "tag", "-yes")
		if before, after, badge := l.rehearse(
			"hotfix-second-rehearse.txt",
		); before != "2.0.0" || after != "2.0.0" ||
			badge != "v2.0.0" {
			t.Errorf("latest was %q, is %q, and the badge is on %q", before, after, badge)
		}
	})
}

// TestScenarioHotfixRefuses shows what each refusal looks like, in one golden
// file, and that none changes anything, however often.
func TestScenarioHotfixRefuses(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	var told strings.Builder
	refuse := func(args ...string) {
		t.Helper()
		before := l.git("status", "--porcelain=v2", "--branch") + l.git("for-each-ref")
		first, second := l.run(1, args...), l.run(1, args...)
		if first.stderr != second.stderr {
			t.Errorf("%v: the second time it says %s", args, second.stderr)
		}
		if after := l.git("status", "--porcelain=v2", "--branch") + l.git("for-each-ref"); after != before {
			t.Errorf("%v changed something:\n%s\n%s", args, before, after)
		}
		told.WriteString(l.read("$ " + strings.Join(args, " ") + "\n" + first.stderr + "\n"))
	}
	refuse("hotfix", "-from=v1.6.0")
	refuse("hotfix", "-from=v1.6.7")
	refuse("hotfix", "-from=1.6.1")
	refuse("hotfix", "-from=")
	refuse("hotfix", "-pick=")
	refuse("hotfix", "v1.6.1")
	refuse("hotfix", "-pick=abcdef")
	refuse("hotfix", "-pick=v2.0.0")
	refuse("hotfix", "-pick=main", "-pick=v2.0.0")
	refuse("hotfix", "-pick=main", l.git("rev-parse", "main"))
	change(t, l.dir, "feature", "", "mine\n")
	refuse("hotfix")
	l.git("checkout", "--quiet", "feature")
	fix := l.commit("feature", "2.0.0, mended\n", "fix: shelves")
	l.git("push", "--quiet")

	// A conflict is git's to keep: only the second run refuses.
	conflict := l.run(1, "hotfix", "-from=v1.6.1", "-pick="+fix)
	told.WriteString(l.read("$ hotfix -from=v1.6.1 -pick=" + fix + "\n" + conflict.stderr + "\n"))
	refuse("hotfix", "-from=v1.6.1", "-pick="+fix)
	change(t, l.dir, "feature", "", "1.6.1, mended\n")
	l.git("add", "feature")
	l.git("-c", "core.editor=true", "cherry-pick", "--continue")
	refuse("hotfix", "-from=v1.6.1")

	l.git("checkout", "--quiet", "-b", "hotfix/v2.0.1", "v2.0.0")
	refuse("plan")
	l.commit("more", "1\n", "feat: more")
	refuse("tag", "-yes", "-tag=v2.1.0")
	refuse("tag", "-yes")
	refuse("releaseCheck")
	refuse("release")
	l.git("checkout", "--quiet", "--detach")
	refuse("rehearse")
	l.git("checkout", "--quiet", "hotfix/v2.0.1")
	refuse("plan", "-allow=less")
	l.git("branch", "-m", "hotfix/v1.6.2-again")
	refuse("plan")
	l.git("branch", "-m", "hotfix/v2.1.0")
	refuse("plan")
	l.git("branch", "-m", "hotfix/v1.6.3")
	refuse("plan")
	l.git("branch", "-m", "more")
	refuse("plan", "-allow=less")
	testkit.Golden(t, "testdata/hotfix-refused.txt", told.String())
}

// TestScenarioHotfixAllowed allows a feature by name, once: the tag's commit
// says it to whoever releases the tag, as CI does, which has no branch.
func TestScenarioHotfixAllowed(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	l.run(0, "hotfix")
	more := l.commit("more", "1\n", "feat: more")[:7]
	l.run(0, "tag", "-yes", "-allow="+more)
	clone := filepath.Join(t.TempDir(), "clone")
	testkit.Git(t, l.dir, "clone", "--quiet", l.remote, clone)
	onTag := func(args ...string) {
		t.Helper()
		testkit.Git(t, clone, append([]string{"checkout", "--quiet"}, args...)...)
	}
	onTag("v2.0.1")
	ci := []string{
		"GITHUB_ACTIONS=true",
		"GITHUB_REF=refs/tags/v2.0.1",
		"GITHUB_REF_TYPE=tag",
		"GITHUB_REF_NAME=v2.0.1",
	}
	planned := func(env ...string) string {
		t.Helper()
		if result := pipeline(t, clone, env, "plan"); result.code != 0 {
			t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
		}
		decided, err := plan.Read(filepath.Join(clone, "dist", "plan.json"))
		if err != nil {
			t.Fatal(err)
		}
		// How the version came to be known, and whether a branch is checked out,
		// is all that may differ.
		decided.Source, decided.Branch = "", ""
		var text strings.Builder
		if err := decided.WriteJSON(&text); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	pushed := planned(append(ci, "GITHUB_EVENT_NAME=push")...)
	if !strings.Contains(pushed, `"base": "v2.0.0"`) || !strings.Contains(pushed, more) {
		t.Errorf("the plan is of no hotfix: %s", pushed)
	}
	// A run by hand, for the tag or for the branch, takes the same road.
	if byTag := planned(append(ci, "GITHUB_EVENT_NAME=workflow_dispatch")...); byTag != pushed {
		t.Errorf("by hand for the tag: %s", byTag)
	}
	onTag("-B", "hotfix/v2.0.1", "origin/hotfix/v2.0.1")
	if byBranch := planned(
		"GITHUB_ACTIONS=true",
		"GITHUB_EVENT_NAME=workflow_dispatch",
		"GITHUB_REF=refs/heads/hotfix/v2.0.1",
		"GITHUB_REF_TYPE=branch",
		"GITHUB_REF_NAME=hotfix/v2.0.1",
	); byBranch != pushed {
		t.Errorf("by hand for the branch (-tag +branch):\n%s", cmp.Diff(pushed, byBranch))
	}
	result := pipeline(t, clone, nil, "rehearse")
	if version, badge := followed(t, result.stdout); result.code != 0 || version != "2.0.1" || badge != "v2.0.1" {
		t.Errorf("code %d, latest is %q, the badge is on %q\n%s", result.code, version, badge, result.stderr)
	}
}

// TestScenarioHotfixKeepsTheVersion picks a fix that also writes the version, as some do by hand.
func TestScenarioHotfixKeepsTheVersion(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	l.commit("VERSION", "2.1.0\n", "chore: the next version")
	change(t, l.dir, "VERSION", "", "2.1.1\n")
	fix := l.commit("fix", "1\n", "fix: a thing")
	l.git("push", "--quiet", "origin", "main")
	begun := l.run(0, "hotfix", "-pick="+fix)
	if !inOrder(begun.stdout, "hotfix/v2.0.1 begins at v2.0.0", "picked "+fix[:7]+" fix: a thing",
		"kept the version and the changelog of v2.0.0, which tag writes, in VERSION") {
		t.Errorf("it says\n%s", begun.stdout)
	}
	if version, fixed := l.git("show", "HEAD:VERSION"), l.git("show", "HEAD:fix"); version != "2.0.0" || fixed != "1" {
		t.Errorf("the version is %q, and the fix %q", version, fixed)
	}
}
