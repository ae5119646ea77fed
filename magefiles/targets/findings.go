package targets

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// check returns a check of the app.
func (g checking) check(check app.Step) *step.Step {
	if check.Absent != "" {
		return g.absent("lint", check.Name, check.Absent)
	}
	update := g.options.update && check.Baseline != ""
	return g.localStep(localStep{
		phase: "lint", title: check.Name, view: work.StepView(g.app.Config, check),
		always:  check.Reuse == "never" || update,
		outputs: []string{checks.FindingsFile(check)},
		inputs: func(_ context.Context, _ *work.Release, inputs step.Inputs) error {
			g.configured(inputs, check)
			return nil
		},
		make: func(ctx context.Context, place work.Place, _ *work.Release) (any, error) {
			checked, err := checks.Lint(ctx, place, check, update)
			showFindings(place.Run.Out, check.Name, checked.Findings)
			g.screen.Annotate(ctx, check.Name, checked.Findings)
			g.mu.Lock()
			defer g.mu.Unlock()
			g.checked[check.Name] = checked
			return checked, err
		},
	})
}

// updatable returns an error if none of the checks has a baseline to update.
func updatable(list []app.Step) error {
	var names []string
	for _, check := range list {
		if check.Absent == "" && check.Baseline != "" {
			return nil
		}
		names = append(names, check.Name)
	}
	return fmt.Errorf("-update: no baseline is set for %s; name a file as its baseline in %s",
		strings.Join(names, ", "), app.ConfigFile)
}

// showFindings shows what a check found, each on a line.
func showFindings(out io.Writer, title string, findings []report.Finding) {
	for _, finding := range findings {
		fmt.Fprintf(out, "%s │ %s\n", title, finding)
	}
}

// showFindings shows again what a check found whose result is reused, if all output is shown.
func (o *observer) showFindings(s *step.Step) {
	if s.Phase != "lint" || !o.display.Full() {
		return
	}
	if checked, known := o.graph.tables().checked(s.Title); known {
		showFindings(o.screen.Out, s.Title, checked.Findings)
	}
}

// checked returns what came of a check, in this run or when its result was stored.
func (g tables) checked(title string) (checked checks.Checked, known bool) {
	g.mu.Lock()
	checked, known = g.found.checked[title]
	g.mu.Unlock()
	if known {
		return checked, true
	}
	return checked, g.value(title, &checked)
}

// advisory counts what the advisory checks among a step and all that it needs have found.
func (g tables) advisory(of *step.Step) int {
	found := 0
	step.Walk(of, func(s *step.Step) {
		if s.Phase != "lint" || s.Work == nil {
			return
		}
		if checked, known := g.checked(s.Title); known {
			found += report.Tolerated(checked.Findings, report.Advisory)
		}
	})
	return found
}

// lintTable shows what each check found, and then what should be known of them besides.
func (o *observer) lintTable(group *step.Step) {
	rows := make([][]string, 0, len(group.Needs))
	var notes []string
	for _, s := range group.Needs {
		result, took := o.status(s)
		row := []string{s.Title, result, "", "", took}
		if checked, known := o.graph.tables().checked(s.Title); known {
			errs := report.OfSeverity(checked.Findings, report.Error)
			row[2], row[3] = fmt.Sprint(errs), fmt.Sprint(len(checked.Findings)-errs)
			if strings.HasPrefix(result, "ok") {
				row[1] = checked.Result(result)
			}
			notes = append(notes, o.notes(s.Title, checked)...)
		}
		rows = append(rows, row)
	}
	o.screen.Table("", []string{"check", "result", ">errors", ">warnings", ">time"}, rows)
	fmt.Fprintln(o.screen.Out)
	o.showNotes(notes)
}

// notes returns those of a check, each with its name.
func (o *observer) notes(title string, checked checks.Checked) []string {
	check, err := o.app.Check(title)
	if err != nil {
		return nil
	}
	notes := checked.Notes(check)
	for i, note := range notes {
		notes[i] = title + ": " + note
	}
	return notes
}

func (o *observer) showNotes(notes []string) {
	for _, note := range notes {
		o.screen.Log.Info(note)
	}
	o.screen.Summary(func(out io.Writer) {
		for _, note := range notes {
			fmt.Fprintf(out, "- %s\n", changelog.Escape(note))
		}
		if len(notes) > 0 {
			fmt.Fprintln(out)
		}
	})
}
