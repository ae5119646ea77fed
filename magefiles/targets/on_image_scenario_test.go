//go:build scenario

package targets

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// onImage is a suite that asks a started app, and runs a command in its container.
const onImage = `#!/bin/sh -e
curl -fsS "$BASE_URL/health" | grep '"version": "1.0.0"'
"$APP_EXEC" /app status | grep api
"$APP_EXEC" /app status | grep -v nothing >&2
printf '<testsuite><testcase name="%s %s"/></testsuite>' "$APP_FIRST" "${#APP_SECRET}" >"$JUNIT_FILE"
echo "the first is $APP_FIRST"
test ! -e fails
`

// TestScenarioOnImage runs a suite on the image that dist holds: it passes, and fails.
// Nothing is left.
func TestScenarioOnImage(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	clone := testkit.NewClone(t)
	config := strings.Replace(plain, "image: {absent: a program}", "image: {name: ghcr.io/ada/shop, platforms: [linux/"+
		runtime.GOARCH+"]}", 1)
	config = strings.Replace(config, "suites:\n", "suites:\n  - {name: e2e, kind: command, command: [./e2e], "+
		"needs: [image]}\n", 1) + `verify:
  health: /health
  page: {absent: none}
  processes: {absent: none}
  probe: {absent: none}
  settle: 1s
  before:
    - {path: /records, body: '{"name": "kept-secretly"}', take: {first: items.0.name}}
`
	clone.Write("release.yaml", config)
	clone.Write("e2e", onImage)
	if err := os.Chmod(filepath.Join(clone.Dir, "e2e"), 0o755); err != nil {
		t.Fatal(err)
	}
	clone.Git("add", ".")
	clone.Git("commit", "-q", "-m", "feat: a shop")
	image := tinyapp.Image(t, "linux/"+runtime.GOARCH, tinyapp.Layer(t, runtime.GOARCH), "VERSION=1.0.0")
	commit := testkit.Git(t, clone.Dir, "rev-parse", "HEAD")
	tinyapp.WriteLayout(t, filepath.Join(clone.Dir, "dist", "image.oci"), "1.0.0", commit, image)
	results := filepath.Join(clone.Dir, "dist", "test", "e2e.xml")
	if err := testBuilt(t, clone.Dir, "passes"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(results)
	if err != nil || !strings.Contains(string(content), `name="kept-secretly 25"`) {
		t.Errorf("%s, %v", content, err)
	}
	log, err := os.ReadFile(filepath.Join(clone.Dir, "dist", "log", "e2e.txt"))
	if err != nil || !strings.Contains(string(log), "the first is •••") {
		t.Errorf("%s, %v", log, err)
	}
	clone.Write("fails", "")
	clone.Git("add", ".")
	if err := testBuilt(t, clone.Dir, "fails"); err == nil || !strings.Contains(err.Error(), "exit") {
		t.Errorf("it does not fail: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "docker", "ps", "--all", "--quiet", "--filter",
		"label=io.github.hughkantsime.odin-release.verify").CombinedOutput()
	if err != nil || strings.Contains(string(out), "image.oci@") {
		t.Errorf("left: %s, %v", out, err)
	}
}

// testBuilt runs the suites that need the image in a process of their own.
func testBuilt(t *testing.T, dir, process string) error {
	t.Helper()
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return working(t.Context(), found, outside{api: process}, func(ctx context.Context, p *session) error {
		p.screen.Log.SetOutput(io.Discard)
		p.screen.Out = io.Discard
		g := newGraph(ctx, p, options{built: true, asked: plan.Asked{Tag: "v1.0.0"}})
		target, err := g.checking().testBuilt()
		if err != nil {
			return err
		}
		return g.steps.Ensure(ctx, target)
	})
}
