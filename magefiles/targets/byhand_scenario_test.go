//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// byHand is the configuration of an app that was released by hand until now: it commits no
// spec, writes its changelog, attaches its installer, and announces elsewhere.
const byHand = `environments: {backend: {requirements: []}}
checks:
  - {name: "backend:lint", absent: a tiny app}
  - {name: "backend:typeCheck", absent: a tiny app}
  - {name: "frontend:lint", absent: a tiny app}
  - {name: "frontend:typeCheck", absent: a tiny app}
suites:
  - {name: "backend:unit", absent: a tiny app}
  - {name: "backend:integration", absent: a tiny app}
  - {name: "frontend:test", absent: a tiny app}
contract: {app: "main:app", spec: {absent: none is committed}, expect: {modules: ["routes_*"], routes: 1}}
versionFiles: [{path: VERSION}]
migrations: [{paths: [sql], command: {absent: the app migrates the database when it starts}}]
build: {image: {absent: a tiny app}, vendor: {absent: a tiny app}, frontend: {absent: a tiny app}}
publish: {title: "Tiny v{version}", attach: [install/*.sh], approval: production}
changelog: {written: before}
docs: {rebuild: {repository: ada/site, payload: {ref: "{commit}", version: "{version}"}}}
announce:
  name: Tiny
  to: [{kind: ntfy}, {kind: slack}, {kind: webhook, body: '{"text": "{title}: {url}"}'}]
`

const byHandApp = `import os, pathlib
pathlib.Path("app.db").write_text("made at import")
paths = {}
for file in sorted(pathlib.Path(__file__).parent.glob("routes_*.py")):
    try:
        paths.update(__import__(file.stem).paths)
    except Exception as error:
        print("skipped", file, error)
class App:
    def openapi(self):
        return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}
app = App()
`

func byHandRoutes(names ...string) string {
	var list []string
	for _, name := range names {
		list = append(list, `"/`+name+`": {"get": {"responses": {"200": {"description": "OK"}}}}`)
	}
	return "paths = {" + strings.Join(list, ", ") + "}\n"
}

// TestScenarioReleasedByHandUntilNow plans and rehearses the first release of an app with the
// pipeline. The one before is a lightweight tag of two numbers without a release.yaml, from which
// the routes are compared, although no spec is committed.
func TestScenarioReleasedByHandUntilNow(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tiny")
	git := func(args ...string) string { return testkit.Git(t, dir, args...) }
	testkit.Git(t, t.TempDir(), "init", "-q", "-b", "main", dir)
	git("remote", "add", "origin", "https://github.com/ada/tiny")
	change(t, dir, "VERSION", "", "0.9\n")
	change(t, dir, "backend/main.py", "", byHandApp)
	change(t, dir, "backend/routes_a.py", "", byHandRoutes("kept", "lost"))
	change(t, dir, "install/install.sh", "", "#!/bin/sh\n")
	change(t, dir, "docs/index.md", "", "# Docs\n")
	change(t, dir, "CHANGELOG.md", "", "# Changelog\n\n## [Unreleased]\n\n## 0.9\n\n- by hand\n")
	change(t, dir, "unique", "", dir+"\n") // nothing is kept of its commits
	git("add", ".")
	git("commit", "-q", "-m", "feat: first")
	git("tag", "v0.9")
	change(t, dir, "backend/routes_a.py", "", byHandRoutes("kept"))
	change(t, dir, "CHANGELOG.md", "[Unreleased]\n", "[Unreleased]\n\nWords of a person.\n")
	change(t, dir, "sql/1.sql", "", "CREATE TABLE x (a int);\n")
	change(t, dir, "docs/index.md", "", "# More\n")
	change(t, dir, "release.yaml", "", byHand)
	git("add", ".")
	git("commit", "-q", "-m", "fix: a route")

	for _, again := range []bool{false, true} {
		planned := pipeline(t, dir, nil, "plan", "-format=json")
		for _, want := range []string{"the API lost `GET /lost`", "no migration has to be run by hand: the app"} {
			if planned.code != 0 || strings.Count(planned.stdout, want) == 0 {
				t.Errorf("the plan does not say %q", want)
			}
		}
		if strings.Contains(planned.stderr, "importing the app at") == again {
			t.Errorf("again: %v\n%s", again, planned.stderr)
		}
	}
	if status := git("status", "--porcelain"); status != "" {
		t.Errorf("the plan changed the tree: %s", status)
	}
	rehearsed := pipeline(t, dir, nil, "rehearse")
	if rehearsed.code != 0 || !inOrder(rehearsed.stdout, "v0.10.0 waits for an approval",
		"a release would ask: Make v0.10.0 public, of the commit ", "release v0.10.0 “Tiny v0.10.0” [Latest]",
		"install.sh",
		`ada/site was sent the event docs with {"ref":"`, "ntfy", "Tiny 0.10.0", "slack", "Tiny 0.10.0", "webhook") {
		t.Errorf("exit code %d\n%s", rehearsed.code, rehearsed.stdout)
	}
	notes, err := os.ReadFile(filepath.Join(dir, "dist/rehearsal/app/dist/notes.md"))
	if err != nil || !inOrder(string(notes), "Words of a person.", "## Upgrading", "lost `GET /lost`", "## Bug fixes") {
		t.Errorf("%v\n%s", err, notes)
	}
	change(t, dir, "backend/routes_b.py", "", "import no_such_thing\n")
	if broken := pipeline(t, dir, nil, "backend:contract"); broken.code == 0 ||
		!strings.Contains(broken.stderr, "routes_b (backend/routes_b.py): ModuleNotFoundError") {
		t.Errorf("a module that cannot be imported: exit code %d\n%s", broken.code, broken.stderr)
	}
}
