//go:build scenario

package targets_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// These scenarios run .github/workflows/release.yml by act
// (https://github.com/nektos/act), in its self-hosted mode: each job in a
// workspace of its own on this machine, in the order of their needs. What comes
// from elsewhere on GitHub is in testdata/actions.

// ci is GitHub for an app: its repository as it was pushed, what a release goes
// to, and what the jobs of a run have handed on.
type ci struct {
	t     *testing.T
	base  string // the folder of all of it
	dir   string // where the app is pushed from
	world *standin.World
}

// newCI makes GitHub for the app in dir. It adds to it what an app needs for the
// pipeline, tags that, and pushes it.
func newCI(t *testing.T, dir, tag string, around func(string, http.Handler) http.Handler) *ci {
	t.Helper()
	base := t.TempDir()
	c := &ci{t: t, base: base, dir: dir}
	origin := filepath.Join(base, "git", sceneRepository+".git")
	testkit.Git(t, base, "init", "--quiet", "--bare", "--initial-branch=main", origin)
	var err error
	c.world, err = standin.Open(context.WithoutCancel(t.Context()), standin.Options{Dir: filepath.Join(base, "world"), Repository: sceneRepository,
		Git: origin, Token: plainKeys.token, Webhook: plainKeys.webhook, Run: testkit.Runner(), Intercept: around})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.world.Close() })
	c.login()
	adopt(t, dir)
	image := fmt.Sprintf("%s/%s", c.world.Registry(), sceneRepository)
	if _, err := os.Stat(filepath.Join(dir, "release.yaml")); err == nil {
		change(t, dir, "release.yaml", "image: {", "image: {name: "+image+", ")
	} else {
		change(t, dir, "release.yaml", "", "build: {image: {name: "+image+"}}\n")
	}
	c.git("remote", "set-url", "origin", "https://github.com/"+sceneRepository)
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message", "fix: release with odin-release")
	c.git("tag", "--annotate", "--message", tag, tag)
	c.git("push", "--quiet", origin, "main", "--tags")
	return c
}

func (c *ci) git(args ...string) { c.t.Helper(); testkit.Git(c.t, c.dir, args...) }

// login leaves the password for the registry beside what else Docker knows.
func (c *ci) login() {
	c.t.Helper()
	own := os.Getenv("DOCKER_CONFIG")
	if own == "" {
		own = filepath.Join(os.Getenv("HOME"), ".docker")
	}
	docker := filepath.Join(c.base, "docker")
	if err := os.CopyFS(docker, os.DirFS(own)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.t.Fatal(err)
	}
	config := map[string]any{}
	if data, err := os.ReadFile(filepath.Join(docker, "config.json")); err == nil {
		if err := json.Unmarshal(data, &config); err != nil {
			c.t.Fatal(err)
		}
	}
	config["auths"] = map[string]any{c.world.Registry(): map[string]string{
		"auth": base64.StdEncoding.EncodeToString([]byte("ada:" + plainKeys.token))}}
	data, err := json.Marshal(config)
	if err != nil {
		c.t.Fatal(err)
	}
	change(c.t, docker, "config.json", "", string(data))
}

// attempt is one attempt at a run of a workflow.
type attempt struct {
	results   map[string][]string // of jobs: a result for each of a matrix
	outputs   map[string]string   // by job.name
	summaries string              // Markdown of all steps
	log       string
	err       error
}

