//go:build scenario

package targets_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// firstRehearsal is how rehearse of the sample ended, which is run once for all
// scenarios, in a folder without an app.
var firstRehearsal = sync.OnceValues(func() (ended, error) {
	dir := rehearsalDir()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return ended{}, err
	}
	// A tag of CI is not the sample's.
	return start(context.Background(), dir, []string{"GITHUB_REF_TYPE=tag", "GITHUB_REF_NAME=v0.0.1"}, "rehearse")
})

func rehearsalDir() string { return filepath.Join(fixtures, "rehearsal") }

// rehearsed returns the folder in which rehearse of the sample was run, and how that
// ended.
func rehearsed(t *testing.T) (string, ended) {
	t.Helper()
	result, err := firstRehearsal()
	if err != nil || result.code != 0 {
		t.Fatalf("rehearse ended with code %d, %v\n%s%s", result.code, err, result.stdout, result.stderr)
	}
	return rehearsalDir(), result
}

// ending returns what a person reads last: the tables after the phases, without what
// differs from run to run.
func ending(t *testing.T, out string) string {
	t.Helper()
	at := strings.LastIndex(out, "\n  phase ")
	if at < 0 {
		t.Fatalf("there is no table of phases:\n%s", out)
	}
	text := out[at+1:]
	for pattern, replacement := range map[string]string{
		`( *)[0-9]+ min [0-9]{2} s|( *)[0-9]+\.[0-9] s`: "  (time)",
		`sha256:[0-9a-f]{12}\b`:                         "sha256:(digest)",
		`sha256:[0-9a-f]{64}`:                           "sha256:(whole digest)",
		`[0-9.]+ [kM]?B\b`:                              "(size)",
		` {2,}`:                                         "  ",
		`─+`:                                            "─",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	}
	return text
}

// TestScenarioRehearse is the README's first command, from anywhere.
func TestScenarioRehearse(t *testing.T) {
	t.Parallel()
	dir, first := rehearsed(t)
	testkit.Golden(t, "testdata/rehearse.txt", ending(t, first.stdout))

	second := pipeline(t, dir, nil, "rehearse")
	if second.code != 0 || !strings.Contains(second.stdout, "v1.7.3 is released already: nothing is published again") {
		t.Errorf("code %d, and it does not say that nothing is published again\n%s", second.code, second.stderr)
	}
	if strings.Contains(second.stdout, ": done\"") {
		t.Error("the second run did something")
	}
	testkit.Golden(t, "testdata/rehearse-again.txt", ending(t, second.stdout))
	page := readFile(t, filepath.Join(dir, "dist", "rehearsal", "app", "dist", "report.html"))
	phasesDone(t, page, "plan", "lint", "test", "build", "publish", "verify", "promote", "notify")
	if !strings.Contains(page, "Compared with v1.7.2") {
		t.Error("the report does not compare with the last release")
	}
	shown := func(out string) string {
		_, after, _ := strings.Cut(out, "What the stand-ins ended up with")
		return after
	}
	if shown(first.stdout) != shown(second.stdout) {
		t.Error("the stand-ins ended up with something else")
	}
}

