//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScenarioAdvisoryCheck keeps a check of the sample that is broken from failing lint, and
// from being overlooked, also when its result is reused.
func TestScenarioAdvisoryCheck(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", "checks:\n  - {name: backend:lint, advisory: true}\n")
	change(t, dir, "backend/app/unused.py", "", "import os\n")
	summary := filepath.Join(t.TempDir(), "summary.md")
	env := []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary}
	for _, again := range []string{"", "unchanged, reused"} {
		result := pipeline(t, dir, env, "lint", "-only=backend:lint")
		if result.code != 0 || !inOrder(result.stdout, "Warning: backend:lint: advisory, 2 findings, "+again,
			"backend:lint  advisory, 2 findings       2") {
			t.Errorf("exit code %d\n%s", result.code, result.stdout)
		}
		const annotation = "::warning file=backend/app/unused.py,line=1,col=8,title=backend%3Alint F401 (advisory)::"
		if annotated := strings.Contains(result.stderr, annotation); annotated != (again == "") {
			t.Errorf("annotated: %v\n%s", annotated, result.stderr)
		}
	}
	if dry := pipeline(t, dir, env, "lint", "-dry"); !strings.Contains(dry.stdout, "reused  advisory, 2 findings, ") {
		t.Errorf("a dry run hides the findings:\n%s", dry.stdout)
	}
	for file, want := range map[string]string{
		summary: "| backend:lint | advisory, 2 findings | 2 | 0 |",
		filepath.Join(dir, "dist/lint/backend-lint.json"): `"tolerated": "advisory"`,
		filepath.Join(dir, "dist/report.html"):            "no warnings, 2 advisory</small>",
	} {
		if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s does not have %q: %v\n", file, want, err)
		}
	}
	change(t, dir, "backend/ruff.toml", "", "nonsense = 1\n")
	if broken := pipeline(t, dir, nil, "lint", "-only=backend:lint"); broken.code == 0 {
		t.Errorf("a check that cannot run did not fail:\n%s", broken.stdout)
	}
}

// TestScenarioBaseline takes a check of the sample that is broken into a baseline, and works on it.
func TestScenarioBaseline(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", "checks:\n  - {name: backend:lint, baseline: backend/known.txt}\n")
	change(t, dir, "backend/app/unused.py", "", "import os\n")
	known := filepath.Join(dir, "backend/known.txt")
	const update = "lint -only=backend:lint -update"
	const first = "# Known findings of backend:lint: how many, of which rule, in which file.\n" +
		"1 D100 backend/app/unused.py\n1 F401 backend/app/unused.py\n"
	for _, each := range []struct {
		name, content string // of unused.py
		update        bool
		ok            bool
		shown         string
		after         string // the baseline, "" for none
	}{
		{"no baseline yet", "import os\n", false, false, "with today's 2 findings: " + update, ""},
		{"created", "import os\n", true, true, "created backend/known.txt with 2 findings", first},
		{"as known", "import os\n", false, true, "ok, 2 known findings", first},
		{"reused", "import os\n", false, true, "ok, reused, 2 known findings", first},
		{"a new finding", "import os\nimport sys\n", false, false, "1 finding not in backend/known.txt", first},
		{"not added", "import os\nimport sys\n", true, false, "-update adds nothing to it", first},
		{"fixed", "import os\n\n__all__ = [\"os\"]\n", false, true, "to remove them from it: " + update, first},
		{"removed", "import os\n\n__all__ = [\"os\"]\n", true, true, "removed 1 finding from backend/known.txt",
			strings.Replace(first, "1 F401 backend/app/unused.py\n", "", 1)},
	} {
		change(t, dir, "backend/app/unused.py", "", each.content)
		args := []string{"lint", "-only=backend:lint"}
		if each.update {
			args = append(args, "-update")
		}
		result := pipeline(t, dir, nil, args...)
		if (result.code == 0) != each.ok || !strings.Contains(result.stdout+result.stderr, each.shown) {
			t.Errorf("%s: exit code %d, expected %q\n%s%s",
				each.name, result.code, each.shown, result.stdout, result.stderr)
		}
		data, err := os.ReadFile(known)
		if string(data) != each.after || err != nil && each.after != "" {
			t.Errorf("%s: the baseline is %q, expected %q: %v", each.name, data, each.after, err)
		}
	}
	if none := pipeline(t, dir, nil, "lint", "-only=frontend:lint", "-update"); none.code == 0 ||
		!strings.Contains(none.stderr, "-update: no baseline is set for frontend:lint") {
		t.Errorf("exit code %d\n%s", none.code, none.stderr)
	}
}

// TestScenarioESLintCoverage tells which files of the frontend ESLint does not look at.
func TestScenarioESLintCoverage(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "frontend/src/notes.vue", "", "<template></template>\n")
	result := pipeline(t, dir, nil, "lint", "-only=frontend:lint")
	if result.code != 0 || !strings.Contains(result.stdout, "frontend:lint: ESLint does not look at 1 of ") ||
		!strings.Contains(result.stdout, ": frontend/src/notes.vue\n") {
		t.Errorf("exit code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
}
