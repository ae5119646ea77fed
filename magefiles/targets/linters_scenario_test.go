//go:build scenario

package targets_test

import (
	"strings"
	"testing"
)

// TestNightlyToolsThatNoFilePins checks a sample whose environment has neither linters nor
// pytest: the pipeline has linters of its own, and release.yaml names pytest.
func TestNightlyToolsThatNoFilePins(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", `environments:
  backend: {requirements: [backend/requirements.lock], packages: [pytest==9.2.0]}
checks:
  - {name: backend:typeCheck, paths: [app]}
suites:
  - {name: backend:unit, paths: [tests/unit/test_alone.py], args: [--noconftest]}
`)
	change(t, dir, "backend/tests/unit/test_alone.py", "",
		"\"\"\"A test.\"\"\"\n\n\ndef test_it() -> None:\n    \"\"\"It is.\"\"\"\n    assert True\n")
	change(t, dir, "backend/app/wrong.py", "",
		"\"\"\"Wrong in two ways.\"\"\"\n\nimport fastapi\n\nANSWER: int = fastapi.__version__\nimport os\n")
	for _, each := range []struct {
		check string
		shown []string
	}{
		{"backend:lint", []string{"has no ruff: the pipeline's own is used", "wrong.py:6:8: error: `os` imported"}},
		// With the packages of the app, mypy knows that the version is text.
		{"backend:typeCheck", []string{"has no mypy: the pipeline's own is used", `wrong.py:5:15: error: ` +
			`Incompatible types in assignment (expression has type "str", variable has type "int") [assignment]`}},
	} {
		result := pipeline(t, dir, nil, "lint", "-only="+each.check)
		for _, want := range each.shown {
			if result.code == 0 || !strings.Contains(result.stdout, want) {
				t.Errorf("%s: exit code %d, expected %q\n%s%s",
					each.check, result.code, want, result.stdout, result.stderr)
			}
		}
	}
	if tested := pipeline(t, dir, nil, "backend:unit"); tested.code != 0 {
		t.Errorf("exit code %d\n%s%s", tested.code, tested.stdout, tested.stderr)
	}
	if examined := pipeline(t, dir, nil, "doctor"); strings.Contains(examined.stdout, "is not in the environment") {
		t.Errorf("doctor misses a tool:\n%s", examined.stdout)
	}
}
