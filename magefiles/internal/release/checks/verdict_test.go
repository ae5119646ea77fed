package checks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// exited returns what a tool's own non-zero exit looks like.
func exited(code int) error {
	return &run.Error{Command: run.Command{For: "a:b", Args: []string{"pytest"}}, Code: code}
}

func TestEvaluate(t *testing.T) {
	const passed, skipped = `<testcase name="p"/>`, `<testcase name="s"><skipped/></testcase>`
	const failed = `<testcase name="f"><failure message="why"/></testcase>`
	stopped := &run.Error{Command: run.Command{For: "a:b", Args: []string{"pytest"}}, Cause: context.Canceled}
	for name, test := range map[string]struct {
		cases string // "-" for no file at all
		ran   error
		want  string // "" when the suite passes
	}{
		"passed":                    {passed + skipped, nil, ""},
		"failed":                    {passed + failed, exited(1), "a:b: 1 of 2 tests failed"},
		"failed, but exit code 0":   {failed, nil, "a:b: 1 of 1 tests failed"},
		"passed, but exit code 1":   {passed, exited(1), "a:b: pytest exited with code 1"},
		"no tests":                  {"", exited(5), "a:b: collected no test in x [y]"},
		"no tests, but exit code 0": {"", nil, "a:b: collected no test"},
		"only skipped":              {skipped, nil, "a:b: all 1 tests were skipped"},
		"no results":                {"-", nil, "a:b: wrote no results"},
		"no results, broken tool":   {"-", exited(3), "a:b: pytest exited with code 3"},
		"not JUnit":                 {"<", nil, "a:b: read test results"},
		"stopped":                   {passed, stopped, "context canceled"},
		"database left behind":      {passed, errors.New("drop the test database"), "drop the test database"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.xml")
			if test.cases != "-" {
				if err := os.WriteFile(file, []byte("<testsuite>"+test.cases+"</testsuite>"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err := evaluate(
				&app.App{Root: filepath.Dir(file)},
				app.Step{Name: "a:b", Directory: "x", Paths: []string{"y"}},
				file,
				test.ran,
			)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, expected %q", err, test.want)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	first := report.Finding{File: "a.py", Line: 1, Severity: report.Error, Message: "wrong"}
	warning := report.Finding{File: "b.py", Severity: report.Warning, Message: "odd"}
	for name, test := range map[string]struct {
		findings []report.Finding
		want     string
	}{
		"nothing":       {nil, ""},
		"warnings only": {[]report.Finding{warning}, ""},
		"one error":     {[]report.Finding{warning, first}, "x: a.py:1: error: wrong"},
		"three errors": {
			[]report.Finding{first, warning, first, first},
			"x: 3 errors:\n  a.py:1: error: wrong\n  a.py:1: error: wrong\n  a.py:1: error: wrong",
		},
		"many errors": {
			slices.Repeat([]report.Finding{first}, 12),
			"x: 12 errors:" + strings.Repeat("\n  a.py:1: error: wrong", 8) + "\n  and 4 more",
		},
	} {
		err := Verdict(app.Step{Name: "x"}, test.findings)
		if got := errorText(err); got != test.want {
			t.Errorf("%s: %q, expected %q", name, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