// run runs a workflow of the app for an event, as act does, or the file that
// args name.
func (c *ci) run(event, ref string, args ...string) attempt {
	c.t.Helper()
	change(c.t, c.base, "event.json", "", fmt.Sprintf(`{"ref": %q, "repository": {"default_branch": "main", "full_name": %q}}`, ref, sceneRepository))
	command := []string{event, "--eventpath", filepath.Join(c.base, "event.json"), "--json", "--no-cache-server", "--no-skip-checkout",
		"--container-daemon-socket", "-", "--action-cache-path", filepath.Join(c.base, "act"),
		"--platform", "ubuntu-24.04=-self-hosted", "--platform", "ubuntu-24.04-arm=-self-hosted",
		"--secret", "GITHUB_TOKEN=" + plainKeys.token, "--secret", "DISCORD_WEBHOOK_URL=" + c.world.Webhook(),
		"--env", "GITHUB_API_URL=" + c.world.GitHub()}
	root, err := filepath.Abs("../..")
	if err != nil {
		c.t.Fatal(err)
	}
	for used, local := range c.used(root) {
		command = append(command, "--local-repository", used+"="+local)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Minute)
	defer cancel()
	act := exec.CommandContext(ctx, actProgram(c.t), append(command, args...)...)
	act.Dir = c.dir
	artifacts := filepath.Join(c.base, "artifacts")
	if len(args) == 0 { // a run of its own; a file that is named is another attempt at one
		if err := os.RemoveAll(artifacts); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := os.MkdirAll(artifacts, 0o755); err != nil {
		c.t.Fatal(err)
	}
	act.Env = append(withoutActions(os.Environ()), "DOCKER_CONFIG="+filepath.Join(c.base, "docker"), "XDG_CONFIG_HOME="+filepath.Join(c.base, "config"),
		"STANDIN_GIT="+filepath.Join(c.base, "git"), "STANDIN_ARTIFACTS="+artifacts, "STANDIN_ATTESTED="+filepath.Join(c.base, "attested"))
	var out bytes.Buffer
	act.Stdout, act.Stderr = &out, &out
	result := attempt{results: map[string][]string{}, outputs: map[string]string{}, err: act.Run()}
	result.read(out.String())
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("act %s %s ended with %v and %v\n%s", event, ref, result.err, result.results, result.log)
		}
	})
	return result
}

// used are the folders here of what workflows use from elsewhere on GitHub.
func (c *ci) used(root string) map[string]string {
	c.t.Helper()
	used := map[string]string{}
	for _, dir := range []string{root, c.dir} {
		workflow, err := os.ReadFile(filepath.Join(dir, ".github/workflows/release.yml"))
		if err != nil {
			c.t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`uses: ([\w-]+/[\w-]+)(\S*)@(\S+)`).FindAllStringSubmatch(string(workflow), -1) {
			local := filepath.Join(root, "magefiles/targets/testdata/actions", filepath.Base(match[1]))
			if match[2] != "" { // a workflow, which is in this tree
				local = root
			}
			used[match[1]+"@"+match[3]] = local
		}
	}
	return used
}

// read reads act's log: a JSON document on each line
// (https://github.com/nektos/act, --json).
func (a *attempt) read(out string) {
	var log strings.Builder
	for line := range strings.Lines(out) {
		var entry struct {
			Job, JobID, JobResult, Msg string
			Command, Name, Arg         string // of the runner's commands: an output
			Content                    string // of the step summary
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			log.WriteString(line)
			continue
		}
		switch {
		case entry.JobResult != "":
			a.results[entry.JobID] = append(a.results[entry.JobID], entry.JobResult)
		case entry.Command == "set-output":
			a.outputs[entry.JobID+"."+entry.Name] = entry.Arg
		case entry.Command == "summary":
			a.summaries += entry.Content
		}
		fmt.Fprintf(&log, "%s │ %s\n", entry.Job, strings.TrimRight(entry.Msg, "\n"))
	}
	a.log = log.String()
}

// actProgram is act, as scripts/test installs it.
func actProgram(t *testing.T) string {
	t.Helper()
	program := os.Getenv("ACT")
	if program == "" {
		program = "act"
	}
	found, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%v: scripts/test installs act, or: go install github.com/nektos/act@v0.2.89", err)
	}
	return found
}

// succeeded are the results of a whole run with as many checks and
// platforms.
func succeeded(checks, platforms int) map[string][]string {
	results := map[string][]string{}
	for job, count := range map[string]int{"plan": 1, "preflight": 1, "lint": checks, "test": 4, "build": platforms, "assemble": 1, "attest": 1,
		"publish": 1, "verify": platforms, "promote": 1} {
		results[job] = slices.Repeat([]string{"success"}, count)
	}
	return results
}

