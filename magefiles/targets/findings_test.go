package targets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// A phase with advisory findings is not called ok: its own span counts those of reused checks, too.
func TestAdvisedPhases(t *testing.T) {
	start := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	span := func(phase, name, state string, group bool, advisory int) report.Span {
		return report.Span{Phase: phase, Name: name, State: state, Group: group, Advisory: advisory,
			Start: start, End: start.Add(time.Second)}
	}
	got := phaseRows([]report.Span{
		span("plan", "plan", report.Done, true, 0),
		span("lint", "lint", report.Done, true, 3), span("lint", "backend:lint", report.Done, false, 1),
		span("test", "backend:lint", report.Done, false, 1), span("test", "b", report.Done, false, 1),
		span("build", "a", report.Failed, false, 1),
	})
	want := [][]string{
		{"plan", "ok", "1.0 s"}, {"lint", "advisory, 3 findings", "1.0 s"}, {"test", "advisory, 2 findings", "1.0 s"},
		{"build", "FAILED", "1.0 s"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The summary of a workflow has the findings that other jobs left in dist.
func TestCheckRows(t *testing.T) {
	g := sampleGraph(t, emptyApp(t), options{asked: plan.Asked{Tag: t.Name()}})
	g.app.Config.Checks[0].Absent = "none yet"
	for i, findings := range [][]report.Finding{
		{}, {{Severity: report.Error, Tolerated: report.Advisory}},
		{{Severity: report.Error}}, {{Severity: report.Warning}},
	} {
		file, err := g.app.Dist(checks.FindingsFile(g.app.Config.Checks[i]))
		if err != nil {
			t.Fatal(err)
		}
		if err := report.WriteFindings(file, findings); err != nil {
			t.Fatal(err)
		}
	}
	want := [][]string{
		{"backend:lint", "absent: none yet", "", ""}, {"backend:typeCheck", "advisory, 1 finding", "1", "0"},
		{"frontend:lint", "FAILED", "1", "0"}, {"frontend:typeCheck", "ok", "0", "1"},
	}
	if diff := cmp.Diff(want, g.timing().checkRows()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The report does not look for the result of a check that did not run.
func TestSpanOfACheckThatDidNotRun(t *testing.T) {
	g := sampleGraph(t, emptyApp(t), options{asked: plan.Asked{Tag: t.Name()}})
	looked := false
	g.release = func() (*work.Release, error) {
		looked = true
		return nil, errors.New("it was looked for")
	}
	g.reporting().span(step.Outcome{Step: g.catalog().lint().Needs[0], State: step.State{Status: step.NotRun}})
	if looked {
		t.Error("it looked for the result")
	}
}

// Nothing is updated where no baseline is set.
func TestUpdatable(t *testing.T) {
	g := sampleGraph(t, emptyApp(t), options{update: true})
	const want = "no baseline is set for backend:lint, "
	if _, err := g.checking().chosenChecks(nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v", err)
	}
	g.app.Config.Checks = []app.Step{{Name: "a", Absent: "none", Baseline: "a.txt"}}
	if _, err := g.checking().chosenChecks(nil); err == nil {
		t.Error("a check that is absent has a baseline to update")
	}
	g.app.Config.Checks = []app.Step{{Name: "a"}, {Name: "b", Baseline: "b.txt"}}
	if _, err := g.checking().chosenChecks(nil); err != nil {
		t.Error(err)
	}
}

// What a baseline has is not annotated.
func TestKnownFindingsAreNotAnnotated(t *testing.T) {
	var out strings.Builder
	screen := report.Screen{Errs: &out, Actions: true, Prefix: func(context.Context) (string, error) { return "", nil }}
	screen.Annotate(t.Context(), "a", []report.Finding{
		{File: "a.py", Severity: report.Error, Message: "old", Tolerated: report.Known},
		{File: "b.py", Severity: report.Error, Message: "new"},
	})
	if want := "::error file=b.py,title=a::new\n"; out.String() != want {
		t.Errorf("%q, expected %q", out.String(), want)
	}
}
