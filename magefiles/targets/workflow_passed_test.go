package targets_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// handover runs the steps of the release workflow that tell what a job passes on, and those that check it, as GitHub
// does: an output of a job is what its step wrote to GITHUB_OUTPUT.
type handover struct {
	workflow
	outputs map[string]string // such as needs.plan.outputs.planned
}

// step runs a step of a job, by its id or its name, in a workspace. values are what expressions mean there.
func (h handover) step(t *testing.T, job, name, workspace string, values map[string]string) error {
	t.Helper()
	steps := h.Jobs[job].Steps
	at := slices.IndexFunc(steps, func(s workflowStep) bool { return s.Run != "" && (s.ID == name || s.Name == name) })
	if at < 0 {
		t.Fatalf("%s has no step %q", job, name)
	}
	told := filepath.Join(t.TempDir(), "output")
	command := exec.CommandContext(t.Context(), "bash", "-e", "-c", steps[at].Run)
	command.Dir = workspace
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GITHUB_WORKSPACE=" + workspace, "ODIN_DIST=dist", "GITHUB_OUTPUT=" + told,
	}
	for variable, text := range steps[at].Env {
		command.Env = append(command.Env, variable+"="+h.evaluate(text, values))
	}
	if out, err := command.CombinedOutput(); err != nil {
		return errors.New(err.Error() + ": " + string(out))
	}
	written, err := os.ReadFile(told)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for output, text := range h.Jobs[job].Outputs {
		prefix := "${{ steps." + steps[at].ID + ".outputs."
		if key, is := strings.CutPrefix(text, prefix); is {
			if value, is := toldAs(string(written), strings.TrimSuffix(key, " }}")); is {
				h.outputs["needs."+job+".outputs."+output] = value
			}
		}
	}
	return nil
}

var expression = regexp.MustCompile(`\$\{\{ ([^}]*) \}\}`)

func (h handover) evaluate(text string, values map[string]string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		return h.outputs[name] + values[name]
	})
}

// toldAs returns the value of a key in a file of outputs.
func toldAs(written, key string) (string, bool) {
	lines := strings.Split(written, "\n")
	for i, line := range lines {
		if value, is := strings.CutPrefix(line, key+"="); is {
			return value, true
		}
		if end, is := strings.CutPrefix(line, key+"<<"); is {
			return strings.Join(lines[i+1:i+1+slices.Index(lines[i+1:], end)], "\n"), true
		}
	}
	return "", false
}

// put writes a file below a folder.
func put(t *testing.T, dir, file, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// workspace returns a folder with files.
func workspace(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		put(t, dir, file, "content of "+filepath.Base(file)+"\n")
	}
	return dir
}

const (
	askPlanned   = "Is it what was planned?"
	askBuilt     = "Is it what was built?"
	askAssembled = "Is it what was assembled?"
	askAttested  = "Is it what was attested?"
	askPublished = "Is it what was published?"
	askVerified  = "Is it what was verified?"
)

// passedOn returns the outputs of all jobs that pass something on, as their own steps tell them.
func passedOn(t *testing.T) handover {
	t.Helper()
	h := handover{readWorkflow(t, releaseWorkflow(t)), map[string]string{}}
	run := func(job, step, in string, values map[string]string) {
		t.Helper()
		if err := h.step(t, job, step, in, values); err != nil {
			t.Fatalf("%s: %s: %v", job, step, err)
		}
	}
	run("plan", "planned", workspace(t, "dist/plan.json", "dist/notes.md"), nil)
	for index, platform := range []string{"linux-amd64", "linux-arm64"} {
		values := map[string]string{"strategy.job-index": string(rune('0' + index))}
		part := "dist/parts/" + platform + "/"
		run("build", "part", workspace(t, part+"index.json", part+"blobs/sha256/"+platform), values)
		run("verify", "verified", workspace(t, "dist/verify/"+platform+".json"), values)
	}
	run(
		"assemble",
		"assembled",
		workspace(t, append(slices.Clone(assembled), "dist/source/x", "dist/parts/x/y")...),
		nil,
	)
	run("publish", "published", workspace(t, append(slices.Clone(published), "dist/plan.json")...), nil)
	attest := workspace(t, "dist/checksums.txt", "files", "image")
	run("attest", "attested", attest, map[string]string{
		"steps.files.outputs.bundle-path": filepath.Join(attest, "files"),
		"steps.image.outputs.bundle-path": filepath.Join(attest, "image"),
	})
	return h
}

var assembled = []string{"dist/checksums.txt", "dist/build.json", "dist/image.oci/index.json", "dist/plan.json"}

var published = []string{"dist/previous/release.json", "dist/release.json"}

