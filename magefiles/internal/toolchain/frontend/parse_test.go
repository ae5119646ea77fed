package frontend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

var chain = Toolchain{App: &app.App{Root: "/srv/app"}}

func TestTscFindings(t *testing.T) {
	got := chain.tscFindings(app.Step{Directory: "frontend"}, strings.Join([]string{
		`src/a.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.`,
		`src/(odd) name.tsx(10,2): error TS2345: Argument of type 'A' is not assignable.`,
		`  Property 'b' is missing.`,
		`error TS5101: Option 'baseUrl' is deprecated.`,
		``,
	}, "\n"))
	want := []report.Finding{
		{
			File:     "frontend/src/a.ts",
			Line:     1,
			Column:   14,
			Severity: report.Error,
			Code:     "TS2322",
			Message:  "Type 'string' is not assignable to type 'number'.",
		},
		{
			File:     "frontend/src/(odd) name.tsx",
			Line:     10,
			Column:   2,
			Severity: report.Error,
			Code:     "TS2345",
			Message:  "Argument of type 'A' is not assignable. Property 'b' is missing.",
		},
		{
			File:     "frontend/tsconfig.json",
			Severity: report.Error,
			Code:     "TS5101",
			Message:  "Option 'baseUrl' is deprecated.",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestESLintFindings(t *testing.T) {
	files, err := eslintResults([]byte(`[{"filePath": "/srv/app/frontend/src/a.ts", "messages": [
		{"ruleId": "no-debugger", "severity": 2, "message": "Unexpected", "line": 2, "column": 3},
		{"ruleId": null, "severity": 1, "message": "ignored"}]},
		{"filePath": "/srv/app/frontend/b.ts", "messages": []}]`))
	want := []report.Finding{
		{
			File:     "frontend/src/a.ts",
			Line:     2,
			Column:   3,
			Severity: report.Error,
			Code:     "no-debugger",
			Message:  "Unexpected",
		},
		{File: "frontend/src/a.ts", Severity: report.Warning, Message: "ignored"},
	}
	if diff := cmp.Diff(want, chain.eslintFindings(files)); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

// A source file counts as skipped if ESLint does not name it, or says that it ignores it.
func TestESLintCoverage(t *testing.T) {
	root := testkit.Files(t, map[string]string{
		"frontend/src/a.ts": "", "frontend/src/b.tsx": "", "frontend/c.js": "", "frontend/style.css": "",
		"frontend/node_modules/x/x.js": "", "frontend/dist/main.js": "", "backend/other.js": "",
	})
	files := []eslintFile{
		{FilePath: filepath.Join(root, "frontend/src/a.ts")}, {FilePath: filepath.Join(root, "frontend/c.js")},
	}
	if err := json.Unmarshal([]byte(`[{"ruleId": null, "severity": 1, "message": "File ignored because of a matching `+
		`ignore pattern. Use \"--no-ignore\" to disable file ignore settings."}]`), &files[1].Messages); err != nil {
		t.Fatal(err)
	}
	got, err := Toolchain{App: &app.App{Root: root}}.coverage("frontend", files)
	want := Coverage{Sources: 3, Skipped: []string{"frontend/c.js", "frontend/src/b.tsx"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestPackagesAreThoseOfTheBundle(t *testing.T) {
	root := t.TempDir()
	lock := `{"packages": {"": {"version": "1.0.0"},
		"node_modules/react": {"version": "19.2.0", "license": "MIT", "integrity": "sha512-AAEC"},
		"node_modules/vite": {"version": "8.0.0", "dev": true},
		"node_modules/a/node_modules/@s/b": {"version": "2.0.0"},
		"node_modules/local": {"link": true}}}`
	if err := os.WriteFile(filepath.Join(root, "package-lock.json"), []byte(lock), 0o644); err != nil {
		t.Fatal(err)
	}
	found := Toolchain{
		App: &app.App{Root: root, Config: app.Config{Build: app.Build{Frontend: app.Bundle{Directory: "."}}}},
	}
	listed, err := found.Packages(root, "")
	got := listed.Packages
	slices.SortFunc(got, func(a, b sbom.Package) int { return strings.Compare(b.Name, a.Name) })
	want := []sbom.Package{
		{Type: "npm", Name: "react", Version: "19.2.0", License: "MIT", SHA512: "000102"},
		{Type: "npm", Name: "@s/b", Version: "2.0.0", Supplier: sbom.Supplier{Name: "s", Organization: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}