// state is what the stand-ins have.
func (c *ci) state() standin.State {
	c.t.Helper()
	state, err := c.world.State(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return state
}

// released checks that what is out under the tag, as latest too, is the image
// that travelled from job to job, and gives its digest.
func (c *ci) released(tag string) string {
	c.t.Helper()
	travelled, err := image.Inspect(filepath.Join(c.base, "artifacts", "odin-release", "image.oci"))
	if err != nil {
		c.t.Fatal(err)
	}
	state := c.state()
	for _, name := range []string{strings.TrimPrefix(tag, "v"), "latest"} {
		if digest := tagged(state, name); digest != travelled.Digest {
			c.t.Errorf("%s is %q, and what travelled is %s", name, digest, travelled.Digest)
		}
	}
	if release := releaseOf(c.t, state, tag); release == nil || release.Draft || badge(state) != tag {
		c.t.Errorf("the release is %+v, and the badge is on %q", release, badge(state))
	}
	if count := len(state.Messages); count != 1 {
		c.t.Errorf("%d announcements, expected one", count)
	}
	return travelled.Digest
}

// TestScenarioWorkflow releases the sample by the release workflow: on a push of
// its tag, with all of its jobs.
func TestScenarioWorkflow(t *testing.T) {
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
	want := map[string]string{"promote.version": "1.7.4", "promote.digest": digest, "promote.url": "https://github.com/" + sceneRepository + "/releases/tag/v1.7.4"}
	for name, value := range want {
		if run.outputs[name] != value {
			t.Errorf("the output %s is %q, expected %q", name, run.outputs[name], value)
		}
	}
	if !strings.Contains(run.log, "PostgreSQL: TEST_DATABASE_URL (127.0.0.1:5432)") {
		t.Error("the integration tests did not run on the service container")
	}
	attested, err := os.ReadFile(filepath.Join(c.base, "attested"))
	if err != nil || !strings.Contains(string(attested), c.world.Registry()+"/"+sceneRepository+"@"+digest+"\n") || !strings.Contains(string(attested), "  vendor.tar.gz\n") {
		t.Errorf("attested: %s, %v", attested, err)
	}
	last := strings.Index(run.summaries, "| phase | result | time |\n| --- | --- | ---: |\n| verify ")
	if last < 0 {
		t.Fatalf("the last job has no summary:\n%s", run.summaries)
	}
	testkit.Golden(t, "testdata/workflow-summary.md", summaryOf(t, run.summaries[last:], c.world.Registry()))
}

// summaryOf is a step summary without what differs from run to run.
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

// TestScenarioWorkflowAgain kills the job that publishes, in the middle of it,
// and runs what failed again, and then everything, by hand.
func TestScenarioWorkflowAgain(t *testing.T) {
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
	if state := c.state(); tagged(state, "2.0.1") != "" || tagged(state, "latest") != "" || badge(state) != "" || len(state.Messages) != 0 {
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
	if state := c.state(); tagged(state, "2.0.1") != digest || tagged(state, "latest") != digest || len(state.Messages) != 1 || third.outputs["promote.digest"] != digest {
		t.Errorf("all jobs once more changed what is public:\n%+v", state)
	}
	if !strings.Contains(third.log, "v2.0.1 is published already, as "+digest) {
		t.Error("nothing says that it is published already")
	}
}

// kill kills the pipeline in the middle of a target, as a runner that is lost
// does.
func (c *ci) kill(target string) {
	killed := 0
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		args := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
		if err != nil || len(args) != 2 || !strings.HasPrefix(args[0], filepath.Join(c.base, "act")) || args[1] != target {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
			c.t.Errorf("kill %s: %v", target, err)
		}
		killed++
	}
	if killed != 1 {
		c.t.Errorf("%d processes did %s, expected one", killed, target)
	}
}

// again runs the failed jobs of an attempt again, and those that waited for
// them. As GitHub does, it takes the outputs of the others, which don't run.
func (c *ci) again(before attempt, event, ref string) attempt {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, ".github/workflows/release.yml"))
	if err != nil {
		c.t.Fatal(err)
	}
	var workflow map[string]any
	if err := yaml.Unmarshal(data, &workflow); err != nil {
		c.t.Fatal(err)
	}
	jobs := workflow["jobs"].(map[string]any)
	for id := range jobs {
		if len(before.results[id]) == 0 || slices.Contains(before.results[id], "failure") {
			continue
		}
		outputs := map[string]string{}
		for name, value := range before.outputs {
			if output, ours := strings.CutPrefix(name, id+"."); ours {
				outputs[output] = value
			}
		}
		jobs[id] = map[string]any{"runs-on": "ubuntu-24.04", "outputs": outputs, "steps": []any{map[string]string{"run": "true"}}}
	}
	if data, err = yaml.Marshal(workflow); err != nil {
		c.t.Fatal(err)
	}
	change(c.t, c.base, "again.yml", "", string(data))
	return c.run(event, ref, "--workflows", filepath.Join(c.base, "again.yml"))
}

