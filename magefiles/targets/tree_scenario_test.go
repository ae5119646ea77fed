//go:build scenario

package targets_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// meddler is the repository of a tiny app whose own code writes where it runs: when it is imported, and when it is
// tested. Its image has all that is in the build context.
type meddler struct {
	lines

	script string // what the suite "smoke" runs, besides writing its results; not in git
	config string // release.yaml
}

const meddlerConfig = `environments: {backend: {requirements: []}}
checks:
  - {name: "backend:lint", absent: a tiny app}
  - {name: "backend:typeCheck", absent: a tiny app}
  - {name: "frontend:lint", absent: a tiny app}
  - {name: "frontend:typeCheck", absent: a tiny app}
suites:
  - {name: "backend:unit", absent: a tiny app}
  - {name: "backend:integration", absent: a tiny app}
  - {name: "frontend:test", absent: a tiny app}
  - {name: smoke, kind: command, directory: ., command: [sh, tests/smoke], reuse: never}
contract: {app: "main:app"}
versionFiles: [{path: VERSION}]
changelog: {file: CHANGELOG.md}
build:
  frontend: {absent: a tiny app}
  vendor: {absent: a tiny app}
  image: {name: "REGISTRY/ada/tiny", platforms: [linux/` + runtime.GOARCH + `]}
verify: {processes: {absent: a tiny app}}
`

// meddlerApp gives an OpenAPI document as a FastAPI app does, and opens a database beside itself.
const meddlerApp = `import pathlib

pathlib.Path("odin.db").write_text("made on import")


class App:
    def openapi(self):
        return {
            "openapi": "3.1.0",
            "info": {"title": "tiny", "version": "1"},
            "paths": {"/health": {"get": {"responses": {"200": {"description": "OK"}}}}},
        }


app = App()
`

const meddlerTest = `set -e
test -z "$MEDDLE" || sh "$MEDDLE"
echo '<testsuite tests="1"><testcase classname="smoke" name="'"$PWD"'/tests/smoke starts"/></testsuite>' >"$JUNIT_FILE"
`

func newMeddler(t *testing.T) meddler {
	t.Helper()
	base := t.TempDir()
	empty := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)))) // nothing is published yet
	t.Cleanup(empty.Close)
	m := meddler{
		lines:  lines{t, filepath.Join(base, "app"), filepath.Join(base, "origin.git")},
		script: filepath.Join(base, "meddle"),
		config: strings.Replace(meddlerConfig, "REGISTRY", empty.Listener.Addr().String(), 1),
	}
	testkit.Git(t, base, "init", "--quiet", "--initial-branch=main", "app")
	m.git("config", "user.name", "Ada")
	m.git("config", "user.email", "ada@example.org")
	for file, content := range map[string]string{"release.yaml": m.config, "backend/main.py": meddlerApp,
		"tests/smoke": meddlerTest, "feature": "committed\n",
		"backend/openapi.json": `{"openapi": "3.1.0", "info": {"title": "tiny", "version": "1"}, "paths": ` +
			`{"/health": {"get": {"responses": {"200": {"description": "OK"}}}}}}`, ".dockerignore": "dist\n*.db\n",
		"Dockerfile": "FROM scratch\nCOPY . /src/\n", "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## " +
			"[1.0.0] - 2026-05-04\n", "VERSION": "1.0.0\n"} {
		change(t, m.dir, file, "", content)
	}
	m.git("add", "--all")
	m.git("commit", "--quiet", "--message", "chore(release): 1.0.0")
	m.git("tag", "--annotate", "--message", "v1.0.0", "v1.0.0")
	change(t, m.dir, "unique", "", time.Now().String()) // no other run has checked this tree
	m.commit("feature", "committed and tested\n", "fix: a feature")
	testkit.Git(t, base, "clone", "--quiet", "--bare", "app", "origin.git")
	m.git("remote", "add", "origin", m.remote)
	m.git("push", "--quiet", "--set-upstream", "origin", "main")
	return m
}

// meddle has the suite run a script, with $APP as the user's checkout, while targets run.
func (m meddler) meddle(code int, script string, args ...string) ended {
	m.t.Helper()
	change(m.t, filepath.Dir(m.script), filepath.Base(m.script), "", script)
	result := pipeline(m.t, m.dir, append(m.env(), "MEDDLE="+m.script), args...)
	if result.code != code {
		m.t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
	}
	return result
}