// taken returns the steps that check what another job has passed on, and with what of it.
func taken(h handover) map[[2]string][]string {
	found := map[[2]string][]string{
		{"assemble", askBuilt}: {
			"dist/parts/linux-amd64/index.json", "dist/parts/linux-amd64/blobs/sha256/linux-amd64",
			"dist/parts/linux-arm64/index.json", "dist/parts/linux-arm64/blobs/sha256/linux-arm64",
		},
		{"attest", askAssembled}:  {"dist/checksums.txt"},
		{"publish", askAssembled}: assembled,
		{"review", askVerified}:   {"dist/verify/linux-amd64.json", "dist/verify/linux-arm64.json"},
		{"promote", askVerified}:  {"dist/verify/linux-amd64.json", "dist/verify/linux-arm64.json"},
	}
	for id, job := range h.Jobs {
		for _, step := range job.Steps {
			switch step.Name {
			case askPlanned:
				found[[2]string{id, askPlanned}] = []string{"dist/plan.json", "dist/notes.md"}
			case askPublished:
				found[[2]string{id, askPublished}] = published
			}
		}
	}
	return found
}

// TestWorkflowPassesOn: what a job goes on from is what the job before has made. Any job can replace an artifact, and
// some run foreign code: one that slips something in is found out.
func TestWorkflowPassesOn(t *testing.T) {
	h := passedOn(t)
	for where, files := range taken(h) {
		job, step := where[0], where[1]
		if err := h.step(t, job, step, workspace(t, files...), nil); err != nil {
			t.Errorf("%s: %s: %v", job, step, err)
		}
		for _, file := range files {
			slipped := workspace(t, files...)
			put(t, slipped, file, "Content of "+filepath.Base(file)+"\n")
			if err := h.step(t, job, step, slipped, nil); err == nil {
				t.Errorf("%s: %s: another %s is taken", job, step, file)
			}
			if err := os.Remove(filepath.Join(slipped, file)); err != nil {
				t.Fatal(err)
			}
			if err := h.step(t, job, step, slipped, nil); err == nil {
				t.Errorf("%s: %s: it goes on without %s", job, step, file)
			}
		}
		if step == askPlanned || job == "attest" {
			continue // nothing else is read there
		}
		more := workspace(t, append(slices.Clone(files), filepath.Dir(files[0])+"/more")...)
		if err := h.step(t, job, step, more, nil); err == nil {
			t.Errorf("%s: %s: one more file is taken", job, step)
		}
	}
}

// An attestation is taken as the job made it that has the identity; where there is none, none is taken.
func TestWorkflowPassesAttestations(t *testing.T) {
	h := passedOn(t)
	const files, image = "dist/provenance.sigstore.json", "dist/image.provenance.sigstore.json"
	made := workspace(t, "dist/plan.json")
	put(t, made, files, "content of files\n")
	put(t, made, image, "content of image\n")
	if err := h.step(t, "publish", askAttested, made, nil); err != nil {
		t.Error(err)
	}
	for _, file := range []string{files, image} {
		before := readFile(t, filepath.Join(made, file))
		put(t, made, file, "forged")
		if err := h.step(t, "publish", askAttested, made, nil); err == nil {
			t.Errorf("another %s is taken", file)
		}
		put(t, made, file, before)
	}
	h.outputs = map[string]string{}
	if err := h.step(t, "publish", askAttested, made, nil); err == nil {
		t.Error("an attestation is taken that was never made")
	}
	if err := h.step(t, "publish", askAttested, workspace(t, "dist/plan.json"), nil); err != nil {
		t.Errorf("without attestations: %v", err)
	}
}

// Each job that takes what another job has left checks it, before it works with it.
func TestWorkflowChecksWhatItTakes(t *testing.T) {
	asks := map[string][]string{
		"odin-pipeline": {"Is it what was compiled?"}, "odin-dist-plan": {askPlanned}, "odin-part-*": {askBuilt},
		"odin-dist-assemble": {askAssembled}, "odin-release": {askAssembled}, "odin-provenance": {askAttested},
		"odin-dist-publish": {askPublished}, "odin-dist-*": {askPlanned, askPublished, askVerified},
	}
	for id, job := range readWorkflow(t, releaseWorkflow(t)).Jobs {
		var waiting []string // what is to be asked next
		for _, step := range job.Steps {
			name := ""
			for _, key := range []string{"name", "pattern"} {
				if text, is := step.With[key].(string); is &&
					strings.HasPrefix(step.Uses, "actions/download-artifact@") {
					name = text
				}
			}
			switch {
			case id == "report" && name == "odin-dist-*": // the report decides nothing
			case name != "":
				if len(waiting) > 0 || len(asks[name]) == 0 {
					t.Errorf("%s takes %s: it asks %q of it, and still has to ask %q", id, name, asks[name], waiting)
				}
				waiting = asks[name]
			case len(waiting) > 0 && step.Name == waiting[0]:
				waiting = waiting[1:]
			case len(waiting) > 0 && !strings.HasPrefix(step.Uses, "actions/"):
				t.Errorf("%s does %q before it asks: %s", id, step.Name, waiting[0])
			}
		}
		if len(waiting) > 0 {
			t.Errorf("%s never asks: %q", id, waiting)
		}
	}
}

