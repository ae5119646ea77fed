package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// tables show what came of the steps of a graph.
type tables struct{ *graph }

func (g *graph) tables() tables { return tables{g} }

// observer shows what becomes of the steps of a graph.
type observer struct {
	*session
	graph *graph
	works map[*step.Step]*activity
}

// Started shows that a step does its work, and why it has to.
func (o *observer) Started(ctx context.Context, s *step.Step, why step.State) context.Context {
	if s.Work == nil {
		if o.folded(s) {
			report.Group(o.screen.Out, s.Title)
		}
		return ctx
	}
	started := o.begin(s)
	o.works[s] = started
	switch {
	case o.display.Live(): // which shows that it runs
	case why.Why == "":
		o.screen.Log.Infof("%s: started", s.Title)
	default:
		o.screen.Log.Infof("%s: started (%s)", s.Title, why.Why)
	}
	return run.WithOutput(ctx, started)
}

// Ended shows how a step ended: a group by a table of its parts.
func (o *observer) Ended(outcome step.Outcome) {
	s := outcome.Step
	// How long a phase took is for the step summary of GitHub Actions.
	if outcome.Worked ||
		o.screen.Actions && isPhase(s) && outcome.State.Why == "" && outcome.Start.Before(outcome.End) {
		o.timing().keep(o.graph.reporting().span(outcome))
	}
	if s.Work != nil {
		o.display.Settle(s.Title)
		if started := o.works[s]; started != nil {
			started.ended(outcome)
		}
		o.showStep(outcome)
		return
	}
	if o.folded(s) && outcome.State.Why == "" {
		report.EndGroup(o.screen.Out)
	}
	switch {
	case outcome.State.Why != "": // it was so already, before any of its parts was looked at
	case s.Title == "lint":
		o.lintTable(s)
	case s.Title == "test" || s.Title == titleOnImage:
		o.testTable(s)
	}
}

// folded reports whether GitHub Actions folds what a group prints: a phase.
func (o *observer) folded(s *step.Step) bool {
	return o.screen.Actions && s.Title != "plan" && (s.Title == titleOnImage || slices.Contains(phases, s.Title))
}

func (o *observer) showStep(outcome step.Outcome) {
	s := outcome.Step
	took := report.Seconds(outcome.End.Sub(outcome.Start))
	switch outcome.State.Status {
	case step.Reused:
		o.ended(s, outcome.State.Why)
		o.showFindings(s)
	case step.Absent:
		o.ended(s, "absent: "+outcome.State.Why)
	case step.Done:
		if outcome.Worked {
			o.ended(s, "done in "+took)
		} else if outcome.State.Why != "" {
			o.ended(s, outcome.State.Why)
		}
	case step.Failed:
		o.screen.Log.Errorf("%s: FAILED after %s", s.Title, took)
	}
}

// ended shows how a step ended that did not fail: as a warning if it has findings that
// should not be overlooked.
func (o *observer) ended(s *step.Step, how string) {
	if found := o.graph.tables().advisory(s); found > 0 {
		o.screen.Log.Warnf("%s: %s, %s", s.Title, report.AdvisoryCount(found), how)
		return
	}
	o.screen.Log.Infof("%s: %s", s.Title, how)
}

// value reads what a local step says of its result; false when it has none.
func (g tables) value(title string, into any) bool {
	local := g.locals[title]
	if local == nil {
		return false
	}
	result, ok := local.Result(context.Background())
	return ok && json.Unmarshal(result.Value, into) == nil
}

// status returns how a step of a table ended, and how long it took.
func (o *observer) status(s *step.Step) (result, took string) {
	outcome, ran := o.graph.steps.Of(s)
	if !ran {
		return "ok, done above", ""
	}
	took = report.Seconds(outcome.End.Sub(outcome.Start))
	switch outcome.State.Status {
	case step.Absent:
		return "absent: " + outcome.State.Why, ""
	case step.Reused:
		return "ok, reused", took
	case step.Done:
		return "ok", took
	}
	return string(outcome.State.Status), took
}

func (o *observer) testTable(group *step.Step) {
	rows := make([][]string, 0, len(group.Needs))
	for _, s := range group.Needs {
		result, took := o.status(s)
		row := []string{s.Title, result, "", "", "", took}
		if results, known := o.graph.results[s.Title]; known || o.graph.tables().value(s.Title, &results) {
			copy(row[2:], counts(results.Results))
		}
		rows = append(rows, row)
	}
	o.screen.Table("", []string{"suite", "result", ">passed", ">failed", ">skipped", ">time"}, rows)
	fmt.Fprintln(o.screen.Out)
}

// phaseTable shows how each phase of a target ended, and draws in the step
// summary when each part took place.
func (g tables) phaseTable(target *step.Step) {
	rows := make([][]string, 0, len(target.Needs))
	for _, phase := range target.Needs {
		outcome, ran := g.steps.Of(phase)
		if !ran {
			rows = append(rows, []string{phase.Title, string(step.NotRun), ""})
			continue
		}
		result := string(outcome.State.Status)
		switch {
		case outcome.State.Is() && outcome.State.Why != "":
			result = outcome.State.Why
		case outcome.State.Is():
			result = g.summed(phase)
		}
		rows = append(rows, []string{phase.Title, result, report.Seconds(outcome.End.Sub(outcome.Start))})
	}
	g.screen.Table("", []string{"phase", "result", ">time"}, rows)
	g.timing().timeline()
}

// summed says in a word how a phase that went well came to be so.
func (g tables) summed(phase *step.Step) string {
	reused, worked := 0, 0
	step.Walk(phase, func(s *step.Step) {
		if outcome, ran := g.steps.Of(s); ran && s.Work != nil {
			switch {
			case outcome.State.Status == step.Reused:
				reused++
			case outcome.Worked:
				worked++
			}
		}
	})
	found := g.advisory(phase)
	switch {
	case found > 0:
		return report.AdvisoryCount(found)
	case reused > 0 && worked == 0:
		return "ok, reused"
	case reused > 0:
		return fmt.Sprintf("ok, %d of %d steps reused", reused, reused+worked)
	}
	return "ok"
}

// built returns what the build step says of the files of dist.
func (g tables) built() (files []artifact.File, images []image.Summary) {
	g.value(titleFinish, &files)
	for _, each := range app.Images(g.app.Config) {
		var summary image.Summary
		if !g.value(build.StepOf(each.Key), &summary) {
			g.value(assemblyOf(each.Key), &summary)
		}
		images = append(images, summary)
	}
	return files, images
}

// artifactTable shows what was built.
func (g tables) artifactTable(decided plan.Plan) {
	files, images := g.built()
	rows := make([][]string, 0, len(files))
	for _, file := range files {
		rows = append(rows, []string{file.Name, report.Size(file.Size), "sha256:" + file.SHA256})
	}
	for i, built := range images {
		if built.Digest != "" {
			rows = append(rows, []string{build.LayoutOf(app.Images(g.app.Config)[i].Key), "", built.Digest})
		}
		for _, platform := range built.Platforms {
			rows = append(rows, []string{"  " + platform.Name, report.Size(platform.Size), platform.Digest})
		}
	}
	g.screen.Table(fmt.Sprintf("%s (%s), in %s", decided.Tag, decided.Commit[:12], g.app.Path(app.DistDir)),
		[]string{"artifact", ">size", "digest"}, rows)
	g.screen.Output("version", decided.Version)
	if len(images) > 0 && images[0].Digest != "" {
		g.screen.Output("image", g.app.Config.Build.Image.Name)
		g.screen.Output("digest", images[0].Digest)
	}
}
