//go:build scenario

package targets_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioStaleNpmLock asks for a package that package-lock.json lacks: with
// node_modules there and in a fresh checkout the lock is refused, with npm's
// reason, once for both checks.
func TestScenarioStaleNpmLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	const lock = `{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": ` +
		`{"name": "app", "version": "1.0.0"}}}`
	for file, content := range map[string]string{
		"frontend/package.json": `{"name": "app", "version": "1.0.0"}`, "frontend/package-lock.json": lock,
		"frontend/local/package.json": `{"name": "local", "version": "1.0.0"}`,
		"release.yaml": "checks:\n  - {name: \"backend:lint\", absent: a tiny app}\n  - {name: " +
			"\"backend:typeCheck\", absent: a tiny app}\n", ".gitignore": "node_modules\ndist\n",
	} {
		change(t, dir, file, "", content)
	}
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	testkit.Git(t, dir, "add", "-A")
	if result := pipeline(
		t,
		dir,
		nil,
		"lint",
	); result.code == 0 ||
		!strings.Contains(result.stderr, "eslint is not among the packages") {
		t.Fatalf("a lock that is whole: exit code %d, %s", result.code, result.stderr)
	}
	change(
		t,
		dir,
		"frontend/package.json",
		"",
		`{"name": "app", "version": "1.0.0", "dependencies": {"local": "file:./local"}}`,
	)
	fresh := filepath.Join(t.TempDir(), "fresh")
	testkit.Git(t, dir, "add", "-A")
	testkit.Git(t, dir, "commit", "-q", "-m", "feat: first")
	testkit.Git(t, dir, "clone", "-q", dir, fresh)
	for name, dir := range map[string]string{"with node_modules": dir, "fresh": fresh} {
		result := pipeline(t, dir, nil, "lint")
		const want = "Error: frontend/package-lock.json does not satisfy package.json: Missing: local@1.0.0 from " +
			"lock file\n" +
			"Update it with npm install in frontend, and commit it\n" +
			"2 steps failed: frontend:lint, frontend:typeCheck\n"
		if result.code == 0 || result.stderr != want {
			t.Errorf("%s: exit code %d, stderr\n%s\nexpected\n%s", name, result.code, result.stderr, want)
		}
		if strings.Count(result.stdout, "FAILED") != 4 || strings.Contains(result.stdout, "Usage") {
			t.Errorf("%s: stdout\n%s", name, result.stdout)
		}
	}
}
