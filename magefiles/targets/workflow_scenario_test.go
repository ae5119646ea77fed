//go:build scenario

package targets_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// These scenarios run .github/workflows/release.yml by act
// (https://github.com/nektos/act), in its self-hosted mode: each job in a
// workspace of its own on this machine, in the order of their needs. What comes
// from elsewhere on GitHub is in testdata/actions.

// TestNightlyWorkflow releases the sample by the release workflow: on a push of
// its tag, with all of its jobs.
func TestNightlyWorkflow(t *testing.T) {
	startPostgres(t)
	dir := filepath.Join(t.TempDir(), "app")
	if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	copyWorkflow(t, dir)
	c := newCI(t, dir, "v1.7.4", nil)
	run := c.run("push", "refs/tags/v1.7.4")
	if diff := cmp.Diff(succeeded(4, 2), run.results); diff != "" || run.err != nil {
		t.Fatalf("the run ended with %v, its jobs (-want +got):\n%s", run.err, diff)
	}
	digest := c.released("v1.7.4")
	want := map[string]string{
		"promote.version": "1.7.4",
		"promote.digest":  digest,
		"promote.url":     "https://github.com/" + sceneRepository + "/releases/tag/v1.7.4",
	}
	for name, value := range want {
		if run.outputs[name] != value {
			t.Errorf("the output %s is %q, expected %q", name, run.outputs[name], value)
		}
	}
	if !strings.Contains(run.log, "PostgreSQL: TEST_DATABASE_URL (127.0.0.1:5432)") {
		t.Error("the integration tests did not run on the service container")
	}
	attested, err := os.ReadFile(filepath.Join(c.base, "attested"))
	if err != nil || !strings.Contains(string(attested), c.world.Registry()+"/"+sceneRepository+"@"+digest+"\n") ||
		!strings.Contains(string(attested), "  vendor.tar.gz\n") {
		t.Errorf("attested: %s, %v", attested, err)
	}
	c.reported(report.Done, "lint", "test", "build", "publish", "verify", "promote", "notify")
	last := strings.Index(run.summaries, "| phase | result | time |\n| --- | --- | ---: |\n| verify ")
	if last < 0 {
		t.Fatalf("the last job has no summary:\n%s", run.summaries)
	}
	testkit.Golden(t, "testdata/workflow-summary.md", summaryOf(t, run.summaries[last:], c.world.Registry()))
}

// reported checks that the report of all jobs is an artifact, and that in it the phases are done.
func (c *ci) reported(state string, done ...string) {
	c.t.Helper()
	page, err := os.ReadFile(filepath.Join(c.base, "artifacts", "report", "report.html"))
	if err != nil {
		c.t.Error(err)
		return
	}
	if !strings.Contains(string(page), `<p class="outcome"><span class="state `+state) {
		c.t.Errorf("the report does not say that the run is %s", state)
	}
	phasesDone(c.t, string(page), done...)
}

// phasesDone checks that in a report these phases are done.
func phasesDone(t *testing.T, page string, phases ...string) {
	t.Helper()
	for _, phase := range phases {
		if !regexp.MustCompile(`class="band done">.*\n.*>` + phase + `<`).MatchString(page) {
			t.Errorf("the report does not say that %s is done", phase)
		}
	}
}

// summaryOf returns a step summary without what differs from run to run.
func summaryOf(t *testing.T, text, registry string) string {
	t.Helper()
	for pattern, replacement := range map[string]string{
		`[0-9]+ min [0-9]{2} s|[0-9]+\.[0-9] s`: "(time)",
		`, [0-9]{13}`:                           ", (time)",
		`sha256:[0-9a-f]{64}`:                   "sha256:(digest)",
		`[0-9.]+ [kM]?B\b`:                      "(size)",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	}
	// Jobs of a matrix begin in any order.
	lines, from := strings.Split(strings.ReplaceAll(text, registry, "(registry)"), "\n"), 0
	for i, line := range lines {
		if !strings.Contains(line, " :done, ") {
			slices.Sort(lines[from:i])
			from = i + 1
		}
	}
	return strings.Join(lines, "\n")
}

