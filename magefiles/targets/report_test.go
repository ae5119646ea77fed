package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// emptyApp returns an app that has nothing but a folder.
func emptyApp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, side := range []string{"backend", "frontend"} {
		if err := os.Mkdir(dir+"/"+side, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ready is work that is so already.
type ready struct{ status step.Status }

func (r ready) Done(context.Context) (step.State, error) {
	return step.State{Status: r.status, Why: "it is"}, nil
}

func (ready) Do(context.Context) error { return errors.New("there is nothing to do") }

// staged returns a target of two phases, the second of which runs its steps in order.
func staged(g *graph, failed error) *step.Step {
	fine := act(func(context.Context) error { return nil })
	lint := g.together("lint", g.step("lint", "a", fine), g.step("lint", "b", ready{step.Reused}))
	first := g.step("build", "c", fine)
	group := g.together("parts", g.step("build", "d", act(func(context.Context) error { return failed }), first))
	build := g.inOrder("build", first, group, g.step("build", "e", fine), g.absent("build", "f", "there is none"))
	return g.inOrder("release", lint, build)
}

// told are spans as text: their states, and what each waited for.
func told(spans []report.Span) string {
	var lines []string
	for _, span := range spans {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", span.Phase, span.Name, span.State,
			strings.Join(span.Needs, ","))))
	}
	slices.Sort(lines) // some run side by side
	return strings.Join(lines, "\n")
}

