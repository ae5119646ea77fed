package targets

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// reporting leaves the report of a run in dist.
type reporting struct{ *graph }

func (g *graph) reporting() reporting { return reporting{g} }

// Files of dist that describe a run.
const (
	reportFile = "report.html"
	traceFile  = "trace.json"
)

// drawnReport is the format of a graph that is drawn as a report.
const drawnReport = "report"

// leave leaves the report of a run that has ended. That it can't is no reason to fail.
func (g reporting) leave(ctx context.Context, target *step.Step, failed error) {
	if g.app.Foreign {
		return
	}
	decided, notes := g.planOf(target)
	key := g.key(target, decided)
	if failed == nil && g.current(key) {
		g.tellReport(target, failed)
		return
	}
	about := page.Report{Key: key, Target: target.Title, Steps: g.spansOf(target)}
	if g.reportFiles().leave(ctx, about, decided, notes, failed) {
		g.tellReport(target, failed)
	}
}

// tellReport says where the report is, between the last table and an error. In GitHub Actions a
// later job says it.
func (g reporting) tellReport(target *step.Step, failed error) {
	if inActions() {
		return
	}
	if target.InOrder {
		fmt.Fprintln(g.screen.Out) // other tables have an empty line behind them
	}
	g.screen.Log.Infof("report: %s", nearby(g.app.Path(app.DistDir, reportFile)))
	if failed != nil {
		fmt.Fprintln(g.screen.Out)
	}
}

// nearby returns a file as a person finds it: from the current folder if it is below that. The root of
// the app is another folder in a rehearsal.
func nearby(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	below, err := filepath.Rel(here, file)
	if err != nil || !filepath.IsLocal(below) {
		return file
	}
	return filepath.ToSlash(below)
}

// reportFiles writes the files of dist that describe a run.
type reportFiles struct {
	app      *app.App
	cache    cache.Dir
	redactor *run.Redactor
	log      *logrus.Logger
}

func (s *session) reportFiles() reportFiles {
	return reportFiles{app: s.app, cache: s.cache, redactor: s.redactor, log: s.screen.Log}
}

// leave writes the report of a run that has ended with an error, nil for none. It reports whether it
// was written.
func (f reportFiles) leave(
	ctx context.Context, about page.Report, decided *plan.Plan, notes string, failed error,
) bool {
	about.State, about.Run = report.Done, runAddress()
	switch {
	case failed != nil && ctx.Err() != nil:
		about.State = report.Interrupted
	case failed != nil:
		about.State = report.Failed
	}
	if failed != nil {
		about.Error = f.redactor.Text(failed.Error())
	}
	err := f.write(about, decided, notes)
	if err != nil {
		f.log.Warnf("the report of this run was not written: %v", err)
	}
	return err == nil
}

// planOf returns the plan of a target with its notes: the one that it was made for, else the one in
// dist; nil when there is none.
func (g reporting) planOf(target *step.Step) (*plan.Plan, string) {
	plans := false
	step.Walk(target, func(s *step.Step) { plans = plans || s.Title == titlePlan || g.locals[s.Title] != nil })
	if plans {
		noted, err := g.planned()
		if err != nil || noted.Plan.Tag == "" {
			return nil, ""
		}
		return &noted.Plan, noted.Notes
	}
	return savedRelease(g.app)
}

// savedRelease returns the plan in dist with its notes; nil when there is none.
func savedRelease(of *app.App) (*plan.Plan, string) {
	decided, err := savedPlan(of)
	if err != nil {
		return nil, ""
	}
	notes, err := os.ReadFile(of.Path(app.DistDir, "notes.md"))
	if err != nil {
		return &decided, ""
	}
	return &decided, string(notes)
}

// write writes the page and the trace. The plan is nil if there is none.
func (f reportFiles) write(about page.Report, decided *plan.Plan, notes string) error {
	shown := overview.Source{App: f.app, Cache: f.cache, Plan: decided, Notes: notes}.Complete(about).
		Redacted(f.redactor.Text)
	for file, render := range map[string]func(*bytes.Buffer) error{
		reportFile: func(out *bytes.Buffer) error { return page.Write(out, shown) },
		traceFile:  func(out *bytes.Buffer) error { return page.WriteTrace(out, shown) },
	} {
		var out bytes.Buffer
		if err := render(&out); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := f.app.Save(file, []byte(f.redactor.Text(out.String()))); err != nil {
			return err
		}
	}
	return nil
}

// key identifies the results that the report of a run shows: it is the same for a later run that
// does nothing anew.
func (g reporting) key(target *step.Step, decided *plan.Plan) string {
	parts := []string{target.Title}
	for _, outcome := range g.steps.Outcomes() {
		parts = append(parts, outcome.Step.Phase+" "+outcome.Step.Title)
		if local := g.locals[outcome.Step.Title]; local != nil {
			if result, ok := local.Result(context.Background()); ok {
				parts = append(parts, result.Key, result.Digest())
			}
		}
	}
	return keyOf(decided, parts)
}

// current reports whether this run did nothing anew but plan, and the report that is there shows
// the same results. It also shows how long the work took, which a new one would not.
func (g reporting) current(key string) bool {
	for _, outcome := range g.steps.Outcomes() {
		if outcome.Worked && outcome.Step.Phase != "plan" {
			return false
		}
	}
	if _, err := os.Stat(g.app.Path(app.DistDir, traceFile)); err != nil {
		return false
	}
	return page.HasKey(g.app.Path(app.DistDir, reportFile), key)
}

// runAddress returns the web address of the run of a workflow, "" elsewhere
// (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
func runAddress() string {
	server, repository, id := os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY"), os.Getenv("GITHUB_RUN_ID")
	if !inActions() || server == "" || repository == "" || id == "" {
		return ""
	}
	return server + "/" + repository + "/actions/runs/" + id
}

// Report draws a release from what dist holds.
//
// Every target that runs steps leaves a report of them when it ends. This one draws what all of them did for the
// release that was planned last, such as the jobs of a workflow in GitHub Actions.
//
// Leaves in dist: report.html, trace.json
//
// Example: report
func Report(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		g := newGraph(ctx, p, options{drawn: drawnReport})
		target := g.fromDist(ctx).inJobs()
		g.reporting().findWaits(target)
		about := page.Report{Target: "release", Run: runAddress(), Steps: g.reporting().spansOf(target)}
		about.State, about.Error = outcomeOf(about.Steps)
		decided, notes := savedRelease(p.app)
		return p.reportFiles().write(about, decided, notes)
	})
}

// inJobs returns a whole release as the jobs of a workflow do it.
func (p publication) inJobs() *step.Step {
	var platforms []*step.Step
	if config := p.app.Config.Build.Image; config.Absent == "" {
		for _, platform := range config.Platforms {
			platforms = append(platforms, p.building().images().parts(platform)...)
		}
	}
	return p.inOrder("release", p.catalog().planning(p.preflight()), p.catalog().lint(), p.catalog().test(),
		p.inOrder("build", p.together("parts of the image", platforms...),
			p.together("build", p.building().finish(p.building().images().assembled()...))),
		p.publish(), verification{p}.verify(), p.promote(), p.notify(publish.NoOverride))
}

// outcomeOf returns how a run ended by its steps, and why it failed.
func outcomeOf(steps []report.Span) (state, why string) {
	state = report.Done
	for _, span := range steps {
		switch span.State {
		case report.Failed:
			why += span.Name + ": " + span.Why + "\n"
			state = report.Failed
		case report.Interrupted, report.NotRun:
			if state == report.Done {
				state = report.Interrupted
			}
		}
	}
	return state, why
}
