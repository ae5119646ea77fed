package targets_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// workflow is what GitHub refuses of a workflow only when it is to run, and what
// act does not look at.
type workflow struct {
	Concurrency concurrency
	Jobs        map[string]struct {
		If          string
		Environment string
		Needs       any
		Permissions map[string]string
		Outputs     map[string]string
		Concurrency concurrency
		Steps       []workflowStep
	}
}

type workflowStep struct {
	ID, Name, If, Uses, Run string
	With                    map[string]any
	Env                     map[string]string
}

type concurrency struct {
	Group  string
	Cancel bool `yaml:"cancel-in-progress"`
}

// TestWorkflowPermissions holds what the README has an app grant against what
// the jobs of the release workflow ask for: more would not start, and less would
// do.
func TestWorkflowPermissions(t *testing.T) {
	release, caller := readWorkflow(t, releaseWorkflow(t)), readWorkflow(t, readmeWorkflow(t))
	asked := map[string]string{}
	for _, job := range release.Jobs {
		for scope, level := range job.Permissions {
			if asked[scope] != "write" {
				asked[scope] = level
			}
		}
	}
	if granted := caller.Jobs["release"].Permissions; !maps.Equal(asked, granted) {
		t.Errorf("the README grants %v, and the jobs ask for %v", granted, asked)
	}
}

// TestWorkflowOfPullRequests: what checks a pull request may read, and nothing else, since the code is anybody's. The
// reference has an app grant just that.
func TestWorkflowOfPullRequests(t *testing.T) {
	text := readFile(t, "../../.github/workflows/check.yml")
	check := readWorkflow(t, text)
	caller := readWorkflow(
		t,
		docs.Read(t, "magefiles/targets/README.md").Block(t, "yaml", "github-actions", "name: check\n"),
	)
	ran := ""
	for id, job := range check.Jobs {
		if want := map[string]string{"contents": "read"}; !maps.Equal(job.Permissions, want) ||
			!maps.Equal(caller.Jobs["check"].Permissions, want) {
			t.Errorf("%s asks for %v, and is granted %v", id, job.Permissions, caller.Jobs["check"].Permissions)
		}
		for _, step := range job.Steps {
			ran += step.Run + "\n"
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				t.Errorf("%s leaves the token to the app's code", id)
			}
		}
	}
	if strings.Contains(text, "secrets.") || strings.Contains(text, "github.token") {
		t.Error("the workflow has a secret or a token")
	}
	if !strings.Contains(ran, `$RUNNER_ARCH" plan`+"\n") || !strings.Contains(ran, `$RUNNER_ARCH" releaseCheck`+"\n") {
		t.Errorf("it runs %s", ran)
	}
}

// TestWorkflowConcurrency: nothing is cancelled, what publishes takes turns by
// the tag, and no group is one that a caller may have.
func TestWorkflowConcurrency(t *testing.T) {
	release := readWorkflow(t, releaseWorkflow(t))
	groups := map[string]string{"": release.Concurrency.Group}
	for id, job := range release.Jobs {
		if job.Concurrency.Group != "" {
			groups[id] = job.Concurrency.Group
		}
		if job.Concurrency.Cancel || release.Concurrency.Cancel {
			t.Errorf("%s: a run cancels another", id)
		}
	}
	want := map[string]string{
		"":        "odin-release-${{ github.ref }}",
		"publish": "odin-publish-${{ needs.plan.outputs.tag }}",
		"promote": "odin-publish-${{ needs.plan.outputs.tag }}",
	}
	if !maps.Equal(groups, want) {
		t.Errorf("groups %v, expected %v", groups, want)
	}
}

// TestWorkflowAgain: what a job hands on takes the place of what an earlier
// attempt of the job did.
func TestWorkflowAgain(t *testing.T) {
	for id, job := range readWorkflow(t, releaseWorkflow(t)).Jobs {
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/upload-artifact@") && step.With["overwrite"] != true {
				t.Errorf("%s: %v fails when the job is run again", id, step.With["name"])
			}
		}
	}
}

// TestWorkflowTree: checks and suites run on the tree that is released, and hold it against the plan's.
func TestWorkflowTree(t *testing.T) {
	jobs := readWorkflow(t, releaseWorkflow(t)).Jobs
	for _, id := range []string{"lint", "test"} {
		planned, ran := false, ""
		for _, step := range jobs[id].Steps {
			planned = planned || step.With["name"] == "odin-dist-plan"
			ran += step.Run
		}
		if !planned || !strings.Contains(ran, id+" -only=") {
			t.Errorf("%s has the plan: %t, and runs %s", id, planned, ran)
		}
	}
}

// TestWorkflowLFS: each checkout but that of the plan, which finds out, fetches the content of Git LFS if there is any.
func TestWorkflowLFS(t *testing.T) {
	for id, job := range readWorkflow(t, releaseWorkflow(t)).Jobs {
		for _, step := range job.Steps {
			fetches := fmt.Sprint(step.With["lfs"]) == "${{ needs.plan.outputs.lfs == 'true' }}"
			if strings.HasPrefix(step.Uses, "actions/checkout@") && fetches != (id != "plan") {
				t.Errorf("%s: lfs is %v", id, step.With["lfs"])
			}
		}
	}
}

