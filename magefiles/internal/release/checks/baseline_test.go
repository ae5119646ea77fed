package checks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

const heading = "# Known findings of a:lint: how many, of which rule, in which file.\n"

// baselined is a check with a baseline.
var baselined = app.Step{Name: "a:lint", Kind: "ruff", Baseline: "known.txt"}

// found are findings, each as a rule and a file.
func found(texts ...string) []report.Finding {
	var findings []report.Finding
	for i, text := range texts {
		rule, file, _ := strings.Cut(text, " ")
		findings = append(findings, report.Finding{
			File: file, Line: i + 1, Severity: report.Error, Code: strings.TrimPrefix(rule, noRule), Message: "wrong",
		})
	}
	return findings
}

// settled settles findings in an app with a baseline, "" for none. It returns the baseline
// that is there afterwards.
func settled(t *testing.T, check app.Step, before string, findings []report.Finding, ran error, update bool) (
	checked Checked, after string, err error,
) {
	t.Helper()
	files := map[string]string{"keep": ""}
	if before != "" {
		files["known.txt"] = before
	}
	place := work.Place{
		App: &app.App{Root: testkit.Files(t, files)}, Source: &app.App{Root: testkit.Files(t, files)},
	}
	checked.Findings = findings
	err = settle(place, check, &checked, ran, update)
	data, readErr := os.ReadFile(filepath.Join(place.App.Root, "known.txt"))
	if readErr != nil && !errors.Is(readErr, os.ErrNotExist) {
		t.Fatal(readErr)
	}
	return checked, string(data), err
}

