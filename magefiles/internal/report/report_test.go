package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

func TestTable(t *testing.T) {
	var out bytes.Buffer
	report.Table(&out, []string{"suite", "result", ">passed"}, [][]string{
		{"backend:unit", "ok", "58"}, {"frontend:test", "absent: none yet", ""}, {"größe", "FAILED", "5"}})
	want := `  suite          result            passed
  ───────────────────────────────────────
  backend:unit   ok                    58
  frontend:test  absent: none yet
  größe          FAILED                 5
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Text is wrapped at words where a terminal is narrower, in all columns that are wide, and not without a terminal; the
// rule is at most as wide as the terminal, or as a page.
func TestTableOfLongCells(t *testing.T) {
	header := []string{"phase", "needs", "found"}
	rows := [][]string{
		{"lint, test, build", "Buildx for linux/amd64, linux/arm64", "MISSING: docker buildx does not answer"},
		{"", "", "  get it: https://docs.docker.com/engine/install/, or start Docker"},
		{"test", "", ""},
	}
	screen, out := screenOf(80)
	screen.Wrapped(header, rows)
	want := `  phase              needs                    found
  ──────────────────────────────────────────────────────────────────────────────
  lint, test, build  Buildx for linux/amd64,  MISSING: docker buildx does not
                     linux/arm64              answer
                                                get it:
                                                https://docs.docker.com/engine/install/,
                                                or start Docker
  test
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("in a terminal (-want +got):\n%s", diff)
	}
	screen, out = screenOf(0)
	screen.Wrapped(header, rows)
	for i, line := range strings.Split(out.String(), "\n") {
		if wide := len([]rune(line)); i == 1 && wide != 80 || i == 2 && !strings.HasSuffix(line, rows[0][2]) {
			t.Errorf("without a terminal, %d: %s", wide, line)
		}
	}
}

// screenOf returns a screen of so many columns, and what it shows.
func screenOf(columns int) (*report.Screen, *strings.Builder) {
	var out strings.Builder
	return &report.Screen{Out: &out, Width: func() int { return columns }}, &out
}

// A screen reader spells a rule out.
func TestTableForAScreenReader(t *testing.T) {
	screen, out := screenOf(0)
	screen.Plain = true
	screen.Table("", []string{"suite", "result"}, [][]string{{"backend:unit", "ok"}})
	if want := "\n  suite         result\n\n  backend:unit  ok\n"; out.String() != want {
		t.Errorf("%q, expected %q", out, want)
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	report.MarkdownTable(&out, []string{"suite", ">passed"}, [][]string{{"`a`", "5"}, {"b", ""}})
	start := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	report.Timeline(&out, []report.Span{
		{Phase: "plan", Name: "plan", Start: start, End: start.Add(400 * time.Millisecond), State: report.Done},
		{
			Phase: "lint", Name: "lint", Start: start.Add(time.Second), End: start.Add(2 * time.Minute),
			State: report.Done,
		},
		{
			Phase: "lint", Name: "backend:lint; #1", Start: start.Add(time.Second), End: start.Add(91 * time.Second),
			State: report.Failed,
		},
	})
	want := "| suite | passed |\n| --- | ---: |\n| `a` | 5 |\n| b |  |\n" +
		"```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n    section plan\n    plan :done, " +
		"1780304400000, 1780304401000\n    section lint\n    backend lint   1 :crit, 1780304401000, " +
		"1780304491000\n```\n\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHarmless(t *testing.T) {
	var out strings.Builder
	if n, err := (report.HarmlessWriter{Out: &out}).Write(
		[]byte("a test says ##[add-mask]linux\n"),
	); n != 30 || err != nil ||
		out.String() != "a test says ## [add-mask]linux\n" {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
}

func TestUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                      "0.0 s",
		400 * time.Millisecond: "0.4 s",
		187 * time.Second:      "3 min 07 s",
	} {
		if got := report.Seconds(d); got != want {
			t.Errorf("%v: %s, expected %s", d, got, want)
		}
	}
	for n, want := range map[int64]string{
		0:             "0 B",
		999:           "999 B",
		71100:         "71.1 kB",
		62_300_000:    "62.3 MB",
		2_500_000_000: "2.5 GB",
	} {
		if got := report.Size(n); got != want {
			t.Errorf("%d: %s, expected %s", n, got, want)
		}
	}
}

func TestFindings(t *testing.T) {
	findings := []report.Finding{
		{File: "b.ts", Line: 2, Severity: report.Warning, Message: "odd"},
		{File: "a.py", Line: 10, Column: 3, Severity: report.Error, Code: "F401", Message: "unused"},
		{File: "a.py", Line: 9, Severity: report.Error, Message: "first"},
	}
	if got := findings[1].String(); got != "a.py:10:3: error: unused [F401]" {
		t.Error(got)
	}
	if got := (report.Finding{Severity: report.Error, Message: "TestA"}).String(); got != "error: TestA" {
		t.Errorf("without a place: %s", got)
	}
	if got := report.Errors(findings); got != 2 {
		t.Errorf("%d errors", got)
	}
	file := filepath.Join(t.TempDir(), "x.json")
	if err := report.WriteFindings(file, findings); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "file": "a.py",
    "line": 9,
    "severity": "error",
    "message": "first"
  },
  {
    "file": "a.py",
    "line": 10,
    "column": 3,
    "severity": "error",
    "code": "F401",
    "message": "unused"
  },
  {
    "file": "b.ts",
    "line": 2,
    "severity": "warning",
    "message": "odd"
  }
]
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A finding is annotated where it is in the repository.
func TestAnnotateFindings(t *testing.T) {
	var out bytes.Buffer
	for _, finding := range []report.Finding{
		{File: "a,b.py", Line: 10, Column: 3, Severity: report.Error, Code: "F401", Message: "unused:\n100%"},
		{File: "c.ts", Line: 2, Severity: report.Warning, Message: "odd"},
		{File: "d.json", Column: 7, Severity: report.Error, Message: "no line"},
		{File: "e.py", Line: 1, Severity: report.Error, Message: "kept", Tolerated: report.Advisory},
	} {
		finding.Annotate(&out, "backend:lint", "web/")
	}
	report.Group(&out, "lint\n::set-output")
	report.EndGroup(&out)
	if want := `::error file=web/a%2Cb.py,line=10,col=3,title=backend%3Alint F401::unused:%0A100%25
::warning file=web/c.ts,line=2,title=backend%3Alint::odd
::error file=web/d.json,title=backend%3Alint::no line
::warning file=web/e.py,line=1,title=backend%3Alint (advisory)::kept
::group::lint%0A::set-output
::endgroup::
`; out.String() != want {
		t.Errorf("%s", cmp.Diff(want, out.String()))
	}
}

func TestAnnotateKeepsToOneLine(t *testing.T) {
	var out bytes.Buffer
	report.Annotate(&out, report.Warning, "Version: a, b", "50% done\n::error::x\r")
	if want := "::warning title=Version%3A a%2C b::50%25 done%0A::error::x%0D\n"; out.String() != want {
		t.Errorf("%q, expected %q", out.String(), want)
	}
}