// TestNightlyWorkflowAgain kills the job that publishes, in the middle of it,
// and runs what failed again, and then everything, by hand.
func TestNightlyWorkflowAgain(t *testing.T) {
	var c *ci
	var once sync.Once
	dir := tinyApp(t)
	copyWorkflow(t, dir)
	c = newCI(t, dir, "v2.0.1", func(service string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if service == standin.GitHub && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/assets") {
				once.Do(func() { c.kill("publish") })
			}
		})
	})
	first := c.run("push", "refs/tags/v2.0.1")
	want := succeeded(5, 1)
	want["publish"] = []string{"failure"}
	delete(want, "verify")
	delete(want, "promote")
	if diff := cmp.Diff(want, first.results); diff != "" || first.err == nil {
		t.Fatalf("the first attempt ended with %v, its jobs (-want +got):\n%s", first.err, diff)
	}
	c.reported(report.Interrupted, "lint", "build") // the app has no suites
	if state := c.state(); tagged(state, "2.0.1") != "" || tagged(state, "latest") != "" || badge(state) != "" ||
		len(state.Messages) != 0 {
		t.Errorf("after a kill something is public:\n%+v", state)
	}

	second := c.again(first, "push", "refs/tags/v2.0.1")
	if second.err != nil {
		t.Fatalf("the second attempt ended with %v and %v", second.err, second.results)
	}
	digest := c.released("v2.0.1")

	third := c.run("workflow_dispatch", "refs/tags/v2.0.1")
	if diff := cmp.Diff(succeeded(5, 1), third.results); diff != "" || third.err != nil {
		t.Fatalf("the third attempt ended with %v, its jobs (-want +got):\n%s", third.err, diff)
	}
	if state := c.state(); tagged(state, "2.0.1") != digest || tagged(state, "latest") != digest ||
		len(state.Messages) != 1 ||
		third.outputs["promote.digest"] != digest {
		t.Errorf("all jobs once more changed what is public:\n%+v", state)
	}
	if !strings.Contains(third.log, "v2.0.1 is published already, as "+digest) {
		t.Error("nothing says that it is published already")
	}
}

// TestNightlyWorkflowCalled calls the release workflow from an app's own
// repository, by the file that the README shows.
func TestNightlyWorkflowCalled(t *testing.T) {
	dir := tinyApp(t)
	change(t, dir, ".github/workflows/release.yml", "", readmeWorkflow(t)+`
  after:
    needs: release
    runs-on: ubuntu-24.04
    steps:
      - env:
          TOLD: >-
            ${{ needs.release.outputs.version }} ${{ needs.release.outputs.digest }}
            ${{ needs.release.outputs.url }}
        run: echo "released $TOLD"
`)
	c := newCI(t, dir, "v2.0.1", nil)
	run := c.run("push", "refs/tags/v2.0.1")
	if run.err != nil {
		t.Fatalf("the run ended with %v and %v", run.err, run.results)
	}
	digest := c.released("v2.0.1")
	if want := "released 2.0.1 " + digest + " https://github.com/" + sceneRepository +
		"/releases/tag/v2.0.1"; !strings.Contains(
		run.log,
		want,
	) {
		t.Errorf("nothing says %q", want)
	}
}

// TestNightlyWorkflowWithoutImage releases an app that has no image, but a file that a command makes, with the
// attestation of its files, once a person has approved it, for whom act does not wait. A job of its own rebuilds the
// docs.
func TestNightlyWorkflowWithoutImage(t *testing.T) {
	dir := tinyApp(t)
	change(t, dir, "release.yaml", "image: {", "image: {absent: a tiny app, ")
	change(t, dir, "release.yaml", "build:\n", `build:
  files:
    - {name: program, command: [sh, -c, 'echo "$VERSION" >"$OUTPUT_DIR/program.txt"'], outputs: [program.txt]}
`)
	const rebuild = `docs: {rebuild: {command: [sh, -c, 'echo "rebuilt for ${GITHUB_JOB}"']}}`
	change(t, dir, "release.yaml", "publish: {", rebuild+"\npublish: {approval: production, ")
	change(t, dir, "docs/index.md", "", "more\n")
	copyWorkflow(t, dir)
	c := newCI(t, dir, "v2.0.1", nil)
	run := c.run("push", "refs/tags/v2.0.1")
	want := succeeded(5, 1)
	want["review"], want["approve"], want["docs"] = []string{"success"}, []string{"success"}, []string{"success"}
	if diff := cmp.Diff(want, run.results); diff != "" || run.err != nil {
		t.Fatalf("the run ended with %v, its jobs (-want +got):\n%s", run.err, diff)
	}
	release := releaseOf(t, c.state(), "v2.0.1")
	if release == nil || release.Draft || len(c.state().Registry) > 0 {
		t.Fatalf("the release is %+v, the registry has %+v", release, c.state().Registry)
	}
	if commit := testkit.Git(t, dir, "rev-parse", "HEAD"); run.outputs["approve.digest"] != commit ||
		!strings.Contains(run.summaries, "## Approve v2.0.1") ||
		!strings.Contains(run.log, "v2.0.1 is approved as "+commit) ||
		!strings.Contains(run.log, "by release-rehearsal, in production (") {
		t.Errorf("%s was to be approved, and was %q\n%s", commit, run.outputs["approve.digest"], run.summaries)
	}
	if run.outputs["promote.docs"] != "elsewhere" || strings.Count(run.log, "rebuilt for docs") != 1 ||
		!strings.Contains(run.log, "rebuild the docs: left to another job") ||
		!strings.Contains(run.log, "not applicable: provenance: it is that of a stand-in for GitHub") {
		t.Errorf("the docs were %q", run.outputs["promote.docs"])
	}
	for _, name := range []string{"program.txt", "provenance.sigstore.json"} {
		if !slices.ContainsFunc(release.Assets, func(asset standin.Asset) bool { return asset.Name == name }) {
			t.Errorf("%s is not among %+v", name, release.Assets)
		}
	}
}