// TestScenarioWorkflowCalled calls the release workflow from an app's own
// repository, by the file that the README shows.
func TestScenarioWorkflowCalled(t *testing.T) {
	dir := tinyApp(t)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```yaml\nname: release\n")
	caller, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the README has no workflow")
	}
	change(t, dir, ".github/workflows/release.yml", "", "name: release\n"+caller+`
  after:
    needs: release
    runs-on: ubuntu-24.04
    steps:
      - env: {TOLD: "${{ needs.release.outputs.version }} ${{ needs.release.outputs.digest }} ${{ needs.release.outputs.url }}"}
        run: echo "released $TOLD"
`)
	c := newCI(t, dir, "v2.0.1", nil)
	run := c.run("push", "refs/tags/v2.0.1")
	if run.err != nil {
		t.Fatalf("the run ended with %v and %v", run.err, run.results)
	}
	digest := c.released("v2.0.1")
	if want := "released 2.0.1 " + digest + " https://github.com/" + sceneRepository + "/releases/tag/v2.0.1"; !strings.Contains(run.log, want) {
		t.Errorf("nothing says %q", want)
	}
}

// TestScenarioWorkflowWithoutImage releases an app that has no image.
func TestScenarioWorkflowWithoutImage(t *testing.T) {
	dir := tinyApp(t)
	change(t, dir, "release.yaml", "image: {", "image: {absent: a tiny app, ")
	copyWorkflow(t, dir)
	c := newCI(t, dir, "v2.0.1", nil)
	run := c.run("push", "refs/tags/v2.0.1")
	if diff := cmp.Diff(succeeded(5, 1), run.results); diff != "" || run.err != nil {
		t.Fatalf("the run ended with %v, its jobs (-want +got):\n%s", run.err, diff)
	}
	if release := releaseOf(t, c.state(), "v2.0.1"); release == nil || release.Draft || len(c.state().Registry) > 0 {
		t.Errorf("the release is %+v, the registry has %+v", release, c.state().Registry)
	}
}

// tinyApp is the repository of an app that is built and tested in no time. It
// has a check of its own besides those that every app has.
func tinyApp(t *testing.T) string {
	t.Helper()
	l := newLines(t)
	change(t, l.dir, "release.yaml", `  - {name: "frontend:typeCheck", absent: a tiny app}
`, `  - {name: "frontend:typeCheck", absent: a tiny app}
  - {name: licence, kind: command, command: [test, -e, Dockerfile], directory: .}
`)
	return l.dir
}

// copyWorkflow gives the app the release workflow as its own.
func copyWorkflow(t *testing.T, dir string) {
	t.Helper()
	workflow, err := os.ReadFile("../../.github/workflows/release.yml")
	if err != nil {
		t.Fatal(err)
	}
	change(t, dir, ".github/workflows/release.yml", "", string(workflow))
}

// startPostgres starts the server that act starts no service container for.
func startPostgres(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", "run", "--detach", "--rm", "--env=POSTGRES_PASSWORD=odin-release-tests", "--publish=127.0.0.1:5432:5432", "postgres:15").Output()
	if err != nil {
		t.Fatalf("start PostgreSQL in place of the service container: %v", err)
	}
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "docker", "rm", "--force", "--volumes", strings.TrimSpace(string(out))).Run()
	})
}