// quickly makes a commit after which the app is for one platform, and has
// neither checks nor suites.
func quickly(t *testing.T, dir string) {
	t.Helper()
	change(t, dir, "release.yaml", "", `checks:
  - {name: "backend:lint", absent: not of interest here}
  - {name: "backend:typeCheck", absent: not of interest here}
  - {name: "frontend:lint", absent: not of interest here}
  - {name: "frontend:typeCheck", absent: not of interest here}
suites:
  - {name: "backend:unit", absent: not of interest here}
  - {name: "backend:integration", absent: not of interest here}
  - {name: "frontend:test", absent: not of interest here}
  - {name: "backend:contract", absent: not of interest here}
build: {image: {platforms: [linux/amd64]}}
publish: {tags: [latest, X.Y, X]}
`)
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: one platform is enough (#99)")
}

// An app of one's own is rehearsed as it is committed, and stays as it is. When
// it is killed outright while it proves the image, the next run goes on from
// there: nothing is built again, and no container is left.
func TestNightlyRehearseOwnApp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	quickly(t, dir)
	change(t, dir, "README.md", "", "not committed\n")
	before := testkit.Git(t, dir, "status", "--porcelain") + testkit.Git(t, dir, "for-each-ref")

	ofNoUse := []string{"GITHUB_TOKEN=of-no-use", "DISCORD_WEBHOOK_URL=https://discord.invalid/api/webhooks/1/none"}
	made := killWhileItVerifies(t, dir, ofNoUse)
	result := pipeline(t, dir, ofNoUse, "rehearse")
	for _, left := range unswept(t) {
		if slices.Contains(made, left) {
			t.Errorf("left behind: %s", left)
		}
	}
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	if after := testkit.Git(t, dir, "status", "--porcelain") + testkit.Git(t, dir, "for-each-ref"); after != before {
		t.Errorf("the app was changed:\n%s\nbefore\n%s", after, before)
	}
	for _, wanted := range []string{"rehearsing it as v1.8.0", "linux/amd64: upgraded from 1.7.3",
		"hughkantsime/runsodin:1.8 ", "hughkantsime/runsodin:1 ",
		"branch main: chore(release): 1.8.0", "O.D.I.N. 1", "build    done by an earlier run, and published",
		"latest         was 1.7.3 before"} {
		if !strings.Contains(result.stdout, wanted) {
			t.Errorf("it does not say %q", wanted)
		}
	}
	rehearsedAsTagged(t, dir)
}

// rehearsedAsTagged: what was rehearsed is what tag would make, and it is known that this passed.
func rehearsedAsTagged(t *testing.T, dir string) {
	t.Helper()
	clone := filepath.Join(dir, "dist", "rehearsal", "app")
	if parent := testkit.Git(t, clone, "rev-parse", "v1.8.0^"); parent != testkit.Git(t, dir, "rev-parse", "HEAD") {
		t.Errorf("v1.8.0 is on a commit after %s", parent)
	}
	want := "chore(release): 1.8.0\n\nCHANGELOG.md\nbackend/pyproject.toml\nfrontend/package-lock.json\n" +
		"frontend/package.json\nfrontend/src/version.ts"
	if shown := testkit.Git(t, clone, "show", "--format=%s", "--name-only", "v1.8.0^{commit}"); shown != want {
		t.Errorf("the commit is %s", shown)
	}
	home, err := os.UserCacheDir()
	if err == nil {
		_, err = os.Stat(
			filepath.Join(
				home,
				"odin-release",
				"passed",
				"v1.8.0",
				testkit.Git(t, clone, "rev-parse", "v1.8.0^{tree}")+".json",
			),
		)
	}
	if err != nil {
		t.Errorf("nothing says that it passed: %v", err)
	}
}

// unswept returns the containers and volumes that verifications made.
func unswept(t *testing.T) []string {
	t.Helper()
	var left []string
	for _, args := range [][]string{{"ps", "--all", "--quiet"}, {"volume", "ls", "--quiet"}} {
		out, err := testkit.Runner().
			Output(t.Context(), run.Command{
				For: "test",
				Args: append(append([]string{
					"docker",
				}, args...), "--filter", "label=io.github.hughkantsime.odin-release.verify"),
			})
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, strings.Fields(out)...)
	}
	return left
}

// killWhileItVerifies gives the containers and volumes that were there then.
func killWhileItVerifies(t *testing.T, dir string, env []string) []string {
	t.Helper()
	command, stdout, _ := prepare(t, dir, env, "rehearse")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	var made []string
	for !strings.Contains(stdout.String(), "verify linux/amd64: started") || len(made) == 0 {
		select {
		case <-ended:
			t.Fatalf("it ended by itself:\n%s", stdout.String())
		case <-time.After(50 * time.Millisecond):
		}
		made = unswept(t)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	return made
}
