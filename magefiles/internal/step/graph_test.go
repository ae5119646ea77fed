package step_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// work is work that a test describes.
type work struct {
	state step.State
	err   error // of Done
	do    func(context.Context) error
}

func (w work) Done(context.Context) (step.State, error) {
	if w.state.Status == "" {
		w.state.Status = step.ToDo
	}
	return w.state, w.err
}

func (w work) Do(ctx context.Context) error {
	if w.do == nil {
		return nil
	}
	return w.do(ctx)
}

// steps adds steps for one test. Mage runs each once per process, so each test has its own scope.
type steps struct {
	*step.Graph
	t     *testing.T
	mu    sync.Mutex
	order []string
}

func newSteps(t *testing.T) *steps { return &steps{Graph: step.NewGraph(nil), t: t} }

// add adds a step that records when it does its work.
func (s *steps) add(title string, does func(context.Context) error, needs ...*step.Step) *step.Step {
	return s.Add(step.Step{Title: title, Scope: s.t.Name(), Needs: needs, Work: work{
		do: func(ctx context.Context) error {
			s.mu.Lock()
			s.order = append(s.order, title)
			s.mu.Unlock()
			if does == nil {
				return nil
			}
			return does(ctx)
		},
	}})
}

func (s *steps) group(title string, needs ...*step.Step) *step.Step {
	return s.Add(step.Step{Title: title, Scope: s.t.Name(), Needs: needs})
}

func (s *steps) expect(of *step.Step, want step.Status) {
	s.t.Helper()
	outcome, ran := s.Of(of)
	if !ran || outcome.State.Status != want {
		s.t.Errorf("%s: %q (ran: %v), want %q", of.Title, outcome.State.Status, ran, want)
	}
}

