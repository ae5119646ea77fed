//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestScenarioOutsideAnApp(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"lint",
		"test",
		"build",
		"releaseCheck",
		"release-check",
		"backend:lint",
		"image:build",
	} {
		t.Run(target, func(t *testing.T) {
			dir := t.TempDir()
			result := pipeline(t, dir, nil, target)
			if result.code == 0 || result.stdout != "" || strings.Count(result.stderr, "\n") != 1 ||
				!strings.Contains(result.stderr, "rehearse") {
				t.Errorf("exit code %d, stdout %q, stderr %q", result.code, result.stdout, result.stderr)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("something was written: %v, %v", entries, err)
			}
		})
	}
}

// TestScenarioHelp asks for help outside of an app, with the binary as a person runs it.
func TestScenarioHelp(t *testing.T) {
	t.Parallel()
	shown := pipeline(t, t.TempDir(), nil, "help", "lint")
	if shown.code != 0 || !inOrder(shown.stdout, "lint runs all checks", "-only=NAME", "frontend:typeCheck",
		"lint/*.json", "scripts/pipeline lint -only=backend:lint") {
		t.Errorf("exit code %d\n%s%s", shown.code, shown.stdout, shown.stderr)
	}
	unknown := pipeline(t, t.TempDir(), nil, "help", "lnt")
	if want := "Error: there is no target \"lnt\"; did you mean lint"; unknown.code == 0 ||
		unknown.stdout != "" || !strings.HasPrefix(unknown.stderr, want) {
		t.Errorf("exit code %d\n%s%s", unknown.code, unknown.stdout, unknown.stderr)
	}
	// Mage's own help shows the same comment, line by line, and the meaning of the flags.
	mages := pipeline(t, t.TempDir(), nil, "-h", "lint")
	if mages.code != 0 || !strings.Contains(mages.stdout, "\nExample: lint -only=backend:lint\n") ||
		!strings.Contains(mages.stdout, "run only the check") {
		t.Errorf("exit code %d\n%s%s", mages.code, mages.stdout, mages.stderr)
	}
}

func TestScenarioHungToolIsNamed(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", "suites:\n  - name: backend:unit\n    timeout: 4s\n")
	change(
		t,
		dir,
		"backend/tests/unit/test_slow.py",
		"",
		"\"\"\"Slow.\"\"\"\n\nimport time\n\n\ndef test_slow() -> None:\n    time.sleep(600)\n",
	)
	result := pipeline(t, dir, nil, "backend:unit")
	if result.code == 0 || !strings.Contains(result.stderr, "backend:unit") ||
		!strings.Contains(result.stderr, "timed out after 4s") {
		t.Errorf("exit code %d, stderr %s", result.code, result.stderr)
	}
}

// TestScenarioAnotherShape is an app as the public O.D.I.N. repository is: no
// pyproject, requirements without hashes, tests at the root with an environment
// of their own, no spec, parts that are not there.
func TestScenarioAnotherShape(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(dir, os.DirFS("testdata/another-shape")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"},
		{
			"-c",
			"user.name=Ada",
			"-c",
			"user.email=ada@example.org",
			"commit",
			"-q",
			"-m",
			"feat: first",
		}, {"tag", "v1.9.3"}} {
		testkit.Git(t, dir, args...)
	}
	result := pipeline(t, dir, nil, "lint", "test", "build")
	if result.code != 0 {
		t.Fatalf("exit code %d: %s", result.code, result.stderr)
	}
	testkit.Golden(t, "testdata/another-shape.txt", closing(result.stdout))
	bill, err := os.ReadFile(filepath.Join(dir, "dist", "sbom.spdx.json"))
	const left = "tests/requirements-test.txt is for development or tests, by its name"
	for _, want := range []string{
		"pkg:pypi/packaging@25.0",
		left,
		"npm packages: build.frontend is absent (no frontend here)",
	} {
		if err != nil || !strings.Contains(string(bill), want) || strings.Contains(string(bill), "pytest") {
			t.Errorf("the SBOM, expected to say %q: %s, %v", want, bill, err)
		}
	}
	if !strings.Contains(result.stdout, "SBOM: 1 Python packages, pinned in backend/requirements.txt") ||
		!strings.Contains(result.stdout, left) {
		t.Errorf("the screen does not tell of the SBOM: %s", result.stdout)
	}
	if staged, err := os.ReadFile(
		filepath.Join(dir, "dist", "source", "docker-compose.yml"),
	); err != nil ||
		!strings.Contains(string(staged), "O.D.I.N. v1.9.3") {
		t.Errorf("the staged docker-compose.yml: %s, %v", staged, err)
	}
	nothingBut(t, dir, "dist/")
}

