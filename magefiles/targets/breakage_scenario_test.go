//go:build scenario

package targets_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// breakage is one thing broken in the sample, and what must come of it.
type breakage struct {
	name   string
	make   func(t *testing.T, dir string)
	phase  string   // the phase that fails; "" when nothing starts at all
	red    string   // the step that fails in that phase, as its table shows it; "" when it has none
	target string   // the target that it is about; "" for red
	says   []string // what the end of the screen names: the file, its line and the reason

	annotated string // how its annotation begins, "" when it has none
}

var breakages = []breakage{
	{
		name:  "unused import",
		phase: "lint",
		red:   "backend:lint",
		make: func(t *testing.T, dir string) {
			change(t, dir, "backend/app/unused.py", "", "\"\"\"Nothing.\"\"\"\n\nimport os\n")
		},
		says: []string{"backend/app/unused.py:3:8", "`os` imported but unused", "F401"},
		annotated: "::error file=backend/app/unused.py,line=3,col=8,title=backend%3Alint F401::`os` imported but " +
			"unused",
	},
	{
		name:  "wrong Python type",
		phase: "lint",
		red:   "backend:typeCheck",
		make: func(t *testing.T, dir string) {
			change(t, dir, "backend/app/wrong.py", "", "\"\"\"Nothing.\"\"\"\n\nANSWER: int = \"forty-two\"\n")
		},
		says: []string{"backend/app/wrong.py:3:15", "Incompatible types in assignment"},
		annotated: "::error file=backend/app/wrong.py,line=3,col=15,title=backend%3AtypeCheck " +
			"assignment::Incompatible types in assignment",
	},
	{
		name: "ESLint error", phase: "lint", red: "frontend:lint",
		make: func(t *testing.T, dir string) {
			change(t, dir, "frontend/src/wrong.ts", "", "export function nothing(): void {\n  debugger\n}\n")
		},
		says:      []string{"frontend/src/wrong.ts:2:3", "no-debugger"},
		annotated: "::error file=frontend/src/wrong.ts,line=2,col=3,title=frontend%3Alint no-debugger::",
	},
	{
		name: "TypeScript error", phase: "lint", red: "frontend:typeCheck",
		make: func(t *testing.T, dir string) {
			change(t, dir, "frontend/src/typed.ts", "", "export const answer: number = 'forty-two'\n")
		},
		says:      []string{"frontend/src/typed.ts:1:14", "TS2322"},
		annotated: "::error file=frontend/src/typed.ts,line=1,col=14,title=frontend%3AtypeCheck TS2322::",
	},
	{
		name:  "failing unit test",
		phase: "test",
		red:   "backend:unit",
		make: func(t *testing.T, dir string) {
			change(
				t,
				dir,
				"backend/tests/unit/test_wrong.py",
				"",
				"\"\"\"Wrong.\"\"\"\n\n\ndef test_arithmetic() -> None:\n    assert 1 + 1 == 3\n",
			)
		},
		says: []string{
			"backend/tests/unit/test_wrong.py:5", "test_arithmetic", "assert (1 + 1) == 3", "dist/log/backend-unit.txt",
		},
		annotated: "::error file=backend/tests/unit/test_wrong.py,line=5,title=backend%3Aunit::tests.unit.test_wrong " +
			"test_arithmetic: assert (1 + 1) == 3",
	},
	{
		name: "fails only on PostgreSQL", phase: "test", red: "backend:integration",
		make: func(t *testing.T, dir string) {
			// SQLite does not mind a text of 90 characters in a column of 80.
			const test = "\"\"\"Long names.\"\"\"\n\nfrom typing import Any\n\nfrom fastapi.testclient import " +
				"TestClient\n" +
				"from sqlalchemy import text\n\n\ndef test_a_long_name(client: TestClient) -> None:\n    app: Any " +
				"= client.app\n" +
				"    with app.state.database.engine.begin() as connection:\n" +
				"        statement = text(\"INSERT INTO printers (name, model) VALUES (:name, 'MK4S')\")\n" +
				"        connection.execute(statement, {\"name\": \"n\" * 90})\n"
			change(t, dir, "backend/tests/unit/test_long.py", "", test)
			change(t, dir, "backend/tests/integration/test_long.py", "", test)
		},
		says:      []string{"backend/tests/integration/test_long.py:13", "test_a_long_name", "value too long"},
		annotated: "::error file=backend/tests/integration/test_long.py,line=13,title=backend%3Aintegration::",
	},
	{
		name:  "failing Vitest test",
		phase: "test",
		red:   "frontend:test",
		make: func(t *testing.T, dir string) {
			change(
				t,
				dir,
				"frontend/src/wrong.test.ts",
				"",
				"import { expect, it } from 'vitest'\n\nit('adds', () => {\n  expect(1 + 1).toBe(3)\n})\n",
			)
		},
		says: []string{"frontend/src/wrong.test.ts:4:17", "adds", "expected 2 to be 3"},
		annotated: "::error file=frontend/src/wrong.test.ts,line=4,col=17,title=frontend%3Atest::src/wrong.test.ts " +
			"adds: expected 2 to be 3",
	},
	{
		name:  "route without spec",
		phase: "test",
		red:   "backend:contract",
		make: func(t *testing.T, dir string) {
			appendTo(
				t,
				dir,
				"backend/app/health.py",
				"\n\n@router.get(\"/undocumented\")\ndef undocumented() -> dict[str, str]:\n    "+
					"\"\"\"Answer.\"\"\"\n    return {}\n",
			)
		},
		says: []string{
			"backend/openapi.json:1",
			"GET /api/v1/undocumented",
			"the app has this route, but the spec does not",
			"cp dist/test/openapi.json backend/openapi.json",
		},
		annotated: "::error file=backend/openapi.json,line=1,title=backend%3Acontract::GET /api/v1/undocumented",
	},
	{
		name:  "spec entry without route",
		phase: "test",
		red:   "backend:contract",
		make: func(t *testing.T, dir string) {
			change(
				t,
				dir,
				"backend/openapi.json",
				"\"paths\": {",
				"\"paths\": {\n    \"/api/v1/gone\": {\"get\": {\"responses\": {\"200\": {\"description\": \"OK\"}}}},",
			)
		},
		says: []string{
			"backend/openapi.json:9",
			"GET /api/v1/gone",
			"is in the spec, but the app has no such route",
		},
		annotated: "::error file=backend/openapi.json,line=9,title=backend%3Acontract::GET /api/v1/gone",
	},
	{
		name:   "stale lock",
		phase:  "build",
		target: "backend:vendor",
		make: func(t *testing.T, dir string) {
			change(
				t,
				dir,
				"backend/pyproject.toml",
				"dependencies = [\n",
				"dependencies = [\n    \"itsdangerous>=2\",\n",
			)
		},
		says: []string{
			"backend/requirements.lock is out of date with backend/pyproject.toml",
			"+ itsdangerous==",
			"uv pip compile",
		},
	},
	{
		name:   "Dockerfile fails on one platform",
		phase:  "build",
		target: "image:build",
		make: func(t *testing.T, dir string) {
			change(t, dir, "Dockerfile", "ARG TARGETARCH\n",
				"ARG TARGETARCH\nRUN test \"$TARGETARCH\" = amd64 || { echo no wheels for it; false; }\n")
		},
		says: []string{
			"image:build:",
			"Dockerfile:45: [linux/amd64->arm64 native 1/2] RUN test \"arm64\" = amd64",
			"no wheels for it",
			"did not complete successfully",
			"dist/log/image-build.txt",
		},
	},
	{
		name:   "frontend does not compile in the image",
		phase:  "build",
		target: "image:build",
		make: func(t *testing.T, dir string) {
			change(t, dir, "frontend/src/main.tsx", "", "import './missing'\n")
		},
		says: []string{
			"Dockerfile:",
			"npm run build",
			"src/main.tsx:1:8",
			"./missing",
			"dist/log/image-build.txt",
		},
	},
	{
		name:   "stale package-lock.json",
		phase:  "lint",
		target: "frontend:lint",
		make: func(t *testing.T, dir string) {
			change(
				t,
				dir,
				"frontend/package.json",
				"\"dependencies\": {",
				"\"dependencies\": {\n    \"left-pad\": \"^1.3.0\",",
			)
		},
		says: []string{
			"frontend:", "frontend/package-lock.json", "package.json", "left-pad", "npm install", "dist/log/frontend-",
		},
	},
	{
		name: "suite with no tests", phase: "test", red: "frontend:test",
		make: func(t *testing.T, dir string) {
			for _, file := range []string{"frontend/src/App.test.tsx", "frontend/src/api.test.ts"} {
				if err := os.Remove(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
		},
		says: []string{"frontend:test", "collected no test"},
	},
	{
		name: "pytest suite with no tests", phase: "test", red: "backend:unit",
		make: func(t *testing.T, dir string) {
			change(t, dir, "release.yaml", "", "suites:\n  - name: backend:unit\n    args: [-k, no_such_test]\n")
		},
		says: []string{"backend:unit", "collected no test"},
	},
	{
		name: "unknown key in release.yaml", target: "lint",
		make: func(t *testing.T, dir string) {
			change(t, dir, "release.yaml", "", "suites:\n  - name: backend:unit\n    timout: 5m\n")
		},
		says: []string{"release.yaml:3:5", "unknown key \"timout\"", "did you mean \"timeout\"?"},
	},
}

// screen is how many lines of the end of a run a person sees without scrolling.
const screen = 30

// TestScenarioBreakages runs the target that each breakage is about.
func TestScenarioBreakages(t *testing.T) {
	t.Parallel()
	for _, each := range breakages {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			each.run(t, cmp.Or(each.target, each.red))
		})
	}
}

