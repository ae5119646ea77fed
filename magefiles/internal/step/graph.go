package step

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
)

// Observer is notified when a step begins its work, when a group begins, and when either ends. Calls come one at a
// time. Started returns the context for the step's work.
type Observer interface {
	Started(ctx context.Context, s *Step, why State) context.Context
	Ended(o Outcome)
}

// Graph holds the steps of one target, and their outcomes.
type Graph struct {
	Observer Observer // may be nil

	slots    chan struct{}
	telling  sync.Mutex // guards calls of the observer, which may ask for outcomes
	mu       sync.Mutex
	outcomes []Outcome
}

// Limit returns how many steps work at once: one more than there are processors, since each also waits for servers,
// disks and other programs.
func Limit() int { return runtime.NumCPU() + 1 }

// NewGraph returns a graph whose steps run concurrently, up to Limit.
func NewGraph(observer Observer) *Graph {
	return &Graph{Observer: observer, slots: make(chan struct{}, Limit())}
}

// Bound limits how many of the graph's steps work at once. It must be called before any of them runs.
func (g *Graph) Bound(jobs int) { g.slots = make(chan struct{}, jobs) }

// Add adds a step to the graph, or a group of steps, which has no work of its own.
func (g *Graph) Add(s Step) *Step {
	s.graph = g
	return &s
}

// Ensure runs a step with all that it needs. Its error joins the errors of the steps that failed, in the order in
// which they ended.
func (g *Graph) Ensure(ctx context.Context, s *Step) error {
	if err := Acyclic(s); err != nil {
		return err
	}
	failed := s.runOnce(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if failed == nil {
		return nil
	}
	var problems []error
	known := map[string]bool{}
	for _, outcome := range g.Outcomes() {
		// Two steps can fail with the same error, if both need the same thing: report it once.
		if outcome.State.Status == Failed && outcome.Err != nil && !known[outcome.Err.Error()] {
			known[outcome.Err.Error()] = true
			problems = append(problems, outcome.Err)
		}
	}
	if len(problems) == 0 {
		return failed // it failed for another target of this command
	}
	return errors.Join(problems...)
}

// runOnce runs the step through Mage, which runs it once per process.
func (s *Step) runOnce(ctx context.Context) error {
	return (&Step{Title: s.Title, Needs: []*Step{s}, graph: s.graph}).runNeeds(ctx)
}

// Outcomes returns the outcomes of all steps that have ended, in that order.
func (g *Graph) Outcomes() []Outcome {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.outcomes)
}

// Of returns the outcome of a step; false means that it has not ended, or ran for another target of the same
// command.
func (g *Graph) Of(s *Step) (Outcome, bool) {
	for _, outcome := range g.Outcomes() {
		if outcome.Step == s {
			return outcome, true
		}
	}
	return Outcome{}, false
}

func (g *Graph) acquire(ctx context.Context) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (g *Graph) start(ctx context.Context, s *Step, why State) context.Context {
	g.telling.Lock()
	defer g.telling.Unlock()
	if g.Observer == nil {
		return ctx
	}
	return g.Observer.Started(ctx, s, why)
}

func (g *Graph) end(o Outcome) {
	g.mu.Lock()
	g.outcomes = append(g.outcomes, o)
	g.mu.Unlock()
	g.telling.Lock()
	defer g.telling.Unlock()
	if g.Observer != nil {
		g.Observer.Ended(o)
	}
}