// TestWorkflowReport: the report is of all jobs, also of those that failed, and of what each of them passes on.
func TestWorkflowReport(t *testing.T) {
	jobs := readWorkflow(t, releaseWorkflow(t)).Jobs
	report := jobs["report"]
	for id, job := range jobs {
		if id != "report" && !strings.Contains(fmt.Sprint(report.Needs), id) {
			t.Errorf("the report does not wait for %s", id)
		}
		for _, step := range job.Steps {
			name, _ := step.With["name"].(string)
			if strings.HasPrefix(name, "odin-dist-") && strings.HasPrefix(step.Uses, "actions/upload-artifact@") &&
				step.If == "" && id != "plan" {
				t.Errorf("%s: %s is not there when the job fails", id, name)
			}
		}
	}
	if !strings.Contains(report.If, "always()") {
		t.Errorf("the report is made if %s", report.If)
	}
}

// TestWorkflowPins: every action is pinned by a commit, with its version beside.
func TestWorkflowPins(t *testing.T) {
	for line := range strings.Lines(releaseWorkflow(t) + readFile(t, "../../.github/workflows/check.yml")) {
		_, used, found := strings.Cut(line, "uses: ")
		if !found {
			continue
		}
		_, pin, _ := strings.Cut(strings.TrimSpace(used), "@")
		commit, version, _ := strings.Cut(pin, " # v")
		if len(commit) != 40 || strings.Trim(commit, "0123456789abcdef") != "" || strings.Count(version, ".") != 2 {
			t.Errorf("%q is not pinned", used)
		}
	}
}

func readWorkflow(t *testing.T, text string) workflow {
	t.Helper()
	var read workflow
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if len(slices.Collect(maps.Keys(read.Jobs))) == 0 {
		t.Fatal("there are no jobs")
	}
	return read
}

func releaseWorkflow(t *testing.T) string {
	t.Helper()
	return readFile(t, "../../.github/workflows/release.yml")
}

// readmeWorkflow returns the workflow that the README has an app call ours by.
func readmeWorkflow(t *testing.T) string {
	t.Helper()
	return docs.Read(t, "README.md").Block(t, "yaml", "adopt-it", "name: release\n")
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestWorkflowConfiguration takes a configuration of another place in the repository, as both workflows do.
func TestWorkflowConfiguration(t *testing.T) {
	script := func(file string) string {
		for _, job := range readWorkflow(t, readFile(t, "../../.github/workflows/"+file)).Jobs {
			for _, step := range job.Steps {
				if step.If == "${{ inputs.config }}" {
					return step.Run
				}
			}
		}
		t.Fatalf("%s takes no configuration", file)
		return ""
	}
	if script("release.yml") != script("check.yml") {
		t.Error("the workflows differ in how they take a configuration")
	}
	clone := testkit.NewClone(t)
	if err := os.Mkdir(filepath.Join(clone.Dir, "release"), 0o755); err != nil {
		t.Fatal(err)
	}
	clone.Write("release/shop.yaml", "old\n")
	clone.Git("add", "--all")
	clone.Git("commit", "--quiet", "--message", "feat: old")
	clone.Git("tag", "v1.0.0")
	clone.Write("release/shop.yaml", "new\n")
	clone.Git("commit", "--quiet", "--all", "--message", "feat: new")
	clone.Git("push", "--quiet", "origin", "main", "--tags")
	clone.Git("remote", "set-head", "origin", "main")
	clone.Git("checkout", "--quiet", "v1.0.0")
	clone.Git("branch", "--quiet", "-D", "main") // as on a runner, where only origin has it
	for config, want := range map[string]string{
		"release/shop.yaml": "old\n", "main:release/shop.yaml": "new\n", "v1.0.0:release/shop.yaml": "old\n",
		"gone:release/shop.yaml": "", "main:gone.yaml": "", "--help:release/shop.yaml": "", "a b:release/shop.yaml": "",
	} {
		temp := t.TempDir()
		command := exec.CommandContext(t.Context(), "bash", "-e", "-c", script("release.yml"))
		command.Dir = clone.Dir
		command.Env = append(os.Environ(), "CONFIG="+config, "RUNNER_TEMP="+temp,
			"GITHUB_ENV="+filepath.Join(temp, "env"))
		out, err := command.CombinedOutput()
		said, _ := os.ReadFile(filepath.Join(temp, "env"))
		file := filepath.Join(temp, "pipeline", "release.yaml")
		if want == "" {
			if err == nil || len(said) > 0 {
				t.Errorf("%s: no error\n%s", config, out)
			}
			continue
		}
		if err != nil || string(said) != "ODIN_CONFIG="+file+"\n" || readFile(t, file) != want {
			t.Errorf("%s: %v, %q\n%s", config, err, said, out)
		}
	}
}
