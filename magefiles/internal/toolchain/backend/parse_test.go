package backend

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

var chain = Toolchain{App: &app.App{Root: "/srv/app"}}

func TestMypyFindings(t *testing.T) {
	got := mypyFindings(chain.App, app.Step{Directory: "backend"}, strings.Join([]string{
		`app/main.py:3:15: error: Incompatible types in assignment (expression has type "str", variable has type ` +
			`"int")  [assignment]`,
		`app/main.py:4:1: note: See https://mypy.readthedocs.io`,
		`app/main.py:9: error: Name "x" is not defined  [name-defined]`,
		`app/broken.py:1:2: error: Invalid syntax  [syntax]`,
		`mypy: "nothing" has no effect`,
		"",
	}, "\r\n"))
	want := []report.Finding{
		{File: "backend/app/main.py", Line: 3, Column: 15, Severity: report.Error, Code: "assignment",
			Message: `Incompatible types in assignment (expression has type "str", variable has type "int")`},
		{
			File:     "backend/app/main.py",
			Line:     9,
			Severity: report.Error,
			Code:     "name-defined",
			Message:  `Name "x" is not defined`,
		},
		{
			File:     "backend/app/broken.py",
			Line:     1,
			Column:   2,
			Severity: report.Error,
			Code:     "syntax",
			Message:  "Invalid syntax",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRuffFindings(t *testing.T) {
	got, err := ruffFindings(
		chain.App,
		[]byte(`[{"filename": "/srv/app/backend/a.py", "code": "F401", "message": "unused",
		"location": {"row": 3, "column": 8}, "end_location": {"row": 3, "column": 10}, "fix": null},
		{"filename": "/srv/app/backend/b.py", "code": null, "message": "SyntaxError",
		 "location": {"row": 1, "column": 1}}]`),
	)
	want := []report.Finding{
		{File: "backend/a.py", Line: 3, Column: 8, Severity: report.Error, Code: "F401", Message: "unused"},
		{File: "backend/b.py", Line: 1, Column: 1, Severity: report.Error, Message: "SyntaxError"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if _, err := ruffFindings(chain.App, []byte("oops")); err == nil || !strings.Contains(err.Error(), "ruff") {
		t.Errorf("error %v", err)
	}
}

const lock = `# a comment
Fast.API_x[all]==0.165.1 \
    --hash=sha256:00 \
    --hash=sha256:01
    # via odin
greenlet==3.5.0 ; platform_machine == 'aarch64' or platform_machine == 'x86_64' \
    --hash=sha256:02
`

func TestPins(t *testing.T) {
	got, err := Pins("x.lock", []byte(lock))
	want := []Pin{
		{"fast-api-x", "0.165.1", ""},
		{"greenlet", "3.5.0", "platform_machine == 'aarch64' or platform_machine == 'x86_64'"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestPinsRefusesWhatIsNotPinned(t *testing.T) {
	for content, want := range map[string]string{
		"fastapi>=1\n":                          "x.lock:1: every line",
		"a==1\nb==2 --hash=sha256:0\n":          "x.lock:2: every line",
		"a==1 \\\n    --hash=sha256:0\nb==2\n":  "x.lock:3: the last requirement has no hash",
		"-r other.txt\n":                        "x.lock:1: every line",
		"a @ https://example.org/a.whl\n":       "x.lock:1: every line",
		"a==1 \\\n    --hash=sha256:0\ngit+x\n": "x.lock:3: every line",
	} {
		if _, err := Pins("x.lock", []byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, expected %q", content, err, want)
		}
	}
}

func TestDifferenceAndConflict(t *testing.T) {
	a := []Pin{{"x", "1", ""}, {"y", "1", ""}}
	b := []Pin{{"x", "2", ""}, {"z", "1", "m"}}
	if diff := cmp.Diff([]string{"+ x==2", "+ z==1 ; m", "- x==1", "- y==1"}, difference(a, b)); diff != "" {
		t.Error(diff)
	}
	if pin, other, differs := conflict(a, b); !differs || pin.String() != "x==1" || other.String() != "x==2" {
		t.Errorf("%v %v %v", pin, other, differs)
	}
	if _, _, differs := conflict(a, []Pin{{"y", "1", ""}, {"q", "9", ""}}); differs {
		t.Error("a conflict where there is none")
	}
}

func FuzzPins(f *testing.F) {
	f.Add(lock)
	f.Add("a==1 ; x \\\n--hash=sha256:0")
	f.Fuzz(func(t *testing.T, content string) {
		pins, err := Pins("x.lock", []byte(content))
		if err != nil {
			return
		}
		for _, pin := range pins {
			if pin.Name == "" || pin.Version == "" || strings.ContainsAny(pin.Name+pin.Version, " ;\\\n") {
				t.Errorf("%q gave %q", content, pin)
			}
		}
	})
}
