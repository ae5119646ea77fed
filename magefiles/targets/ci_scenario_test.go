//go:build scenario

package targets_test

import (
	"bytes"
	"context"
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
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

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
	c := openCI(t, dir, around)
	adopt(t, dir)
	image := fmt.Sprintf("%s/%s", c.world.Registry(), sceneRepository)
	if _, err := os.Stat(filepath.Join(dir, "release.yaml")); err == nil {
		change(t, dir, "release.yaml", "name: ghcr.io/"+sceneRepository, "name: "+image)
	} else {
		change(t, dir, "release.yaml", "", "build: {image: {name: "+image+"}}\n")
	}
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message", "fix: release with odin-release")
	c.push(tag)
	return c
}

// openCI makes GitHub for the repository in dir, from which nothing is pushed yet.
func openCI(t *testing.T, dir string, around func(string, http.Handler) http.Handler) *ci {
	t.Helper()
	base := t.TempDir()
	c := &ci{t: t, base: base, dir: dir}
	origin := filepath.Join(base, "git", sceneRepository+".git")
	testkit.Git(t, base, "init", "--quiet", "--bare", "--initial-branch=main", origin)
	var err error
	c.world, err = standin.Open(
		context.WithoutCancel(t.Context()),
		standin.Options{Dir: filepath.Join(base, "world"), Repository: sceneRepository,
			Git: origin, Token: plainKeys.token, Webhook: plainKeys.webhook, Run: testkit.Runner(), Intercept: around},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.world.Close() })
	c.login()
	return c
}

// push tags the newest commit, and pushes all.
func (c *ci) push(tag string) {
	c.t.Helper()
	c.git("remote", "set-url", "origin", "https://github.com/"+sceneRepository)
	c.git("tag", "--annotate", "--message", tag, tag)
	c.git("push", "--quiet", filepath.Join(c.base, "git", sceneRepository+".git"), "main", "--tags")
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
	config["auths"] = auths(c.world.Registry(), plainKeys.token)
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
	change(
		c.t,
		c.base,
		"event.json",
		"",
		fmt.Sprintf(`{"ref": %q, "number": 7, "repository": {"default_branch": "main", "full_name": %q}}`, ref,
			sceneRepository), // the number is that of a pull request
	)
	command := []string{
		event,
		"--eventpath",
		filepath.Join(c.base, "event.json"),
		"--json",
		"--no-cache-server",
		"--no-skip-checkout",
		"--container-daemon-socket",
		"-",
		"--action-cache-path",
		filepath.Join(c.base, "act"),
		"--platform",
		"ubuntu-24.04=-self-hosted",
		"--platform",
		"ubuntu-24.04-arm=-self-hosted",
		"--secret",
		"GITHUB_TOKEN=" + plainKeys.token,
		"--secret",
		"DISCORD_WEBHOOK_URL=" + c.world.Webhook(),
		"--env",
		"GITHUB_API_URL=" + c.world.GitHub(),
	}
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
	act.Env = append(
		withoutActions(os.Environ()),
		"DOCKER_CONFIG="+filepath.Join(c.base, "docker"),
		"XDG_CONFIG_HOME="+filepath.Join(c.base, "config"),
		"STANDIN_GIT="+filepath.Join(
			c.base,
			"git",
		),
		"STANDIN_ARTIFACTS="+artifacts,
		"STANDIN_ATTESTED="+filepath.Join(c.base, "attested"),
	)
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

// used returns the folders here of what workflows use from elsewhere on GitHub.
func (c *ci) used(root string) map[string]string {
	c.t.Helper()
	used := map[string]string{}
	for _, dir := range []string{root, c.dir} {
		workflow, err := os.ReadFile(filepath.Join(dir, ".github/workflows/release.yml"))
		if err != nil {
			c.t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`uses: ([\w-]+/[\w-]+)(\S*)@(\S+)`).FindAllStringSubmatch(
			string(workflow),
			-1,
		) {
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

// succeeded returns the results of a whole run with as many checks and
// platforms.
func succeeded(checks, platforms int) map[string][]string {
	results := map[string][]string{}
	for job, count := range map[string]int{"plan": 1, "preflight": 1, "lint": checks, "test": 4,
		"build": platforms, "assemble": 1, "attest": 1,
		"publish": 1, "verify": platforms, "promote": 1, "report": 1} {
		results[job] = slices.Repeat([]string{"success"}, count)
	}
	return results
}

// state returns what the stand-ins have.
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

// kill kills the pipeline in the middle of a target, as a runner that is lost
// does.
func (c *ci) kill(target string) {
	killed := 0
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		args := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
		if err != nil || len(args) != 2 || !strings.HasPrefix(args[0], filepath.Join(c.base, "act")) ||
			args[1] != target {
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
		jobs[id] = map[string]any{
			"runs-on": "ubuntu-24.04",
			"outputs": outputs,
			"steps":   []any{map[string]string{"run": "true"}},
		}
	}
	if data, err = yaml.Marshal(workflow); err != nil {
		c.t.Fatal(err)
	}
	change(c.t, c.base, "again.yml", "", string(data))
	return c.run(event, ref, "--workflows", filepath.Join(c.base, "again.yml"))
}

// tinyApp returns the repository of an app that is built and tested in no time. It
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
	change(t, dir, ".github/workflows/release.yml", "", releaseWorkflow(t))
}

// startPostgres starts the server that act starts no service container for.
func startPostgres(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(
		t.Context(),
		"docker",
		"run",
		"--detach",
		"--rm",
		"--env=POSTGRES_PASSWORD=odin-release-tests",
		"--publish=127.0.0.1:5432:5432",
		"postgres:15",
	).
		Output()
	if err != nil {
		t.Fatalf("start PostgreSQL in place of the service container: %v", err)
	}
	t.Cleanup(func() {
		_ = exec.CommandContext(
			context.WithoutCancel(t.Context()),
			"docker",
			"rm",
			"--force",
			"--volumes",
			strings.TrimSpace(string(out)),
		).
			Run()
	})
}
