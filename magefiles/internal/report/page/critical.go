package page

import (
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// Critical returns the critical path of steps: the longest chain, by duration, in which each step had to wait for
// the one before it. A step waits for what it needs, and for steps of earlier phases that had ended when it began:
// phases run in order, but some jobs of a workflow run concurrently. Spans of whole phases are not part of the
// path. Steps must be in the order of their phases.
func Critical(steps []report.Span) (path []int, took time.Duration) {
	p := paths{steps: steps, best: map[int]link{}, named: map[string]int{}}
	p.phases = phasesOf(steps)
	for i, step := range steps {
		if !step.Group {
			p.named[step.Name] = i
		}
	}
	last := -1
	for i := range steps {
		if !timed(steps[i]) {
			continue
		}
		if length := p.longest(i).length; last < 0 || length > took {
			last, took = i, length
		}
	}
	for at := last; at >= 0; at = p.best[at].before {
		path = append([]int{at}, path...)
	}
	return path, took
}

// timed reports whether a span is a step that took time.
func timed(step report.Span) bool { return !step.Group && step.End.After(step.Start) }

// paths finds the longest path to each step.
type paths struct {
	steps  []report.Span
	phases []phase
	named  map[string]int
	best   map[int]link
}

// link is the longest path to a step: its length, and the step before on it.
type link struct {
	length time.Duration
	before int // -1 means none
	known  bool
}

func (p paths) longest(at int) link {
	if found, visited := p.best[at]; visited {
		return found // its length is 0 while it is being computed, which breaks cycles
	}
	p.best[at] = link{before: -1}
	best := link{before: -1, known: true}
	for _, before := range p.before(at) {
		if through := p.longest(before); through.known && through.length > best.length {
			best.length, best.before = through.length, before
		}
	}
	best.length += p.steps[at].End.Sub(p.steps[at].Start)
	p.best[at] = best
	return best
}

// before returns the steps that a step had to wait for.
func (p paths) before(at int) []int {
	var list []int
	for _, need := range p.steps[at].Needs {
		if i, known := p.named[need]; known && timed(p.steps[i]) {
			list = append(list, i)
		}
	}
	own := phaseAt(p.phases, p.steps[at].Phase)
	for _, earlier := range p.phases[:own] {
		for _, i := range earlier.steps {
			if !p.steps[i].End.After(p.phases[own].start) {
				list = append(list, i)
			}
		}
	}
	return list
}

// phase holds the steps of a phase that took time.
type phase struct {
	name       string
	steps      []int
	start, end time.Time
}

// phasesOf groups the steps that took time by their phases, in the order of these.
func phasesOf(steps []report.Span) []phase {
	var phases []phase
	for i, step := range steps {
		if len(phases) == 0 || phases[len(phases)-1].name != step.Phase {
			phases = append(phases, phase{name: step.Phase})
		}
		if !timed(step) {
			continue
		}
		last := &phases[len(phases)-1]
		last.steps = append(last.steps, i)
		if last.start.IsZero() || step.Start.Before(last.start) {
			last.start = step.Start
		}
		if step.End.After(last.end) {
			last.end = step.End
		}
	}
	return phases
}

func phaseAt(phases []phase, name string) int {
	for i, each := range phases {
		if each.name == name {
			return i
		}
	}
	return 0
}