func TestBaseline(t *testing.T) {
	const two = heading + "2 F401 a.py\n"
	for name, test := range map[string]struct {
		before   string
		findings []report.Finding
		update   bool
		after    string // "" for what was before
		failed   string // "" when the check passes
		result   string
		notes    string
	}{
		"as known": {before: two, findings: found("F401 a.py", "F401 a.py"), result: "ok, 2 known findings"},
		"one more of a rule in a file": {
			before: two, findings: found("F401 a.py", "F401 a.py", "F401 a.py"),
			failed: "a:lint: 1 finding not in known.txt, among these 3:\n  a.py:1: error: wrong [F401]\n" +
				"  a.py:2: error: wrong [F401]\n  a.py:3: error: wrong [F401]",
		},
		"the same rule in another file": {
			before: two, findings: found("F401 a.py", "F401 a.py", "F401 b.py"),
			failed: "a:lint: 1 finding not in known.txt:\n  b.py:3: error: wrong [F401]",
		},
		"one fixed": {
			before: two, findings: found("F401 a.py"), result: "ok, 1 known finding",
			notes: "fixed since known.txt was written: 1 finding; to remove them from it: lint -only=a:lint -update",
		},
		"one fixed, with -update": {
			before: two, findings: found("F401 a.py"), update: true, result: "ok, 1 known finding",
			after: heading + "1 F401 a.py\n", notes: "removed 1 finding from known.txt",
		},
		"all fixed, with -update": {before: two, update: true, after: heading, result: "ok",
			notes: "removed 2 findings from known.txt"},
		"one fixed and one new, with -update": {
			before: two, findings: found("F401 a.py", "E501 a.py"), update: true,
			failed: "a:lint: 1 finding not in known.txt:\n  a.py:2: error: wrong [E501]\n" +
				"  the baseline is unchanged: -update adds nothing to it; fix what is new first",
		},
		"without a baseline": {
			findings: found("F401 a.py"),
			failed: "a:lint: the baseline known.txt does not exist; to create it with today's 1 finding: " +
				"lint -only=a:lint -update",
		},
		"without a baseline, with -update": {
			findings: found("- b c.py", "F401 a.py", "E501 a.py"), update: true, result: "ok, 3 known findings",
			after: heading + "1 E501 a.py\n1 F401 a.py\n1 - b c.py\n",
			notes: "created known.txt with 3 findings; commit it",
		},
		"a broken baseline": {
			before: heading + "<<<<<<< HEAD\n", findings: found("F401 a.py"),
			failed: `a:lint: known.txt:2: "<<<<<<< HEAD" is not a number, a rule and a file, such as: 2 F401 ` +
				`backend/app/main.py`,
		},
		"a line twice": {
			before: "1 F401 a.py\n1 F401 a.py\n", update: true,
			failed: "a:lint: known.txt:2: a line above has F401 in a.py, too; leave one of them",
		},
	} {
		t.Run(name, func(t *testing.T) {
			checked, after, err := settled(t, baselined, test.before, test.findings, nil, test.update)
			if diff := cmp.Diff(test.failed, errorText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			want := test.after
			if want == "" {
				want = test.before
			}
			if diff := cmp.Diff(want, after); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			if got := checked.Result("ok"); got != test.result {
				t.Errorf("%q, expected %q", got, test.result)
			}
			if got := strings.Join(checked.Notes(baselined), "\n"); got != test.notes {
				t.Errorf("%q, expected %q", got, test.notes)
			}
		})
	}
}

// What a baseline is written with is what it is read as.
func TestBaselineIsReadAsWritten(t *testing.T) {
	written := baselineOf(found("react-hooks/exhaustive-deps src/a b.tsx", "- x.py", "- x.py"))
	read, err := parseBaseline("known.txt", written.format("a:lint"))
	if err != nil || !cmp.Equal(written, read, cmp.AllowUnexported(group{})) {
		t.Errorf("%v, expected %v: %v", read, written, err)
	}
}

// A baseline that git ignores is not replaced: the copy that is checked does not have it.
func TestIgnoredBaseline(t *testing.T) {
	root := testkit.Files(t, map[string]string{"known.txt": "1 F401 a.py\n"})
	place := work.Place{App: &app.App{Root: root}, Source: &app.App{Root: t.TempDir()}}
	err := settle(place, baselined, &Checked{}, nil, true)
	data, readErr := os.ReadFile(filepath.Join(root, "known.txt"))
	if err == nil || !strings.Contains(err.Error(), "git ignores the baseline known.txt") ||
		readErr != nil || string(data) != "1 F401 a.py\n" {
		t.Errorf("error %v, and the file is %q", err, data)
	}
}

// An advisory check passes with findings, which are never called ok; it fails when its tool
// did not do its work.
func TestAdvisory(t *testing.T) {
	advisory := app.Step{Name: "a:lint", Kind: "mypy", Advisory: true}
	stopped := &run.Error{Command: run.Command{For: "a:lint", Args: []string{"mypy"}}, Cause: context.Canceled}
	for name, test := range map[string]struct {
		findings []report.Finding
		ran      error
		failed   string
		result   string
	}{
		"nothing found":            {result: "ok"},
		"one finding":              {found("x a.py"), nil, "", "advisory, 1 finding"},
		"findings, by exit code":   {found("x a.py", "y b.py"), exited(1), "", "advisory, 2 findings"},
		"not all files looked at":  {found("x a.py"), exited(2), "a:b: pytest exited with code 2", ""},
		"no findings, but exit 1":  {nil, exited(1), "a:b: pytest exited with code 1", ""},
		"interrupted":              {found("x a.py"), stopped, "a:lint: mypy: context canceled", ""},
		"a tool that is not there": {nil, errors.New("mypy is not there"), "mypy is not there", ""},
	} {
		t.Run(name, func(t *testing.T) {
			checked, _, err := settled(t, advisory, "", test.findings, test.ran, false)
			if got := errorText(err); got != test.failed {
				t.Errorf("%q, expected %q", got, test.failed)
			}
			if got := checked.Result("ok"); err == nil && got != test.result {
				t.Errorf("%q, expected %q", got, test.result)
			}
		})
	}
}

// The exit code of an advisory command is a finding, unless it was not run to its end.
func TestAdvisoryCommand(t *testing.T) {
	command := app.Step{Name: "audit", Kind: "command", Advisory: true, Command: []string{"npm", "audit"}}
	for code, want := range map[int]string{
		1:   "release.yaml: error: npm audit exited with code 1",
		125: "release.yaml: error: npm audit exited with code 125",
		126: "", 127: "", 137: "", -1: "",
	} {
		findings, err := failedCommand(command, exited(code))
		switch {
		case want == "":
			if err == nil || findings != nil {
				t.Errorf("%d: %v, %v", code, findings, err)
			}
		case err != nil || len(findings) != 1 || findings[0].String() != want:
			t.Errorf("%d: %v, %v", code, findings, err)
		}
	}
	if findings, err := failedCommand(app.Step{Kind: "command"}, exited(1)); err == nil || findings != nil {
		t.Errorf("one that is not advisory: %v, %v", findings, err)
	}
	if findings, err := failedCommand(command, nil); err != nil || findings != nil {
		t.Errorf("one that succeeds: %v, %v", findings, err)
	}
}

// A check that is not tolerant fails by its findings, whatever the exit code of its tool.
func TestStrict(t *testing.T) {
	strict := app.Step{Name: "a:lint", Kind: "mypy"}
	for name, test := range map[string]struct {
		findings []report.Finding
		ran      error
		failed   string
	}{
		"nothing":                 {nil, nil, ""},
		"findings":                {found("x a.py"), nil, "a:lint: a.py:1: error: wrong [x]"},
		"not all files looked at": {found("x a.py"), exited(2), "a:lint: a.py:1: error: wrong [x]"},
		"no findings, but exit 2": {nil, exited(2), "a:b: pytest exited with code 2"},
	} {
		if _, _, err := settled(t, strict, "", test.findings, test.ran, false); errorText(err) != test.failed {
			t.Errorf("%s: %v, expected %q", name, err, test.failed)
		}
	}
}
