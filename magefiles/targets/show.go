package targets

import (
	"cmp"
	"context"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// listing collects how far each step of a target is.
type listing struct {
	ctx  context.Context
	of   *graph
	seen map[*step.Step]bool
	rows [][]string

	trouble string // why a look failed last
}

// show lists the steps of a target of a graph with the state of each, and runs none.
func show(ctx context.Context, g *graph, target *step.Step) error {
	l := &listing{ctx: ctx, of: g, seen: map[*step.Step]bool{}}
	l.add(target)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	g.screen.Table("", []string{"phase", "step", "state", "why"}, l.rows)
	return nil
}

// add lists what a step needs, and then itself. Of a phase that is so already,
// nothing else is looked at.
func (l *listing) add(s *step.Step) {
	if l.seen[s] {
		return
	}
	l.seen[s] = true
	if s.Already != nil {
		state, err := s.Already(l.ctx)
		if err == nil && state.Is() {
			l.row(s.Phase, s.Title, state, nil)
			return
		}
	}
	for _, need := range s.Needs {
		l.add(need)
	}
	if s.Work == nil {
		return
	}
	if composed, ok := s.Work.(step.Composed); ok {
		l.parts(s, composed)
		return
	}
	state, err := s.Work.Done(l.ctx)
	if found := l.of.tables().advisory(s); found > 0 && state.Is() {
		state.Why = report.AdvisoryCount(found) + ", " + state.Why
	}
	l.row(s.Phase, s.Title, state, err)
}

func (l *listing) parts(s *step.Step, work step.Composed) {
	parts, err := work.Parts(l.ctx)
	if err != nil {
		l.row(s.Phase, s.Title, step.State{}, err)
		return
	}
	for _, part := range parts {
		state, err := part.Done(l.ctx)
		l.row(s.Phase, part.Title(), state, err)
	}
}

func (l *listing) row(phase, title string, state step.State, err error) {
	status, why := string(cmp.Or(state.Status, step.ToDo)), state.Why
	if err != nil {
		status = "unknown"
		if why, _, _ = strings.Cut(err.Error(), "\n"); why == l.trouble {
			why = "likewise"
		} else {
			l.trouble = why
		}
	}
	l.rows = append(l.rows, []string{phase, title, status, why})
}

// Graph shows the steps of a release and what each needs.
//
// It runs nothing.
//
// Example: graph -target=releaseCheck -format=mermaid
func Graph(
	ctx context.Context,
	target *string, // show the steps of `TARGET` instead of release
	format *string, // show them as `FORMAT`: text (the default), mermaid or json
) error {
	return perform(
		ctx,
		options{lenient: true, drawn: cmp.Or(text(format), "text")},
		func(g *graph) (*step.Step, error) {
			return g.catalog().named(ctx, cmp.Or(text(target), "release"))
		},
	)
}