func fails(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func TestNeedsRunBefore(t *testing.T) {
	s := newSteps(t)
	first := s.add("first", func(context.Context) error {
		time.Sleep(10 * time.Millisecond) // a step that did not wait would be before it
		return nil
	})
	second := s.add("second", nil, first)
	third := s.add("third", nil, s.group("both", first, second))
	if err := s.Ensure(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	if want := []string{"first", "second", "third"}; !slices.Equal(s.order, want) {
		t.Errorf("order %v, want %v", s.order, want)
	}
	for _, each := range []*step.Step{first, second, third} {
		s.expect(each, step.Done)
	}
}

func TestInOrder(t *testing.T) {
	s := newSteps(t)
	slow := func(context.Context) error { time.Sleep(5 * time.Millisecond); return nil }
	group := s.group("phases", s.add("c", slow), s.add("a", slow), s.add("b", slow))
	group.InOrder = true
	if err := s.Ensure(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c", "a", "b"}; !slices.Equal(s.order, want) {
		t.Errorf("order %v, want %v", s.order, want)
	}
}

// TestOncePerProcess has two targets of one command that need the same step: the step runs for the first only, and
// both succeed.
func TestOncePerProcess(t *testing.T) {
	one, two := newSteps(t), newSteps(t)
	if err := one.Ensure(t.Context(), one.group("lint", one.add("shared", nil), one.add("own", nil))); err != nil {
		t.Fatal(err)
	}
	shared := two.add("shared", nil)
	if err := two.Ensure(t.Context(), two.group("releaseCheck", shared, two.add("other", nil))); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(two.order, []string{"other"}) {
		t.Errorf("the second target ran %v", two.order)
	}
	if _, ran := two.Of(shared); ran {
		t.Error("the second graph has an outcome of a step that ran in the first")
	}
}

// TestFailedForBoth has two targets that need a step that fails: neither succeeds.
func TestFailedForBoth(t *testing.T) {
	for range 2 {
		s := newSteps(t)
		if err := s.Ensure(t.Context(), s.add("shared", fails(fs.ErrPermission))); err == nil ||
			!strings.Contains(err.Error(), "permission") {
			t.Errorf("error %v", err)
		}
	}
}

// TestPanicForBoth does the same with a step that panics, which Mage would report as done the second time.
func TestPanicForBoth(t *testing.T) {
	for range 2 {
		s := newSteps(t)
		after := s.add("after", nil, s.add("shared", func(context.Context) error { panic("a bug") }))
		if err := s.Ensure(t.Context(), after); err == nil || !strings.Contains(err.Error(), "a bug") {
			t.Errorf("error %v", err)
		}
		if len(s.order) > 1 || slices.Contains(s.order, "after") {
			t.Errorf("ran %v", s.order)
		}
	}
}

// TestSiblingsRunToTheEnd has one of three steps fail: the others finish, the step that needs it does not run, and
// the errors are those of the steps themselves.
func TestSiblingsRunToTheEnd(t *testing.T) {
	s := newSteps(t)
	gone, slow := make(chan struct{}), errors.New("slow failure")
	bad := s.add("bad", func(context.Context) error {
		defer close(gone)
		return fmt.Errorf("bad: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist})
	})
	late := s.add("late", func(context.Context) error { <-gone; time.Sleep(5 * time.Millisecond); return slow })
	good := s.add("good", func(context.Context) error { return nil }) // the graph may run as few as two at a time
	after := s.add("after", nil, bad)
	group := s.group("lint", after, late, good)
	err := s.Ensure(t.Context(), group)
	var typed *fs.PathError
	if !errors.As(err, &typed) || !errors.Is(err, slow) {
		t.Errorf("error %v", err)
	}
	if count := strings.Count(fmt.Sprint(err), "bad:"); count != 1 {
		t.Errorf("the failure is named %d times: %v", count, err)
	}
	s.expect(bad, step.Failed)
	s.expect(late, step.Failed)
	s.expect(good, step.Done)
	s.expect(after, step.NotRun)
	s.expect(group, step.Failed)
	if slices.Contains(s.order, "after") {
		t.Error("a step ran whose need had failed")
	}
}

func TestAFailedLookIsAFailure(t *testing.T) {
	s := newSteps(t)
	worked := false
	blind := s.Add(step.Step{Title: "blind", Scope: t.Name(), Work: work{
		err: fs.ErrPermission, do: func(context.Context) error { worked = true; return nil },
	}})
	if err := s.Ensure(t.Context(), blind); !errors.Is(err, fs.ErrPermission) || worked {
		t.Errorf("error %v, worked %v", err, worked)
	}
	s.expect(blind, step.Failed)
}

// TestAlready skips what a step needs when the step is known to be done already.
func TestAlready(t *testing.T) {
	s := newSteps(t)
	known := func(state step.State, err error) func(context.Context) (step.State, error) {
		return func(context.Context) (step.State, error) { return state, err }
	}
	so := s.add("so", nil, s.add("need of so", nil))
	so.Already = known(step.State{Status: step.Done, Why: "published"}, nil)
	not := s.add("not", nil, s.add("need of not", nil))
	not.Already = known(step.State{Status: step.ToDo}, nil)
	blind := s.add("blind", nil, s.add("need of blind", nil))
	blind.Already = known(step.State{}, fs.ErrPermission)
	if err := s.Ensure(t.Context(), s.group("all", so, not, blind)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	if want := []string{"need of not", "not"}; !slices.Equal(s.order, want) {
		t.Errorf("ran %v, want %v", s.order, want)
	}
	s.expect(so, step.Done)
	s.expect(blind, step.Failed)
}

func TestInterrupted(t *testing.T) {
	s := newSteps(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by a signal")
	running := s.add("running", func(ctx context.Context) error {
		cancel(stopped)
		<-ctx.Done()
		return errors.New("killed")
	})
	next := s.add("next", nil)
	after := s.add("after", nil, running)
	group := s.group("phases", after, next)
	group.InOrder = true
	if err := s.Ensure(ctx, group); !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
	s.expect(running, step.Interrupted)
	s.expect(after, step.NotRun)
	s.expect(group, step.Interrupted)
	if want := []string{"running"}; !slices.Equal(s.order, want) {
		t.Errorf("ran %v, want %v", s.order, want)
	}
}

// TestCancelledStartsNothing begins with a cancelled context.
func TestCancelledStartsNothing(t *testing.T) {
	s := newSteps(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var all []*step.Step
	for i := range 20 {
		all = append(all, s.add(fmt.Sprint(i), nil))
	}
	if err := s.Ensure(ctx, s.group("all", all...)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(s.order) > 0 {
		t.Errorf("ran %v", s.order)
	}
}

func TestCycle(t *testing.T) {
	s := newSteps(t)
	a := s.add("a", nil)
	b := s.add("b", nil, a)
	a.Needs = []*step.Step{s.group("c", b)}
	err := s.Ensure(t.Context(), b)
	if err == nil || !strings.Contains(err.Error(), "needs itself") || len(s.order) > 0 {
		t.Errorf("error %v, ran %v", err, s.order)
	}
	diamond := s.add("top", nil, s.add("l", nil, s.add("d", nil)), s.add("r", nil, s.add("d", nil)))
	if err := step.Acyclic(diamond); err != nil {
		t.Error(err)
	}
}

// TestBoundedConcurrency counts how many of 40 steps work at once, some of them needed through groups and some
// through steps.
func TestBoundedConcurrency(t *testing.T) {
	s := newSteps(t)
	var now, most atomic.Int64
	busy := func(context.Context) error {
		count := now.Add(1)
		for {
			seen := most.Load()
			if count <= seen || most.CompareAndSwap(seen, count) {
				break
			}
		}
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
		return nil
	}
	var all []*step.Step
	for i := range 20 {
		need := s.add(fmt.Sprint("need ", i), busy)
		all = append(all, s.add(fmt.Sprint(i), busy, s.group(fmt.Sprint("group ", i), need)))
	}
	if err := s.Ensure(t.Context(), s.group("all", all...)); err != nil {
		t.Fatal(err)
	}
	if limit := int64(step.Limit()); most.Load() > limit || most.Load() < 2 {
		t.Errorf("%d steps worked at once, want 2 to %d", most.Load(), limit)
	}
	if len(s.order) != 40 {
		t.Errorf("%d steps ran", len(s.order))
	}
}

// told records what an observer is told. Like the real one, it asks for outcomes.
type told struct {
	graph *step.Graph
	lines []string
}

func (o *told) Started(ctx context.Context, s *step.Step, why step.State) context.Context {
	o.lines = append(o.lines, fmt.Sprintf("%s started: %s", s.Title, why.Why))
	return context.WithValue(ctx, startedKey{}, s.Title)
}

type startedKey struct{}

func (o *told) Ended(outcome step.Outcome) {
	_, ran := o.graph.Of(outcome.Step)
	o.lines = append(o.lines, fmt.Sprintf("%s ended: %s %v", outcome.Step.Title, outcome.State.Status, ran))
}

func TestObserver(t *testing.T) {
	observer := &told{}
	g := step.NewGraph(observer)
	observer.graph = g
	var in any
	made := g.Add(step.Step{Title: "made", Scope: t.Name(), Work: work{
		state: step.State{Status: step.ToDo, Why: "main.py has changed"},
		do:    func(ctx context.Context) error { in = ctx.Value(startedKey{}); return nil },
	}})
	kept := g.Add(step.Step{Title: "kept", Scope: t.Name(), Needs: []*step.Step{made},
		Work: work{state: step.State{Status: step.Reused}}})
	none := g.Add(step.Step{Title: "none", Scope: t.Name(), Needs: []*step.Step{kept},
		Work: step.AbsentWork("the app has none")})
	if err := g.Ensure(t.Context(), none); err != nil {
		t.Fatal(err)
	}
	want := []string{"made started: main.py has changed", "made ended: done true",
		"kept ended: reused true", "none ended: absent true"}
	if !slices.Equal(observer.lines, want) {
		t.Errorf("told %q, want %q", observer.lines, want)
	}
	if in != "made" {
		t.Errorf("the step did its work in the context of %v", in)
	}
}

// Mage would wait forever for two steps that it considers to be the same.
func TestAcyclicByIdentity(t *testing.T) {
	inner := &step.Step{Title: "build", Scope: "x"}
	for _, each := range []struct {
		outer  *step.Step
		cyclic bool
	}{
		{&step.Step{Title: "build", Scope: "x", Needs: []*step.Step{inner}}, true},
		{&step.Step{Title: "build", Scope: "y", Needs: []*step.Step{inner}}, false},
	} {
		if err := step.Acyclic(each.outer); (err != nil) != each.cyclic {
			t.Errorf("scope %s: %v", each.outer.Scope, err)
		}
	}
}
