//go:build scenario

package targets_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// adoptedConfig is the first release.yaml of an app that is an API alone and
// knows nothing but PostgreSQL.
var adoptedConfig = tinySteps + `versionFiles: [{path: VERSION}, {path: since.txt, pattern: (.+)}]
build:
  frontend: {absent: an API alone}
  vendor: {absent: a program in Go}
  image: {name: ghcr.io/ada/shop, platforms: [linux/` + runtime.GOARCH + `]}
verify:
  needs: [postgresql]
  timeout: 60s
  settle: 1s
  health: /health
  page: {absent: an API alone}
  processes: {absent: one program}
  volume: {absent: all is in the database}
  probe: {path: /records, body: '{"name": "kept"}'}
announce: {name: Shop}
docs: {rebuild: {absent: no site}}
`

// TestNightlyFirstRehearsal adopts the pipeline in an app whose last release
// is older than its release.yaml.
func TestNightlyFirstRehearsal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testkit.Git(t, dir, "init", "--quiet", "--initial-branch=main")
	testkit.Git(t, dir, "remote", "add", "origin", "https://github.com/ada/shop")
	commit := func(message string) {
		t.Helper()
		testkit.Git(t, dir, "add", "--all")
		testkit.Git(t, dir, "commit", "--quiet", "--message", message)
	}
	change(t, dir, "app", "", string(tinyapp.DatabaseProgram(t, runtime.GOARCH)))
	change(t, dir, "VERSION", "", "1.0.0\n")
	change(t, dir, "Dockerfile", "", "FROM scratch\nCOPY --chmod=755 app VERSION /\nENTRYPOINT [\"/app\"]\n")
	commit("feat: a shop")
	testkit.Git(t, dir, "tag", "v1.0.0")

	change(t, dir, "release.yaml", "", adoptedConfig)
	change(t, dir, "since.txt", "", "1.0.0\n")
	commit("feat: releases")
	change(t, dir, "release.yaml", "settle: 1s", "settle: 2s")
	result := pipeline(t, dir, nil, "rehearse")
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	for _, want := range []string{
		"release.yaml is not committed: what is rehearsed is what is committed, with this configuration",
		"v1.0.0 has no release.yaml: today's release.yaml is used for " +
			"it", "not checked, as release.yaml says: page (an API alone), processes (one program), volume",
		"upgraded from 1.0.0, the probe record is there", "latest         was 1.0.0 before"} {
		if !strings.Contains(result.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, result.stdout)
		}
	}

	// The image that was built proves itself without a release, and a wrong
	// setting is known at once.
	clone := filepath.Join(dir, "dist/rehearsal/app")
	result = pipeline(t, clone, nil, "image:verify", "-local")
	if result.code != 0 ||
		!strings.Contains(result.stdout, "started again on its own data, the probe record is there") {
		t.Errorf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	change(t, clone, "release.yaml", "probe: {path: /records,", "probe: {path: /recs,")
	result = pipeline(t, clone, nil, "image:verify", "-local")
	if result.code == 0 || !strings.Contains(result.stderr, "POST /recs answered 404") ||
		!strings.Contains(result.stderr, "correct verify.probe in release.yaml") {
		t.Errorf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	if left := testkit.Git(t, dir, "status", "--porcelain"); left != "M release.yaml" {
		t.Errorf("the tree was changed: %s", left)
	}

	// A last release that cannot be built costs nothing but the upgrade. Here the
	// next one can't be built either, which ends the rehearsal soon.
	testkit.Git(t, dir, "checkout", "--quiet", "release.yaml")
	testkit.Git(t, dir, "rm", "--quiet", "Dockerfile", "release.yaml")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: nothing to build")
	testkit.Git(t, dir, "tag", "v1.1.0")
	change(t, dir, "release.yaml", "", adoptedConfig)
	commit("feat: releases again")
	result = pipeline(t, dir, nil, "rehearse")
	if !strings.Contains(
		result.stdout,
		"v1.1.0 can't be built as it was, so that the upgrade from it is not rehearsed",
	) ||
		!strings.Contains(result.stderr, "Error: build failed: image:build: ") {
		t.Errorf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
}
