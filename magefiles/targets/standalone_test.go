package targets

import (
	"context"
	"errors"
	"html"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// files returns the report and the trace in dist, "" for one that is not there.
func files(g *graph) (page, trace string) {
	first, _ := os.ReadFile(g.app.Path(app.DistDir, reportFile))
	second, _ := os.ReadFile(g.app.Path(app.DistDir, traceFile))
	return string(first), string(second)
}

// A plan leaves a report. That of a run that did more for the same plan is left alone, and that of
// another plan is replaced.
func TestReportOfAPlan(t *testing.T) {
	dir := sampleApp(t)
	g := sampleGraph(t, dir, options{})
	quiet := func(plan.Plan) error { return nil }
	if _, err := g.decisions().planStandalone(t.Context(), plan.Asked{}, quiet); err != nil {
		t.Fatal(err)
	}
	page, trace := files(g)
	if !strings.Contains(page, "v1.7.3") || !strings.Contains(trace, titlePlan) {
		t.Errorf("the report does not tell of the plan: %d bytes, %s", len(page), trace)
	}
	fine := act(func(context.Context) error { time.Sleep(2 * time.Millisecond); return nil })
	if err := g.run(t.Context(), g.inOrder("lint", g.decide(), g.step("lint", "a", fine))); err != nil {
		t.Fatal(err)
	}
	fuller, _ := files(g)
	if _, err := g.decisions().planStandalone(t.Context(), plan.Asked{}, quiet); err != nil {
		t.Fatal(err)
	}
	if page, _ = files(g); page != fuller || page == "" {
		t.Error("a second plan replaced the report of a run that did more for it")
	}
	testkit.Git(t, dir, "commit", "--quiet", "--allow-empty", "--message", "feat: count printers")
	g = sampleGraph(t, dir, options{})
	if _, err := g.decisions().planStandalone(t.Context(), plan.Asked{}, quiet); err != nil {
		t.Fatal(err)
	}
	if page, _ = files(g); page == fuller || !strings.Contains(page, "v1.8.0") {
		t.Error("the plan of another version left the report of the one before")
	}
}

// A plan that fails leaves a report that says why, and none of an earlier plan.
func TestReportOfAPlanThatFails(t *testing.T) {
	g := sampleGraph(t, sampleApp(t), options{})
	_, err := g.decisions().planStandalone(t.Context(), plan.Asked{Tag: "v1.0.0"}, func(plan.Plan) error { return nil })
	if err == nil {
		t.Fatal("v1.0.0 was planned after v1.7.3")
	}
	if page, _ := files(g); !strings.Contains(page, html.EscapeString(err.Error())[:40]) ||
		strings.Contains(page, "v1.7.3</h1>") {
		t.Errorf("the report does not say that the plan failed:\n%.2000s", page)
	}
}

// A target that does steps of a release by itself leaves a report of them, but none if it fails
// before the first.
func TestReportOfSteps(t *testing.T) {
	g := sampleGraph(t, emptyApp(t), options{})
	run := newStandalone(g.session, "image:verify")
	run.leaveOfDist(t.Context(), errors.New("nothing was built"))
	if page, _ := files(g); page != "" {
		t.Error("there is a report of no step")
	}
	err := run.step(t.Context(), "verify", "image:verify linux/amd64", func() error { return errors.New("no answer") })
	run.leaveOfDist(t.Context(), err)
	page, trace := files(g)
	if !strings.Contains(page, "no answer") || !strings.Contains(trace, `"failed"`) {
		t.Errorf("the report does not say what failed: %d bytes, %s", len(page), trace)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	err = run.step(stopped, "verify", "image:verify linux/arm64", func() error { return context.Canceled })
	if run.steps[1].State != string(step.Interrupted) || err == nil {
		t.Errorf("an interrupted step is %s", run.steps[1].State)
	}
}
