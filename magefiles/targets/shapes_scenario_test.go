//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

const sampleFolder = "../internal/rehearsal/sample"

// TestNightlyShapes rehearses a release of each shape of an app.
func TestNightlyShapes(t *testing.T) {
	for _, shape := range tinyapp.Shapes() {
		t.Run(shape.Name, func(t *testing.T) {
			dir := shape.Write(t, sampleFolder)
			if examined := pipeline(t, dir, nil, "doctor"); strings.Contains(examined.stdout, "do not match") {
				t.Errorf("doctor finds problems:\n%s", examined.stdout)
			}
			rehearsedShape(t, shape, dir, pipeline(t, dir, nil, "rehearse"))
		})
	}
}

// TestScenarioShape rehearses a release of the smallest shape, which is in a folder of its repository, with a
// configuration that is beside the repository.
func TestScenarioShape(t *testing.T) {
	t.Parallel()
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return each.Absent })]
	config := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(config, []byte(shape.Files["release.yaml"]), 0o644); err != nil {
		t.Fatal(err)
	}
	delete(shape.Files, "release.yaml")
	dir := shape.Write(t, sampleFolder)
	result := pipeline(t, dir, nil, "rehearse", "-config="+config)
	rehearsedShape(t, shape, dir, result)
	said := "Note: the configuration is that of " + config + ", not release.yaml\n"
	if strings.Count(result.stdout+result.stderr, config+", not release.yaml") != 1 ||
		!strings.Contains(result.stderr, said) {
		t.Errorf("it does not say once where the configuration is from:\n%s", result.stderr)
	}
	page := readFile(t, filepath.Join(dir, "dist/rehearsal/app", shape.Folder, "dist/report.html"))
	if !strings.Contains(page, "with the configuration of "+config+", which is not committed") {
		t.Error("the page does not say where the configuration is from")
	}
}

// TestNightlyManyImages builds the parts of several images as the jobs of a workflow do, joins them, and starts what
// there is. The page of the rehearsal lists all images.
func TestNightlyManyImages(t *testing.T) {
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return len(each.Images) > 0 })]
	dir := shape.Write(t, sampleFolder)
	run := func(args ...string) string {
		t.Helper()
		result := pipeline(t, dir, nil, args...)
		if result.code != 0 {
			t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
		}
		return result.stdout
	}
	platform := "linux/" + runtime.GOARCH
	run("image:build", "-platform="+platform)
	for _, part := range []string{"", "agent.", "docs.", "tool."} {
		if _, err := os.Stat(filepath.Join(dir, "dist/parts", part+"linux-"+runtime.GOARCH, "index.json")); err != nil {
			t.Error(err)
		}
	}
	joined := run("assemble")
	for _, layout := range []string{"image.oci", "images/agent.oci", "images/docs.oci", "images/tool.oci"} {
		if _, err := os.Stat(filepath.Join(dir, "dist", layout, "index.json")); err != nil ||
			!strings.Contains(joined, layout) {
			t.Errorf("%v\n%s", err, joined)
		}
	}
	page := readFile(t, filepath.Join(dir, "dist/report.html"))
	for _, image := range shape.Images {
		if !strings.Contains(page, "<h3>"+image+"</h3>") {
			t.Errorf("the page does not list %s", image)
		}
	}
	started := run("image:verify", "-local")
	for _, want := range []string{
		"ghcr.io/ada/shop-agent: GET /health answers 200", "ghcr.io/ada/shop-docs: pulled",
		"ghcr.io/ada/shop-tool: status exits with 0",
	} {
		if !strings.Contains(started, want) {
			t.Errorf("image:verify does not say %q:\n%s", want, started)
		}
	}
	change(t, dir, "release.yaml", "command: [status]", "command: [status], env: {FATAL: '1'}")
	if refused := pipeline(t, dir, nil, "image:verify", "-local"); refused.code == 0 ||
		!strings.Contains(
			refused.stderr,
			"ghcr.io/ada/shop-tool: status exited with code 3, expected 0; its log ends",
		) {
		t.Errorf("code %d\n%s", refused.code, refused.stderr)
	}
}

