package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Local is the work of a step whose result depends only on its inputs: the work is done if there is a stored result
// for the same inputs. Outputs that were deleted or changed since are restored or, if they were too large to be
// stored, made again.
type Local struct {
	Store   *Store
	Step    string
	Inputs  func(ctx context.Context) (Inputs, error)
	Common  func(ctx context.Context) (*Common, error) // inputs that it shares with other steps; may be nil
	Outputs []string                                   // paths below dist: files, and folders that contain nothing else
	Log     string                                     // the one of Outputs that no other step reads; may be ""
	Uses    []*Local                                   // the steps whose outputs it reads
	Make    func(ctx context.Context) (any, error)     // does the work; its result is stored as JSON
	Commit  func() string                              // the commit of the result, "" for changed files; may be nil
	Again   bool                                       // run even if there is a stored result
	Fresh   time.Duration                              // how long a result is valid; 0 means while its inputs hold
	Reuse   func(Result) string                        // why a result is not valid after all, or ""; may be nil

	mu     sync.Mutex
	inputs Inputs
	common *Common
	result *Result
}

// clockSkew is how far in the future a result may be dated, since clocks are adjusted by small amounts.
const clockSkew = 20 * time.Millisecond

// Done checks whether there is a valid stored result. It writes nothing.
func (l *Local) Done(ctx context.Context) (State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.look(ctx)
}

func (l *Local) look(ctx context.Context) (State, error) {
	inputs, err := l.Inputs(ctx)
	if err != nil {
		return State{Status: ToDo, Why: err.Error()}, err
	}
	l.inputs, l.common, l.result = inputs, nil, nil
	if l.Common != nil {
		if l.common, err = l.Common(ctx); err != nil {
			return State{Status: ToDo, Why: err.Error()}, err
		}
	}
	found := l.Store.find(l.Step, l.key())
	switch {
	case l.Again:
		return State{Status: ToDo, Why: "asked for again"}, nil
	case found == nil:
		return State{Status: ToDo, Why: l.why()}, nil
	case l.Fresh > 0 && time.Since(found.At) > l.Fresh:
		return State{Status: ToDo, Why: "the result is older than " + plainly(l.Fresh)}, nil
	case l.Fresh > 0 && time.Since(found.At) < -clockSkew:
		return State{Status: ToDo, Why: "the result is dated in the future, so its age is unknown"}, nil
	}
	if l.Reuse != nil {
		if why := l.Reuse(*found); why != "" {
			return State{Status: ToDo, Why: why}, nil
		}
	}
	if ok, why := l.Store.intact(found); !ok {
		return State{Status: ToDo, Why: why}, nil
	}
	l.result = found
	return State{Status: Reused, Why: fmt.Sprintf("unchanged, reused from %s ago (%.1f s)",
		plainly(time.Since(found.At)), found.Took.Seconds())}, nil
}

// key returns a hash of everything that the step depends on.
func (l *Local) key() string {
	if l.common == nil {
		return l.inputs.Key()
	}
	return cache.Key(l.common.key, l.inputs.Key())
}

// all returns everything that the step depends on, by name.
func (l *Local) all() Inputs {
	if l.common == nil {
		return l.inputs
	}
	return l.common.with(l.inputs)
}

// why says which inputs have changed since the last result.
func (l *Local) why() string {
	last := l.Store.last(l.Step)
	if last == nil {
		return "no stored result yet"
	}
	if changed := l.all().Changed(last); changed != "" {
		return changed
	}
	return "no stored result for these inputs"
}

// Restore restores the outputs of the valid result that Done found.
func (l *Local) Restore(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.result == nil {
		return errors.New("no stored result holds")
	}
	unlock, _, err := l.Store.lock(ctx, l.Step)
	if err != nil {
		return err
	}
	defer unlock()
	return l.Store.restore(l.result)
}

// Do does the work and stores its result. It first waits for another run of the same step; if that stored a result
// for the same inputs, Do restores it instead.
func (l *Local) Do(ctx context.Context) error {
	unlock, waited, err := l.Store.lock(ctx, l.Step)
	if err != nil {
		return err
	}
	defer unlock()
	if waited {
		if made, err := l.madeMeanwhile(ctx); made || err != nil {
			return err
		}
	}
	start := time.Now()
	value, err := l.Make(ctx)
	if err != nil {
		return err
	}
	for _, used := range l.Uses {
		if !used.holds() {
			return fmt.Errorf("%s was changed in dist while %s worked with it; run this again", used.Step, l.Step)
		}
	}
	return l.keep(value, time.Since(start))
}

func (l *Local) madeMeanwhile(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, err := l.look(ctx)
	if err != nil || state.Status != Reused {
		return false, err
	}
	return l.Store.restore(l.result) == nil, nil
}

// holds reports whether the outputs in dist are still those of the result.
func (l *Local) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.result == nil || l.Store.unchanged(l.result)
}

func (l *Local) keep(value any, took time.Duration) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	result := Result{Step: l.Step, Key: l.key(), At: time.Now().UTC(), Took: took, Paths: l.Outputs, Log: l.Log}
	if l.Commit != nil {
		result.Commit = l.Commit()
	}
	if result.Value, err = json.Marshal(value); err != nil {
		return err
	}
	if result.Outputs, err = measure(l.Store.Dist, l.Outputs); err != nil {
		return err
	}
	l.result = &result
	if err := l.Store.save(l.result, l.all()); err != nil {
		return fmt.Errorf("keep the result of %s: %w", l.Step, err)
	}
	return nil
}

// Result returns the valid result of the step. If the step has not run in this graph, it looks for a stored one;
// false means that there is none.
func (l *Local) Result(ctx context.Context) (Result, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.result == nil && l.inputs == nil {
		_, _ = l.look(ctx) // an error means that there is no result
		if l.Again && l.inputs != nil {
			l.result = l.Store.find(l.Step, l.key()) // made by another target of this command
		}
	}
	if l.result == nil {
		return Result{}, false
	}
	return *l.result, true
}

// plainly formats a duration in words, such as 3 minutes.
func plainly(d time.Duration) string {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if count := int(d / unit.is); count == 1 {
			return "1 " + unit.name
		} else if count > 1 {
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	if seconds := int(d.Seconds()); seconds != 1 {
		return fmt.Sprintf("%d seconds", seconds)
	}
	return "1 second"
}
