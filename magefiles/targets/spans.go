package targets

import (
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// states are those of steps, as spans have them.
var states = map[step.Status]string{
	step.Done: report.Done, step.Reused: report.Reused, step.Absent: report.Absent, step.Failed: report.Failed,
	step.Interrupted: report.Interrupted,
}

// isPhase reports whether a group of steps is a phase of a release.
func isPhase(s *step.Step) bool {
	return s.Work == nil && len(s.Needs) > 0 && s.Title == s.Phase && slices.Contains(phases, s.Title)
}

// span returns how a step of the graph ended.
func (g reporting) span(outcome step.Outcome) report.Span {
	s := outcome.Step
	span := report.Span{
		Phase: s.Phase, Name: s.Title, Start: outcome.Start, End: outcome.End, State: report.NotRun,
		Why: outcome.State.Why, Needs: g.waits[s], Group: s.Work == nil, Run: g.runID,
	}
	if outcome.State.Is() { // nobody looks for what did not run
		span.Advisory = g.tables().advisory(s)
	}
	if state, known := states[outcome.State.Status]; known {
		span.State = state
	}
	if outcome.Err != nil {
		span.Why = g.redactor.Text(outcome.Err.Error())
	}
	return span
}

// spansOf returns the steps of a target, and what other processes of the same run, such as the jobs
// of a workflow, left in dist of theirs. What is new among them is left in dist, too.
func (g reporting) spansOf(target *step.Step) []report.Span {
	left, earlier := g.leftInDist()
	outcomes := map[*step.Step]step.Outcome{}
	for _, outcome := range g.steps.Outcomes() {
		outcomes[outcome.Step] = outcome
	}
	already := alreadyDone(target, outcomes)
	step.Walk(target, func(s *step.Step) {
		if s.Work == nil {
			return
		}
		outcome, ran := outcomes[s]
		if !ran {
			outcome = unrun(s, already[s])
		}
		span := g.span(outcome)
		before, known := left[spanFile(span)]
		done, since := earlier[spanFile(span)]
		switch {
		case known && (!ran || !span.Worked() && before.Worked()):
			return
		case !ran && already[s] != "" && since:
			span = done
		case ran && span.State != report.NotRun && !span.Worked():
			g.timing().keep(span)
		}
		left[spanFile(span)] = span
	})
	spans := withoutLooks(slices.Collect(maps.Values(left)))
	sortSpans(spans)
	return spans
}

// leftInDist returns the spans of steps in dist, by their files: those of this run, and what earlier
// ones did for the same release. On a laptop, what report draws was done by several runs.
func (g reporting) leftInDist() (left, earlier map[string]report.Span) {
	left, earlier = map[string]report.Span{}, map[string]report.Span{}
	every := g.options.drawn == drawnReport && !inActions()
	for _, span := range g.timing().spans() {
		switch {
		case span.Group:
		case span.Run == g.runID || every:
			left[spanFile(span)] = span
		case span.State == report.Done:
			earlier[spanFile(span)] = span
		}
	}
	return left, earlier
}

// alreadyDone returns the steps of groups that were so before any of their steps was looked at, and
// how that is known.
func alreadyDone(target *step.Step, outcomes map[*step.Step]step.Outcome) map[*step.Step]string {
	done := map[*step.Step]string{}
	step.Walk(target, func(group *step.Step) {
		outcome, ended := outcomes[group]
		if group.Work != nil || !ended || outcome.State.Why == "" || !outcome.State.Is() {
			return
		}
		step.Walk(group, func(s *step.Step) { done[s] = outcome.State.Why })
	})
	return done
}

// unrun returns the outcome of a step that did not run: it was done already, as why says, or the app
// does not have it at all.
func unrun(s *step.Step, why string) step.Outcome {
	outcome := step.Outcome{Step: s, State: step.State{Status: step.NotRun}}
	if absent, is := s.Work.(step.AbsentWork); is {
		outcome.State = step.State{Status: step.Absent, Why: string(absent)}
	} else if why != "" {
		outcome.State = step.State{Status: step.Done, Why: why}
	}
	return outcome
}

// withoutLooks leaves out the steps that only saw that a platform was verified by a job of its own.
func withoutLooks(spans []report.Span) []report.Span {
	alone := map[string]bool{}
	for _, span := range spans {
		if platform, is := strings.CutPrefix(span.Name, titleVerifyAlone); is {
			alone[titleVerify+platform] = true
		}
	}
	spans = slices.DeleteFunc(spans, func(span report.Span) bool { return alone[span.Name] })
	for i := range spans {
		spans[i].Needs = slices.Clone(spans[i].Needs)
		for j, need := range spans[i].Needs {
			if alone[need] {
				spans[i].Needs[j] = titleVerifyAlone + strings.TrimPrefix(need, titleVerify)
			}
		}
	}
	return spans
}

// findWaits finds what each step of a target waits for: what it needs and, in a group whose
// steps run in order, the steps before. What a group of steps stands for are its steps.
func (g reporting) findWaits(target *step.Step) {
	g.waits = map[*step.Step][]string{}
	var visit func(s *step.Step, before []string)
	visit = func(s *step.Step, before []string) {
		if s.Work != nil {
			if _, seen := g.waits[s]; seen {
				return
			}
			needs := slices.Clone(before)
			for _, need := range s.Needs {
				needs = append(needs, lastOf(need)...)
				visit(need, nil)
			}
			slices.Sort(needs)
			g.waits[s] = slices.Compact(needs)
			return
		}
		inner := before
		for _, need := range s.Needs {
			visit(need, inner)
			if last := lastOf(need); s.InOrder && len(last) > 0 && !isPhase(need) {
				inner = last
			}
		}
	}
	visit(target, nil)
}

// lastOf returns the titles of the steps of which one ends last: the step itself, or those of a group.
func lastOf(s *step.Step) []string {
	if s.Work != nil {
		return []string{s.Title}
	}
	var titles []string
	for i, need := range s.Needs {
		if !s.InOrder || i == len(s.Needs)-1 {
			titles = append(titles, lastOf(need)...)
		}
	}
	return titles
}
