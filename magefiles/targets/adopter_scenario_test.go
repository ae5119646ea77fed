//go:build scenario

package targets_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// adopter makes the repository of a small app that has nothing of the pipeline yet: a program for each platform, a
// Dockerfile, and a release.
func adopter(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	testkit.Git(t, filepath.Dir(dir), "init", "--quiet", "--initial-branch=main", "shop")
	testkit.Git(t, dir, "remote", "add", "origin", "https://github.com/"+sceneRepository)
	for _, architecture := range []string{"amd64", "arm64"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o",
			filepath.Join(dir, "app-"+architecture), "../internal/release/verify/testdata/app")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the app: %v\n%s", err, out)
		}
	}
	change(t, dir, "README.md", "", "# Shop\n")
	change(t, dir, "VERSION", "", "2.0.0\n")
	change(t, dir, "Dockerfile", "", `FROM scratch
ARG TARGETARCH
COPY --chmod=755 app-$TARGETARCH /app
COPY VERSION /
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["/app", "status", "http://127.0.0.1:8000/health"]
ENTRYPOINT ["/app"]
`)
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: a shop")
	testkit.Git(t, dir, "tag", "v2.0.0")
	return dir
}

// TestNightlyAdopter adopts the pipeline as the README says: init, an answer, doctor, a rehearsal, and the release by
// the workflow. No run fails on the way.
func TestNightlyAdopter(t *testing.T) {
	dir := adopter(t)
	run := func(args ...string) ended {
		t.Helper()
		result := pipeline(t, dir, nil, args...)
		if result.code != 0 {
			t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
		}
		return result
	}
	if asked := run("init"); !strings.Contains(asked.stdout, "verify.probe: which record should survive an upgrade?") {
		t.Errorf("init does not ask for a record:\n%s", asked.stdout)
	}
	testkit.Golden(t, "testdata/adopter-init.yaml", readFile(t, filepath.Join(dir, "release.yaml")))
	change(t, dir, "release.yaml", "probe: {absent: not decided yet}",
		`probe: {path: /records, body: '{"name": "kept"}'}`)
	run("doctor")
	c := openCI(t, dir, nil)
	adopt(t, dir)
	change(t, dir, ".github/workflows/release.yml", "", readmeWorkflow(t))
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message", "build: release with odin-release")
	rehearsed := run("rehearse")
	for _, want := range []string{"linux/amd64: upgraded from 2.0.0, the probe record is there",
		"linux/arm64: upgraded from 2.0.0, the probe record is there"} {
		if !strings.Contains(rehearsed.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, rehearsed.stdout)
		}
	}

	// The registry of the stand-ins has a port that nobody knows before.
	change(t, dir, "release.yaml", "name: ghcr.io/"+sceneRepository, "name: "+c.world.Registry()+"/"+sceneRepository)
	change(t, dir, "VERSION", "", "2.0.1\n")
	c.git("commit", "--quiet", "--all", "--message", "chore(release): 2.0.1")
	c.push("v2.0.1")
	released := c.run("push", "refs/tags/v2.0.1")
	if released.err != nil {
		t.Fatalf("the run ended with %v and %v", released.err, released.results)
	}
	c.released("v2.0.1")
}