// TestScenarioBreakageStops runs the whole release check on one breakage for
// each phase: what comes after the phase is not run.
func TestScenarioBreakageStops(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"unused import", "failing unit test", "stale lock"} {
		each := breakages[slices.IndexFunc(breakages, func(b breakage) bool { return b.name == name })]
		t.Run(each.phase, func(t *testing.T) {
			t.Parallel()
			checkPhases(t, each.run(t, "releaseCheck"), each)
		})
	}
}

// TestNightlyBreakages runs the whole release check on every breakage.
func TestNightlyBreakages(t *testing.T) {
	for _, each := range breakages {
		t.Run(each.name, func(t *testing.T) { checkPhases(t, each.run(t, "releaseCheck"), each) })
	}
}

// run runs a target on the broken sample, which fails and says why, and leaves
// the tree as it is.
func (b breakage) run(t *testing.T, target string) ended {
	t.Helper()
	dir := sample(t)
	b.make(t, dir)
	broken := testkit.Git(t, dir, "status", "--porcelain")
	result := pipeline(t, dir, nil, target)
	if result.code == 0 {
		t.Error("exit code 0")
	}
	shown := slices.Collect(strings.Lines(result.stdout + result.stderr))
	end := strings.Join(shown[max(0, len(shown)-screen):], "")
	for _, want := range b.says {
		if !strings.Contains(end, want) {
			t.Errorf("the last %d lines do not say %q:\n%s", screen, want, end)
		}
	}
	if !strings.HasPrefix(result.stderr, "Error: ") {
		t.Errorf("stderr is not one error:\n%s", result.stderr)
	}
	if now := testkit.Git(t, dir, "status", "--porcelain"); now != broken {
		t.Errorf("the tree was changed:\n%s", now)
	}
	return result
}