// A step waits for what it needs and, where steps run in order, for those before. What did not
// run is told, too.
func TestSpans(t *testing.T) {
	for name, each := range map[string]struct {
		failed error
		want   string
	}{
		"done": {nil, "build c done\nbuild d done c\nbuild e done d\nbuild f absent e\nlint a done\nlint b reused"},
		"failed": {errors.New("no luck"),
			"build c done\nbuild d failed c\nbuild e not run d\nbuild f absent e\nlint a done\nlint b reused"},
	} {
		t.Run(name, func(t *testing.T) {
			g := sampleGraph(t, emptyApp(t), options{asked: plan.Asked{Tag: t.Name()}})
			target := staged(g, each.failed)
			if err := g.run(t.Context(), target); (err == nil) != (each.failed == nil) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(each.want, told(g.reporting().spansOf(target))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			page, err := os.ReadFile(g.app.Path(app.DistDir, reportFile))
			if err != nil || each.failed != nil && !strings.Contains(string(page), "no luck") {
				t.Errorf("the report does not say why it failed: %v", err)
			}
		})
	}
}

// A later process of the same run adds to the report what the earlier ones left, and one of
// another run does not.
func TestSpansOfAWorkflow(t *testing.T) {
	const both = "lint backend:lint done\nverify image:verify linux/amd64 done"
	dir := emptyApp(t)
	for _, each := range []struct {
		run, title, phase, want string
		state                   step.Status
	}{
		{"7", "backend:lint", "lint", "lint backend:lint done", ""},
		{"7", "image:verify linux/amd64", "verify", both, ""},
		{"7", "verify linux/amd64", "verify", both, step.Reused},
		{"7", "backend:lint", "lint", both, step.Reused},
		{"8", "backend:lint", "lint", "lint backend:lint reused", step.Reused},
	} {
		g := sampleGraph(t, dir, options{asked: plan.Asked{Tag: t.Name()}})
		g.runID = each.run
		var work step.Work = act(func(context.Context) error { time.Sleep(time.Millisecond); return nil })
		if each.state != "" {
			work = ready{each.state}
		}
		target := g.together("job "+each.title+each.run+string(each.state), g.step(each.phase, each.title, work))
		target.Needs[0].Scope += each.run + string(each.state) // another process
		if err := g.run(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(each.want, told(g.reporting().spansOf(target))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", each.title, diff)
		}
	}
}

// A run that does nothing anew leaves the report of the one that did the work. One that is
// interrupted or fails says so.
func TestReportIsLeftAlone(t *testing.T) {
	dir := emptyApp(t)
	run := func(work step.Work) (content string) {
		t.Helper()
		g := sampleGraph(t, dir, options{asked: plan.Asked{Tag: t.Name()}})
		s := g.step("lint", "a", work)
		s.Scope += fmt.Sprint(time.Now().UnixNano()) // another process
		group := g.together("lint", s)
		group.Scope = s.Scope
		if err := g.run(t.Context(), group); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(g.app.Path(app.DistDir, reportFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := run(act(func(context.Context) error { time.Sleep(2 * time.Millisecond); return nil }))
	if again := run(ready{step.Reused}); again != first {
		t.Error("a run that did nothing wrote another report")
	}
	if err := os.Remove(dir + "/dist/" + traceFile); err != nil {
		t.Fatal(err)
	}
	if again := run(ready{step.Reused}); !strings.Contains(again, `class="box reused`) {
		t.Error("no report was written where there was no trace")
	}
}

// What an earlier run did, and this one did not look at again, is told as it was done.
func TestSpansOfAnEarlierRun(t *testing.T) {
	dir := emptyApp(t)
	for _, known := range []bool{true, false} {
		g := sampleGraph(t, dir, options{asked: plan.Asked{Tag: t.Name() + fmt.Sprint(known)}})
		fine := act(func(context.Context) error { return nil })
		lint := g.together("lint", g.step("lint", "a", fine))
		lint.Already = func(context.Context) (step.State, error) {
			return step.State{Status: step.Done, Why: "done by an earlier run"}, nil
		}
		if known {
			earlier := sampleGraph(t, dir, options{})
			earlier.runID = "earlier"
			earlier.timing().keep(spent("lint", "a", time.Now().Add(-time.Hour), nil))
		} else if err := os.RemoveAll(dir + "/dist/timeline"); err != nil {
			t.Fatal(err)
		}
		target := g.inOrder("release", lint, g.together("test", g.step("test", "b", fine)))
		if err := g.run(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		spans := g.reporting().spansOf(target)
		if got := told(spans); got != "lint a done\ntest b done" {
			t.Errorf("%s", got)
		}
		if timed := spans[0].End.Sub(spans[0].Start) >= time.Hour; timed != known {
			t.Errorf("what an earlier run did took place: %v, expected %v", timed, known)
		}
	}
}

// A report that cannot be written is no reason to fail.
func TestReportThatCannotBeWritten(t *testing.T) {
	dir := emptyApp(t)
	if err := os.MkdirAll(dir+"/dist/"+reportFile, 0o755); err != nil {
		t.Fatal(err)
	}
	g := sampleGraph(t, dir, options{asked: plan.Asked{Tag: t.Name()}})
	var said strings.Builder
	g.screen.Log.SetOutput(&said)
	fine := act(func(context.Context) error { return nil })
	if err := g.run(t.Context(), g.together("lint", g.step("lint", "a", fine))); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "the report of this run was not written") {
		t.Errorf("nothing says so: %s", said.String())
	}
}

// On a laptop, report draws what several runs did.
func TestReportOfSeveralRuns(t *testing.T) {
	dir := sampleApp(t)
	for i, name := range []string{"backend:lint", "frontend:lint"} {
		earlier := sampleGraph(t, dir, options{})
		earlier.runID = fmt.Sprint(i)
		earlier.timing().keep(spent("lint", name, time.Now().Add(-time.Hour), nil))
	}
	g := sampleGraph(t, dir, options{drawn: drawnReport})
	var done []string
	for _, span := range g.reporting().spansOf(g.fromDist(t.Context()).inJobs()) {
		if span.Worked() {
			done = append(done, span.Name)
		}
	}
	if got := strings.Join(done, ", "); got != "backend:lint, frontend:lint" {
		t.Errorf("the report shows as done: %s", got)
	}
}

// The report of a workflow names what no job has done.
func TestReportOfJobs(t *testing.T) {
	g := sampleGraph(t, sampleApp(t), options{drawn: drawnReport})
	target := g.fromDist(t.Context()).inJobs()
	g.reporting().findWaits(target)
	g.timing().keep(report.Span{
		Phase: "lint", Name: "backend:lint", Start: time.Now(), End: time.Now().Add(time.Second), State: report.Failed,
		Why: "F401",
	})
	spans := g.reporting().spansOf(target)
	state, why := outcomeOf(spans)
	if state != report.Failed || why != "backend:lint: F401\n" {
		t.Errorf("%s, %q", state, why)
	}
	text := told(spans)
	for _, want := range []string{
		"lint backend:lint failed", "build image:build linux/arm64 not run backend:vendor",
		"promote make it public not run",
		"verify record that it is healthy not run verify linux/amd64,verify linux/arm64",
	} {
		if !slices.Contains(strings.Split(text, "\n"), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if state, _ := outcomeOf([]report.Span{{State: report.NotRun}, {State: report.Done}}); state != report.Interrupted {
		t.Errorf("a run that is not complete is %s", state)
	}
}

// Spans of an earlier odin-release, which knew no states, are of what was done.
func TestOldSpans(t *testing.T) {
	g := sampleGraph(t, emptyApp(t), options{})
	old, err := json.Marshal(map[string]any{"phase": "lint", "name": "a", "start": time.Now(), "end": time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.app.Save(timelineDir+"/lint-a.json", old); err != nil {
		t.Fatal(err)
	}
	if spans := g.timing().spans(); len(spans) != 1 || spans[0].State != report.Done {
		t.Errorf("%+v", spans)
	}
}
