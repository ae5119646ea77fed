//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// TestNightlyWorkflowInAFolder checks a pull request for an app that is in a folder of its repository, and releases it:
// by the files that the documents show, with the folder in directory. Its configuration is elsewhere, too.
func TestNightlyWorkflowInAFolder(t *testing.T) {
	const folder = "services/shop"
	dir := tinyApp(t)
	app := filepath.Join(dir, folder)
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"app", "VERSION", "Dockerfile", "release.yaml", "feature"} {
		testkit.Git(t, dir, "mv", name, folder)
	}
	c := openCI(t, dir, nil)
	adopt(t, app)
	const config = "release/shop.yaml"
	if err := os.Mkdir(filepath.Join(dir, filepath.Dir(config)), 0o755); err != nil {
		t.Fatal(err)
	}
	testkit.Git(t, dir, "mv", filepath.Join(folder, "release.yaml"), config)
	change(t, dir, config, "name: ghcr.io/"+sceneRepository, "name: "+c.world.Registry()+"/"+sceneRepository)
	release := readmeWorkflow(t)
	with := `with: {announce: "${{ inputs.announce }}"}`
	if !strings.Contains(release, with) {
		t.Fatalf("the README has no %s", with)
	}
	release = strings.Replace(release, with, "with: {directory: "+folder+", config: \"main:"+config+"\"}", 1)
	change(t, dir, ".github/workflows/release.yml", "", release)
	check := docs.Read(t, "magefiles/targets/README.md").Block(t, "yaml", "github-actions", "name: check\n")
	change(t, dir, ".github/workflows/check.yml", "", check+"    with: {directory: "+folder+", config: "+config+"}\n")
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message", "fix: release with odin-release, from a folder")
	c.push("v2.0.1")

	c.git("checkout", "--quiet", "-b", "side")
	change(t, app, "feature", "", "a better one\n")
	c.git("commit", "--quiet", "--all", "--message", "feat: a better one")
	c.git("push", "--quiet", filepath.Join(c.base, "git", sceneRepository+".git"), "side:refs/pull/7/merge")
	checked := c.run("pull_request", "refs/pull/7/merge", "--workflows", ".github/workflows/check.yml")
	if checked.err != nil || len(checked.results["check"]) == 0 {
		t.Fatalf("the check ended with %v and %v", checked.err, checked.results)
	}
	if !strings.Contains(checked.summaries, "## Plan of v2.1.0") {
		t.Errorf("the summary does not show the plan:\n%s", checked.summaries)
	}
	if state := c.state(); len(state.Registry) > 0 || len(state.Messages) > 0 {
		t.Errorf("the check published something: %+v", state)
	}

	c.git("checkout", "--quiet", "main")
	released := c.run("push", "refs/tags/v2.0.1")
	if released.err != nil {
		t.Fatalf("the run ended with %v and %v", released.err, released.results)
	}
	c.released("v2.0.1")
}
