// Package step is the engine of the pipeline. A release is a graph of steps. A
// step looks whether it is so already, does its work if not, and looks again.
// Steps are mg.Fn: targets depend on steps, and steps on each other, with
// mg.CtxDeps and mg.SerialCtxDeps, so that each runs once per process.
package step

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/magefile/mage/mg"
)

// Status is how far a step is.
type Status string

// What a step can be.
const (
	ToDo        Status = "to do"       // it is not so yet
	Done        Status = "done"        // it was so already, or was made so
	Reused      Status = "reused"      // a stored result holds
	Absent      Status = "absent"      // the app has no such part
	Failed      Status = "FAILED"      // its own work failed
	NotRun      Status = "not run"     // something that it needs failed
	Interrupted Status = "interrupted" // it was stopped
)

// State is what a look at a step found, and how that is known.
type State struct {
	Status Status
	Why    string // such as: unchanged for 3 minutes (5.2 s), or: the registry has it
}

// Is reports whether nothing is left to do.
func (s State) Is() bool { return s.Status == Done || s.Status == Reused || s.Status == Absent }

// Work is what a step does. Done looks, and changes nothing; Do makes it so.
type Work interface {
	Done(ctx context.Context) (State, error)
	Do(ctx context.Context) error
}

// Step is one thing that must be so before a release is out.
type Step struct {
	Title   string  // what people read, such as backend:unit or "move latest"
	Phase   string  // the phase of the release that it is part of
	Scope   string  // what tells it from a step of the same title in one process, such as the app and its tree
	Needs   []*Step // what must be so before
	InOrder bool    // whether what it needs runs one after the other; else side by side
	Work    Work    // nil for a group, which is so when all that it needs is

	// Already tells, before anything that it needs is looked at, that it is so; nil
	// where that cannot be known.
	Already func(context.Context) (State, error)

	graph *Graph
}

// Name is the step's title, for mg.Fn.
func (s *Step) Name() string { return s.Title }

// ID tells the step from others of its name, for mg.Fn.
func (s *Step) ID() string { return s.Scope }

// Run makes the step so, after all that it needs, for mg.Fn. Its error is
// also kept in the graph, since Mage joins errors as text.
func (s *Step) Run(ctx context.Context) (err error) {
	start := time.Now()
	defer func() {
		// Mage would take the step as done for the next one that needs it.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s: panic: %v\n%s", s.Title, cause, debug.Stack())
			s.graph.end(Outcome{Step: s, State: State{Status: Failed}, Start: start, End: time.Now(), Err: err})
		}
	}()
	if state, err := s.already(ctx); err != nil || state.Is() {
		s.graph.end(Outcome{Step: s, State: state, Start: start, End: time.Now(), Err: err})
		return err
	}
	if s.Work == nil {
		s.graph.start(ctx, s, State{})
	}
	err = s.runNeeds(ctx)
	switch {
	case s.Work == nil:
		s.graph.end(s.grouped(ctx, start, err))
		return err
	case err != nil:
		s.graph.end(Outcome{Step: s, State: State{Status: NotRun}})
		return err
	}
	release, err := s.graph.acquire(ctx)
	if err != nil {
		s.graph.end(Outcome{Step: s, State: State{Status: Interrupted}, Err: err})
		return err
	}
	defer release()
	outcome := s.ensure(ctx)
	s.graph.end(outcome)
	return outcome.Err
}

// already is what is known before anything is looked at.
func (s *Step) already(ctx context.Context) (State, error) {
	if s.Already == nil {
		return State{}, nil
	}
	state, err := s.Already(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		state.Status = Interrupted
	case err != nil:
		state.Status = Failed
	}
	return state, err
}

// grouped is the outcome of a group, which is that of what it needs.
func (s *Step) grouped(ctx context.Context, start time.Time, err error) Outcome {
	outcome := Outcome{Step: s, State: State{Status: Done}, Start: start, End: time.Now()}
	switch {
	case err != nil && ctx.Err() != nil:
		outcome.State.Status = Interrupted
	case err != nil:
		outcome.State.Status = Failed
	}
	return outcome
}

// errNeeded says that something a step needs failed. Which it was, the graph knows.
var errNeeded = errors.New("a step that it needs failed")

// runNeeds runs what the step needs. Mage panics where one of them fails.
func (s *Step) runNeeds(ctx context.Context) (err error) {
	if len(s.Needs) == 0 {
		return nil
	}
	defer func() {
		if failed := recover(); failed != nil {
			err = fmt.Errorf("%w: %v", errNeeded, failed)
		}
	}()
	needs := make([]any, len(s.Needs))
	for i, each := range s.Needs {
		needs[i] = mg.Fn(each)
	}
	if s.InOrder {
		mg.SerialCtxDeps(ctx, needs...)
	} else {
		mg.CtxDeps(ctx, needs...)
	}
	return nil
}

// restorer is work that puts back what a stored result left.
type restorer interface {
	Restore(ctx context.Context) error
}

// ensure looks, and does the work if it is not so yet.
func (s *Step) ensure(ctx context.Context) Outcome {
	outcome := Outcome{Step: s, Start: time.Now()}
	outcome.State, outcome.Err = s.Work.Done(ctx)
	if restorer, ok := s.Work.(restorer); ok && outcome.State.Status == Reused {
		if err := restorer.Restore(ctx); err != nil {
			outcome.State = State{Status: ToDo, Why: err.Error()}
			outcome.Err = context.Cause(ctx)
		}
	}
	if outcome.Err == nil && !outcome.State.Is() {
		working := s.graph.start(ctx, s, outcome.State)
		outcome.Worked = true
		outcome.Err = s.Work.Do(working)
		outcome.State.Status = Done
	}
	outcome.End = time.Now()
	switch {
	case outcome.Err != nil && ctx.Err() != nil:
		outcome.State.Status = Interrupted
	case outcome.Err != nil:
		outcome.State.Status = Failed
	}
	return outcome
}

// Part is one of the things that a step's work consists of.
type Part interface {
	Title() string
	Done(ctx context.Context) (State, error)
}

// Composed is work that consists of parts, which it makes so itself, in order.
type Composed interface {
	Work
	Parts(ctx context.Context) ([]Part, error)
}

// AbsentWork is that of a part that the app does not have, for a reason.
type AbsentWork string

// Done says that nothing is to be done, and why.
func (a AbsentWork) Done(context.Context) (State, error) {
	return State{Status: Absent, Why: string(a)}, nil
}

// Do does nothing.
func (a AbsentWork) Do(context.Context) error { return nil }

// Outcome is what came of a step.
type Outcome struct {
	Step       *Step
	State      State
	Start, End time.Time
	Worked     bool // whether it did its work, rather than being so already
	Err        error
}
