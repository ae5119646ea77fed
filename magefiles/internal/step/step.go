// Package step is the engine of the pipeline. A release is a graph of steps. Each step checks whether its work is
// already done, and does it if not. The work of a publishing step consists of effects on other systems, which are
// checked again after each change: see Policy.Ensure. Steps are mg.Fn: targets depend on steps, and steps on each
// other, with mg.CtxDeps and mg.SerialCtxDeps, so each step runs once per process.
package step

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/magefile/mage/mg"
)

// Status is the state of a step's work, as people read it.
type Status string

// The statuses of a step.
const (
	ToDo        Status = "to do"       // its work is not done yet
	Done        Status = "done"        // its work was already done, or has been done now
	Reused      Status = "reused"      // a stored result is valid
	Absent      Status = "absent"      // the app has no such part
	Failed      Status = "FAILED"      // its own work failed
	NotRun      Status = "not run"     // a step that it needs failed
	Interrupted Status = "interrupted" // it was stopped
)

// State is what Done found, and why.
type State struct {
	Status Status
	Why    string // such as: unchanged, reused from 3 minutes ago (5.2 s), or: the registry has it
}

// Is reports whether nothing is left to do.
func (s State) Is() bool { return s.Status == Done || s.Status == Reused || s.Status == Absent }

// Work is what a step does. Done reports, without changing anything, whether the work is already done; Do does it.
type Work interface {
	Done(ctx context.Context) (State, error)
	Do(ctx context.Context) error
}

// Step is one unit of work in a release.
type Step struct {
	Title   string  // what people read, such as backend:unit or "move latest"
	Phase   string  // the phase of the release that it is part of
	Scope   string  // distinguishes steps with the same title in one process, such as by the app and its tree
	Needs   []*Step // the steps that must be done before
	InOrder bool    // whether Needs run one after the other; otherwise they run concurrently
	Work    Work    // nil for a group, which is done when its Needs are

	// Already reports, before any of Needs is checked, whether the work is already done; nil means that this cannot
	// be known.
	Already func(context.Context) (State, error)

	graph *Graph
}

// Name returns the step's title, for mg.Fn.
func (s *Step) Name() string { return s.Title }

// ID distinguishes the step from others with the same name, for mg.Fn.
func (s *Step) ID() string { return s.Scope }

// Run does the step's work after all that it needs, for mg.Fn. Its error is also stored in the graph, because Mage
// joins errors as text.
func (s *Step) Run(ctx context.Context) (err error) {
	start := time.Now()
	defer func() {
		// Without this, Mage would report the step as done to the next one that needs it.
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

// already returns what is known before any of the needs is checked.
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

// grouped returns the outcome of a group: it failed if one of its needs failed.
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

// errNeeded says that a step that is needed failed. The graph knows which one.
var errNeeded = errors.New("a step that it needs failed")

// runNeeds runs what the step needs. Mage panics if one of them fails.
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

// restorer is work that can restore the outputs of a stored result.
type restorer interface {
	Restore(ctx context.Context) error
}

// ensure checks whether the work is done, and does it if not.
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

// Part is one of the parts that a step's work consists of.
type Part interface {
	Title() string
	Done(ctx context.Context) (State, error)
}

// Composed is work that consists of parts, which it does itself, in order.
type Composed interface {
	Work
	Parts(ctx context.Context) ([]Part, error)
}

// AbsentWork is the work of a part that the app does not have, with the reason.
type AbsentWork string

// Done returns Absent and the reason.
func (a AbsentWork) Done(context.Context) (State, error) {
	return State{Status: Absent, Why: string(a)}, nil
}

// Do does nothing.
func (a AbsentWork) Do(context.Context) error { return nil }

// Outcome is the result of running a step.
type Outcome struct {
	Step       *Step
	State      State
	Start, End time.Time
	Worked     bool // whether Do was called, because the work was not done already
	Err        error
}