// Where foreign code runs, nothing can be signed or written: the app's own code and its tools, in checks, suites, the
// build and the image that is started.
func TestWorkflowForeignCode(t *testing.T) {
	jobs := readWorkflow(t, releaseWorkflow(t)).Jobs
	// What each of the jobs runs that may do more, besides actions that are pinned and what the shell does.
	trusted := map[string]string{"preflight": "preflight", "attest": "", "publish": "publish", "promote": "postRelease"}
	runs := regexp.MustCompile(`exec "\$RUNNER_TEMP/pipeline/\$RUNNER_ARCH"\s+(\S+)(.*)`)
	for id, job := range jobs {
		if job.Permissions == nil {
			t.Errorf("%s names no permissions", id)
		}
		target, may := trusted[id]
		for scope, level := range job.Permissions {
			if level != "read" && !may {
				t.Errorf("%s runs foreign code and may %s %s", id, level, scope)
			}
			if scope == "id-token" && id != "attest" {
				t.Errorf("%s has an identity to sign with", id)
			}
		}
		if !may {
			continue
		}
		var found []string
		for _, step := range job.Steps {
			for _, match := range runs.FindAllStringSubmatch(step.Run, -1) {
				found = append(found, match[1])
				if match[1] == "postRelease" && !leftElsewhere(match[2]) {
					t.Errorf("%s runs foreign code and may write: %s", id, match[0])
				}
			}
			if strings.Contains(step.Run, "go ") || strings.Contains(step.Run, "npm ") ||
				step.Uses != "" && !strings.HasPrefix(step.Uses, "actions/") {
				t.Errorf("%s runs %s%s", id, step.Uses, step.Run)
			}
		}
		if got := strings.Join(found, " "); got != target {
			t.Errorf("%s may write, and runs %q, expected %q", id, got, target)
		}
	}
	for _, step := range jobs["attest"].Steps {
		if strings.Contains(step.Run, "pipeline") || strings.HasPrefix(step.Uses, "actions/checkout@") {
			t.Errorf("the job that signs has the app's files, or runs the pipeline: %s%s", step.Uses, step.Run)
		}
	}
	if !strings.Contains(releaseWorkflow(t), "\npermissions: {}\n") {
		t.Error("a job without permissions of its own has those of the repository")
	}
}

// leftElsewhere reports whether flags of postRelease leave to other jobs what is code of the app: its image and its
// command.
func leftElsewhere(flags string) bool {
	given := strings.Fields(flags)
	return slices.Contains(given, "-verify=elsewhere") && slices.Contains(given, "-docs=elsewhere")
}

// The command that rebuilds the docs is code of the app: a job that may only read runs it, without a secret, if the job
// that promotes has left it to others. That does so always.
func TestWorkflowDocs(t *testing.T) {
	jobs := readWorkflow(t, releaseWorkflow(t)).Jobs
	docs, promote := jobs["docs"], jobs["promote"]
	if len(docs.Permissions) != 1 || docs.Permissions["contents"] != "read" ||
		fmt.Sprint(docs.Needs) != "[plan promote]" || promote.Outputs["docs"] != "${{ steps.notify.outputs.docs }}" {
		t.Errorf("docs may %v, and needs %v; promote tells %v", docs.Permissions, docs.Needs, promote.Outputs)
	}
	for _, step := range docs.Steps {
		if len(step.Env) > 0 && step.Name != askPlanned && step.Name != "Is it what was compiled?" {
			t.Errorf("%s is given %v", step.Name, step.Env)
		}
	}
	ran := ""
	for id, job := range jobs {
		for _, step := range job.Steps {
			if strings.Contains(step.Run, " rebuildDocs") {
				ran += id
			}
			if strings.Contains(step.Run, " postRelease ") && !strings.Contains(step.Run, " -docs=elsewhere ") {
				t.Errorf("%s runs the command itself: %s", id, step.Run)
			}
		}
	}
	if ran != "docs" {
		t.Errorf("the command is run by %q", ran)
	}
	for _, test := range []struct {
		promote, docs string
		runs          bool
	}{{"success", "elsewhere", true}, {"success", "", false}, {"failure", "elsewhere", false}, {"skipped", "", false}} {
		text := strings.NewReplacer("${{", "[[", "}}", "]]", "!cancelled()", "true",
			"needs.promote.result", test.promote, "needs.promote.outputs.docs", "'"+test.docs+"'").Replace(docs.If)
		err := exec.CommandContext(t.Context(), "bash", "-c", text).Run()
		if strings.Contains(text, "needs.") || (err == nil) != test.runs {
			t.Errorf("%+v: %s: %v", test, text, err)
		}
	}
}

// What is released is made from what was fetched for it: nothing that another run has left in a cache is used.
func TestWorkflowNoCache(t *testing.T) {
	for id, job := range readWorkflow(t, releaseWorkflow(t)).Jobs {
		for _, step := range job.Steps {
			switch action, _, _ := strings.Cut(step.Uses, "@"); action {
			case "actions/cache", "actions/cache/restore":
				t.Errorf("%s uses a cache", id)
			case "actions/setup-go":
				if step.With["cache"] != false {
					t.Errorf("%s: %s restores a cache", id, action)
				}
			case "", "actions/checkout", "actions/upload-artifact", "actions/download-artifact",
				"actions/attest-build-provenance":
			default:
				t.Errorf("%s: does %s restore a cache?", id, action)
			}
		}
	}
}