// env has credentials for servers that are nowhere: nothing must come to be asked.
func (m meddler) env() []string {
	return []string{
		"APP=" + m.dir,
		"GITHUB_API_URL=http://127.0.0.1:1",
		"GITHUB_REPOSITORY=ada/tiny",
		"GITHUB_TOKEN=ghp_0123456789abcdefghijklmnopqrstuvwxyz",
		"DISCORD_WEBHOOK_URL=http://127.0.0.1:1/api/webhooks/1/none",
	}
}

func (m meddler) refused(wants []string, args ...string) {
	m.t.Helper()
	result := pipeline(m.t, m.dir, m.env(), args...)
	for _, want := range wants {
		if result.code == 0 || !strings.Contains(result.stderr, want) {
			m.t.Errorf("%v ended with code %d, and does not say %q:\n%s", args, result.code, want, result.stderr)
		}
	}
}

// shipped returns the files of the image, and its labels.
func (m meddler) shipped() (map[string]string, map[string]string) {
	m.t.Helper()
	index, err := layout.ImageIndexFromPath(filepath.Join(m.dir, "dist", "image.oci"))
	if err != nil {
		m.t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		m.t.Fatal(err)
	}
	var built v1.Image
	if built, err = index.Image(manifest.Manifests[0].Digest); err != nil {
		m.t.Fatal(err)
	}
	config, err := built.ConfigFile()
	if err != nil {
		m.t.Fatal(err)
	}
	files := map[string]string{}
	eachFile(m.t, built, func(name string, content func() string) { files[strings.TrimSuffix(name, "/")] = content() })
	return files, config.Config.Labels
}

// planned returns what plan.json says.
func (m meddler) planned(key string) any {
	m.t.Helper()
	data, err := os.ReadFile(filepath.Join(m.dir, "dist", "plan.json"))
	if err != nil {
		m.t.Fatal(err)
	}
	var decided map[string]any
	if err := json.Unmarshal(data, &decided); err != nil {
		m.t.Fatal(err)
	}
	return decided[key]
}

// TestScenarioTree follows an app whose code writes where it runs, and a person who edits at the wrong moment, to the
// tag: what is tested is what is built, and what is tagged.
func TestScenarioTree(t *testing.T) {
	t.Parallel()
	m := newMeddler(t)
	editBetween := "echo made by the tests >backend/made.db; echo edited >\"$APP\"/feature; echo new " +
		">\"$APP\"/new; cp feature \"$APP\"/dist/tested\n"
	result := m.meddle(0, editBetween, "releaseCheck")
	files, labels := m.shipped()
	if files["src/feature"] != "committed and tested\n" || files["src/VERSION"] != "1.0.1\n" ||
		!strings.Contains(files["src/CHANGELOG.md"], "## [1.0.1] - 20") {
		t.Errorf("the image has %q, %q and %q", files["src/feature"], files["src/VERSION"], files["src/CHANGELOG.md"])
	}
	if tested, err := os.ReadFile(
		filepath.Join(m.dir, "dist", "tested"),
	); err != nil ||
		string(tested) != files["src/feature"] {
		t.Errorf("%q was tested, %v", tested, err)
	}
	for name := range files {
		if strings.Contains(name, "odin.db") || strings.Contains(name, "made.db") || strings.HasSuffix(name, "/new") ||
			strings.Contains(name, ".git/") {
			t.Errorf("%s is not in git, and in the image", name)
		}
	}
	tree, _ := m.planned("tree").(string)
	if len(tree) != 40 || labels["io.github.hughkantsime.odin-release.tree"] != tree {
		t.Errorf(
			"the plan is of the tree %q, and the image of %q",
			tree,
			labels["io.github.hughkantsime.odin-release.tree"],
		)
	}
	if summary, err := image.Inspect(filepath.Join(m.dir, "dist", "image.oci")); err != nil || summary.Tree != tree {
		t.Errorf("the index is of the tree %q, %v", summary.Tree, err)
	}
	junit, err := os.ReadFile(filepath.Join(m.dir, "dist", "test", "smoke.xml"))
	if err != nil || !strings.Contains(string(junit), m.dir+"/tests/smoke starts") {
		t.Errorf("the results name other files than the app's: %s, %v", junit, err)
	}
	if status := m.git(
		"status",
		"--porcelain",
		"--ignored",
	); !slices.Equal(
		strings.Fields(status),
		[]string{"M", "feature", "??", "new", "!!", "dist/"},
	) {
		t.Errorf("the checkout has:\n%s", status)
	}

	// What is not committed is tested and built, and not published: neither as it is, nor under a plan of a clean tree.
	result = m.meddle(0, "", "releaseCheck")
	if files, _ := m.shipped(); files["src/feature"] != "edited\n" || files["src/new"] != "new\n" {
		t.Errorf("the image has %q and %q\n%s", files["src/feature"], files["src/new"], result.stdout)
	}
	m.refused(
		[]string{
			"v1.0.1 was built from a checkout with changes that were not committed",
			"commit them or git stash them, then run build",
		},
		"publish",
	)
	m.git("stash", "--quiet", "--include-untracked")
	if planned := m.run(0, "plan"); m.planned("dirty") != false || m.planned("tree") != tree {
		t.Errorf("the plan is of the tree %v\n%s", m.planned("tree"), planned.stdout)
	}
	m.refused([]string{"v1.0.1 was built from a checkout with changes that were not committed"}, "publish")

	t.Run("stage", m.changedStage)
	t.Run("parts", m.partOfAnotherTree)
	t.Run("checkout", m.newFiles)
	t.Run("tag", m.tag)
}