// TestScenarioNoEngine runs without docker and without apt-get in PATH: the
// error says what to run, and lint does not need them.
func TestScenarioNoEngine(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	env := []string{"PATH=" + pathWithout(t, "docker", "apt-get")}
	result := pipeline(t, dir, env, "image:build")
	for _, want := range []string{
		"docker buildx does not answer",
		"scripts/engine",
		"https://docs.docker.com/engine/install/",
	} {
		if result.code == 0 || !strings.Contains(result.stderr, want) {
			t.Errorf("exit code %d, stderr does not say %q: %s", result.code, want, result.stderr)
		}
	}
	doctor := pipeline(t, dir, env, "doctor")
	if doctor.code == 0 || !strings.Contains(doctor.stderr, "missing: Buildx for linux/amd64, linux/arm64") ||
		!strings.Contains(doctor.stdout, "get it: start Docker, or install it: https://docs.docker.com/engine") {
		t.Errorf("doctor: exit code %d\n%s%s", doctor.code, doctor.stdout, doctor.stderr)
	}
}

// pathWithout returns a folder with links to all programs in PATH but the named.
func pathWithout(t *testing.T, missing ...string) string {
	t.Helper()
	bin := t.TempDir()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(dir) // PATH may name folders that are not there
		for _, entry := range entries {
			if !slices.Contains(missing, entry.Name()) {
				_ = os.Symlink(filepath.Join(dir, entry.Name()), filepath.Join(bin, entry.Name())) // the first one wins
			}
		}
	}
	return bin
}

// TestScenarioNoNode runs the frontend's tests where there is no Node.js: a
// pinned one is set up.
func TestScenarioNoNode(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	result := pipeline(t, dir, []string{"PATH=" + pathWithout(t, "node", "nodejs", "npm", "npx")}, "frontend:test")
	if result.code != 0 || cell(result.stdout, "frontend:test") != "ok" {
		t.Errorf("exit code %d: %s", result.code, result.stderr)
	}
}

func TestScenarioDoctor(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	result := pipeline(t, dir, nil, "doctor")
	if result.code != 0 {
		t.Errorf("exit code %d: %s", result.code, result.stderr)
	}
	dead := pipeline(t, dir, []string{"TEST_DATABASE_URL=postgresql://app:hush@127.0.0.1:1/x"}, "doctor")
	if dead.code == 0 || !strings.Contains(dead.stderr, "missing: PostgreSQL") ||
		!strings.Contains(dead.stdout, "TEST_DATABASE_URL (127.0.0.1:1)") ||
		strings.Contains(dead.stdout+dead.stderr, "hush") {
		t.Errorf("with a dead server: exit code %d\n%s%s", dead.code, dead.stdout, dead.stderr)
	}
	for _, want := range []string{
		"git version",
		"Python 3",
		"uv ",
		"PostgreSQL",
		"container postgres:15",
		"Buildx for linux/amd64, linux/arm64",
	} {
		if !strings.Contains(result.stdout, want) {
			t.Errorf("nothing says %q:\n%s", want, result.stdout)
		}
	}
	if strings.Contains(result.stdout, "MISSING") {
		t.Errorf("a part is missing:\n%s", result.stdout)
	}

	// Nothing needs a database any more, and a lock is missing.
	change(t, dir, "release.yaml", "", "suites: [{name: 'backend:integration', absent: not of interest here}]\n")
	if err := os.Remove(filepath.Join(dir, "backend/requirements.lock")); err != nil {
		t.Fatal(err)
	}
	unfit := pipeline(t, dir, []string{"TEST_DATABASE_URL=postgresql://app:hush@127.0.0.1:1/x"}, "doctor")
	if unfit.code == 0 ||
		!strings.Contains(unfit.stderr, "Error: the app's files do not match 1 of the settings, which are") ||
		!strings.Contains(
			unfit.stdout,
			"build.vendor.lock (default): backend/requirements.lock does not exist\n    uv pip compile ",
		) ||
		strings.Contains(unfit.stdout, "TEST_DATABASE_URL") {
		t.Errorf("without a lock: exit code %d\n%s%s", unfit.code, unfit.stdout, unfit.stderr)
	}
}

// TestNightlyHistory checks that each tag of the sample is that version's
// real app.
func TestNightlyHistory(t *testing.T) {
	for _, tag := range []string{"v1.7.0", "v1.7.1", "v1.7.2"} {
		t.Run(tag, func(t *testing.T) {
			dir := sample(t)
			testkit.Git(t, dir, "checkout", "-q", tag)
			defer testkit.Git(t, dir, "checkout", "-q", "main")
			result := pipeline(t, dir, nil, "lint", "test")
			if result.code != 0 {
				t.Errorf("exit code %d: %s", result.code, result.stderr)
			}
			unchanged(t, dir)
		})
	}
}