// appendTo adds text to the end of a file.
func appendTo(t *testing.T, dir, file, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), append(data, text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkPhases holds the closing table to what should have happened: the phases
// before the failing one passed, it failed, and the later ones did not run.
func checkPhases(t *testing.T, result ended, broken breakage) {
	t.Helper()
	if broken.phase == "" {
		if result.stdout != "" {
			t.Errorf("something ran:\n%s", result.stdout)
		}
		return
	}
	want := "ok"
	for _, phase := range []string{"plan", "lint", "test", "build"} {
		now := want
		if phase == broken.phase {
			now, want = "FAILED", "not run"
		}
		if got := cell(result.stdout, phase); got != now {
			t.Errorf("phase %s: %q, expected %q", phase, got, now)
		}
	}
	if broken.red == "" {
		return
	}
	for _, step := range []string{"backend:lint", "backend:typeCheck", "frontend:lint", "frontend:typeCheck",
		"backend:unit", "backend:integration", "frontend:test", "backend:contract"} {
		if got := cell(result.stdout, step); (got == "FAILED") != (step == broken.red) {
			t.Errorf("step %s: %q", step, got)
		}
	}
}

// cell returns the second column of the row that begins with name: ok, FAILED, not
// run, or "" when there is none.
func cell(output, name string) string {
	found := ""
	for line := range strings.Lines(output) {
		rest, ok := strings.CutPrefix(line, "  "+name+" ")
		if !ok {
			continue
		}
		for _, word := range []string{"not run", "FAILED", "ok"} {
			if strings.HasPrefix(strings.TrimSpace(rest), word) {
				found = word
			}
		}
	}
	return found
}