// changedStage is written to before the image is built: nothing of that is in the image.
func (m meddler) changedStage(t *testing.T) {
	m.t = t
	result := m.meddle(0, "mkdir -p \"$APP\"/dist/source/data; cd \"$APP\"/dist/source; echo other >feature; "+
		"echo x >data/odin.db; chmod 755 VERSION; rm -f Dockerfile\n", "releaseCheck")
	files, _ := m.shipped()
	if files["src/feature"] != "committed and tested\n" || files["src/data/odin.db"] != "" ||
		files["src/Dockerfile"] == "" {
		t.Errorf("the image has %q\n%s", files, result.stdout)
	}
}

// partOfAnotherTree was built of the same commit on a machine where something was not committed.
func (m meddler) partOfAnotherTree(t *testing.T) {
	m.t = t
	change(t, m.dir, "feature", "", "edited there\n")
	m.run(0, "image:build", "-platform=linux/"+runtime.GOARCH)
	m.git("checkout", "--quiet", "feature")
	m.refused(
		[]string{"it was built from the tree ", "build it again from the same commit without any change"},
		"assemble",
	)
}

// newFiles are made by the app's own code, in a copy: the checkout stays as it is.
func (m meddler) newFiles(t *testing.T) {
	m.t = t
	m.meddle(0, "echo x >made.txt; echo x >>feature\n", "test", "-only=smoke")
	m.meddle(0, "", "test", "-only=backend:contract")
	unchanged(t, m.dir)
}

// tag asks for a check of the very tree that it makes. A test that reads the version fails before, not at the tag.
func (m meddler) tag(t *testing.T) {
	m.t = t
	m.commit("tests/smoke", meddlerTest+"test \"$(cat VERSION)\" = 1.0.0\n", "fix: a test that reads the version")
	m.git("push", "--quiet")
	m.meddle(1, "", "test", "-only=smoke") // on the tree with the new version, whatever is in the checkout
	result := m.meddle(1, "", "releaseCheck")
	if !strings.Contains(result.stderr, "Error: test failed: smoke: ") {
		t.Errorf("it does not name the suite:\n%s", result.stderr)
	}
	shown := pipeline(t, m.dir, m.env(), "tag")
	for _, want := range []string{
		"What will be done",
		"1. write 1.0.1 into CHANGELOG.md, VERSION",
		"neither releaseCheck nor rehearse has passed for the tree that v1.0.1 would have",
	} {
		if !strings.Contains(shown.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, shown.stdout)
		}
	}
	if want := "nothing was done: there is no terminal to ask for a confirmation; to confirm: tag -tag=v1.0.1 " +
		"-yes"; shown.code == 0 ||
		!strings.Contains(shown.stderr, want) {
		t.Errorf("code %d, and it does not say %q:\n%s", shown.code, want, shown.stderr)
	}
	change(t, m.dir, "tests/smoke", "", meddlerTest)
	change(t, m.dir, "release.yaml", "", m.config+"versioning: {checks: enforce}\n")
	m.git("commit", "--quiet", "--all", "--message", "fix: no test reads the version")
	m.git("push", "--quiet")
	m.refused([]string{"run releaseCheck first (versioning.checks is enforce)"}, "tag", "-yes")
	m.meddle(0, "", "releaseCheck")
	checked := m.planned("tree")
	done := pipeline(t, m.dir, m.env(), "tag", "-yes")
	if done.code != 0 || strings.Contains(done.stdout, "has passed for the tree") ||
		m.git("rev-parse", "v1.0.1^{tree}") != checked ||
		m.planned("tree") != checked {
		t.Errorf(
			"code %d, %s was checked, %s is tagged\n%s%s",
			done.code,
			checked,
			m.git("rev-parse", "v1.0.1^{tree}"),
			done.stdout,
			done.stderr,
		)
	}
}