// TestNightlyFolder tags a release and starts a hotfix in a folder of a repository: both change only files of the
// folder, and what was committed beside it does not count.
func TestNightlyFolder(t *testing.T) {
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return each.Absent })]
	dir := shape.Write(t, sampleFolder)
	git := func(args ...string) string { t.Helper(); return testkit.Git(t, dir, args...) }
	remote := filepath.Join(filepath.Dir(git("rev-parse", "--show-toplevel")), "app.git")
	git("remote", "set-url", "origin", remote)
	git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
	run := func(args ...string) string {
		t.Helper()
		result := pipeline(t, dir, nil, args...)
		if result.code != 0 {
			t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
		}
		return result.stdout
	}
	run("releaseCheck")
	run("tag", "-yes")
	if files := git("show", "--name-only", "--format=", "v1.7.4^{commit}"); files != shape.Folder+"/VERSION" ||
		testkit.Git(t, remote, "show", "v1.7.4:"+files) != "1.7.4" {
		t.Errorf("tag changed %s", files)
	}
	change(t, dir, "fixed.txt", "", "2\n")
	git("commit", "--quiet", "--all", "--message", "fix: another thing")
	git("push", "--quiet")
	run("hotfix", "-pick="+git("rev-parse", "HEAD"))
	if planned := run("plan"); !strings.Contains(planned, "v1.7.5\n") || !strings.Contains(planned, "1 commit by") {
		t.Errorf("the plan of the hotfix is\n%s", planned)
	}
	if files := git("diff", "--name-only", "v1.7.4"); files != shape.Folder+"/fixed.txt" {
		t.Errorf("the hotfix changes %s", files)
	}
}

// rehearsedShape checks a rehearsal: it released the fix, and what is beside the app does not count.
func rehearsedShape(t *testing.T, shape tinyapp.Shape, dir string, result ended) {
	t.Helper()
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	wanted := []string{"v1.7.4\n", "a thing", "1 commit by 1 contributor since v1.7.3"}
	if !shape.Absent {
		wanted = append(wanted, "upgraded from 1.7.3, the probe record is there", "latest was 1.7.3 before")
	}
	for _, image := range shape.Images {
		wanted = append(wanted, "image "+image+":1.7.4", "latest of "+image+" was 1.7.3 before", image+": ")
	}
	said := regexp.MustCompile(` +`).ReplaceAllString(result.stdout, " ")
	for _, want := range wanted {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, result.stdout)
		}
	}
	if left := testkit.Git(t, dir, "status", "--porcelain"); left != "" {
		t.Errorf("the tree was changed: %s", left)
	}
}

// TestNightlyBeside checks an app in a folder of a repository: a check has nothing of the repository but what
// repository.inputs names, and runs again only when that changes, or the app.
func TestNightlyBeside(t *testing.T) {
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return each.Absent })]
	shape.Files["release.yaml"] = "repository: {inputs: [shared]}\n" + strings.Replace(
		shape.Files["release.yaml"],
		"checks:\n",
		"checks:\n  - {name: beside, kind: command, command: [scripts/beside], directory: .}\n",
		1,
	)
	shape.Files["scripts/beside"] = "#!/bin/sh\n" +
		"cat ../../shared/text && test ! -e ../../README.md && test ! -e ../../other\n"
	dir := shape.Write(t, sampleFolder)
	root := testkit.Git(t, dir, "rev-parse", "--show-toplevel")
	for i, step := range []struct {
		file   string
		reused bool
	}{{"shared/text", false}, {"other/text", true}, {"README.md", true}, {"shared/text", false}} {
		change(t, root, step.file, "", strings.Repeat("x", i+1))
		testkit.Git(t, root, "add", "--all")
		testkit.Git(t, root, "commit", "--quiet", "--message", "fix: "+step.file)
		checked := pipeline(t, dir, nil, "lint", "-only=beside")
		if checked.code != 0 || strings.Contains(checked.stdout, "reused") != step.reused {
			t.Fatalf("%d, %s: code %d\n%s%s", i, step.file, checked.code, checked.stdout, checked.stderr)
		}
	}
}
