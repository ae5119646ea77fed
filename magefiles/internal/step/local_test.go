package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// bench is an app with one local step, which writes its inputs into dist.
type bench struct {
	t      *testing.T
	store  *step.Store
	inputs step.Inputs
	files  map[string]string // written by the step to dist
	made   int
	runs   int
	fail   error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	return &bench{
		t: t, inputs: step.Inputs{"file a.py": "100644 1", "tool node": "22"},
		files: map[string]string{"log/step.txt": "all is well", "out/a.txt": "A", "out/sub/b.txt": "B"},
		store: &step.Store{
			Cache: cache.Dir(
				filepath.Join(dir, "cache"),
			),
			App:  filepath.Join(dir, "app"),
			Dist: filepath.Join(dir, "dist"),
		},
	}
}

func (b *bench) path(file string) string { return filepath.Join(b.store.Dist, file) }

func (b *bench) write(file, content string) {
	b.t.Helper()
	err := os.MkdirAll(filepath.Dir(b.path(file)), 0o755)
	if err := errors.Join(err, os.WriteFile(b.path(file), []byte(content), 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

// local returns the step, as a new process would declare it.
func (b *bench) local() *step.Local {
	return &step.Local{
		Store: b.store, Step: "backend:lint", Outputs: []string{"log/step.txt", "out"},
		Inputs: func(context.Context) (step.Inputs, error) { return maps.Clone(b.inputs), nil },
		Make: func(context.Context) (any, error) {
			b.made++
			for file, content := range b.files {
				b.write(file, content)
			}
			return []string{"a finding"}, b.fail
		},
	}
}

// ensure runs a step in a graph of its own, and returns its outcome.
func (b *bench) ensure(local *step.Local) step.Outcome {
	b.t.Helper()
	b.runs++
	g := step.NewGraph(nil)
	s := g.Add(step.Step{Title: local.Step, Scope: fmt.Sprint(b.t.Name(), b.runs), Work: local})
	_ = g.Ensure(b.t.Context(), s) // the outcome contains the error
	outcome, ran := g.Of(s)
	if !ran {
		b.t.Fatal("it did not run")
	}
	return outcome
}

// expect runs the step in a new process: it must have this status, for this reason.
func (b *bench) expect(status step.Status, why string) {
	b.t.Helper()
	b.expectOf(b.local(), status, why)
}

func (b *bench) expectOf(local *step.Local, status step.Status, why string) {
	b.t.Helper()
	before := b.made
	state, err := local.Done(b.t.Context())
	if err != nil || !strings.Contains(state.Why, why) || (state.Status == step.Reused) != (status == step.Reused) {
		b.t.Errorf("a look says %q, %q (%v), want %q, %q", state.Status, state.Why, err, status, why)
	}
	if b.made != before {
		b.t.Error("a look did the work")
	}
	outcome := b.ensure(local)
	if outcome.Err != nil || outcome.State.Status != status {
		b.t.Errorf("it is %q, want %q (%v)", outcome.State.Status, status, outcome.Err)
	}
	if did := b.made > before; did != (status == step.Done) || did != outcome.Worked {
		b.t.Errorf("it did its work: %v, and says %v", did, outcome.Worked)
	}
	b.left()
}

// left checks that dist contains what the step writes.
func (b *bench) left() {
	b.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(b.store.Dist, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(b.store.Dist, path)
		found[rel] = string(data)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if !maps.Equal(found, b.files) {
		b.t.Errorf("dist has %q, want %q", found, b.files)
	}
}

func TestLocalIsReused(t *testing.T) {
	b := newBench(t)
	b.expect(step.Done, "no stored result yet")
	b.expect(step.Reused, "unchanged, reused from")
	local := b.local()
	b.ensure(local)
	if result, ok := local.Result(t.Context()); !ok || string(result.Value) != `["a finding"]` {
		t.Errorf("result %q, %v", result.Value, ok)
	}
	if result, ok := b.local().Result(t.Context()); !ok || string(result.Value) != `["a finding"]` {
		t.Errorf("a step that has not run finds %q, %v", result.Value, ok)
	}
}

// TestLocalRunsAgain changes each kind of input: the step runs again and names the input.
func TestLocalRunsAgain(t *testing.T) {
	for why, change := range map[string]func(step.Inputs){
		"a.py has changed":             func(i step.Inputs) { i.File("a.py", "100644 2") },
		"a.py has changed, and 1 more": func(i step.Inputs) { i.File("a.py", "100755 1"); i.Tool("node", "23") },
		"a.py is gone":                 func(i step.Inputs) { delete(i, "file a.py") },
		"b.py is new":                  func(i step.Inputs) { i.File("b.py", "100644 3") },
		"tool node has changed":        func(i step.Inputs) { i.Tool("node", "23") },
		"variable LANG is new":         func(i step.Inputs) { i.Variable("LANG", "C") },
		"configuration step is new":    func(i step.Inputs) { i.Config("step", []string{"--strict"}) },
		"result of backend:vendor is":  func(i step.Inputs) { i.Need("backend:vendor", "1") },
	} {
		t.Run(why, func(t *testing.T) {
			b := newBench(t)
			b.expect(step.Done, "")
			before := maps.Clone(b.inputs)
			change(b.inputs)
			b.expect(step.Done, why)
			b.expect(step.Reused, "unchanged")
			b.inputs = before // the earlier result is still valid
			b.expect(step.Reused, "unchanged")
		})
	}
}

// TestKeysDiffer checks that different inputs have different keys.
func TestKeysDiffer(t *testing.T) {
	known := map[string]int{}
	for i, inputs := range []step.Inputs{
		{}, {"a": ""}, {"a": "b"}, {"ab": ""}, {"a": "b", "c": "d"}, {"a": "b1:c1:d"}, {"a": "bc", "": "d"}, {"b": "a"},
	} {
		if other, is := known[inputs.Key()]; is {
			t.Errorf("%v has the key of number %d", inputs, other)
		}
		known[inputs.Key()] = i
	}
}

func TestLocalFailureIsNotKept(t *testing.T) {
	b := newBench(t)
	b.fail = errors.New("3 findings")
	if outcome := b.ensure(b.local()); !errors.Is(outcome.Err, b.fail) || outcome.State.Status != step.Failed {
		t.Errorf("outcome %+v", outcome)
	}
	b.fail = nil
	b.expect(step.Done, "no stored result yet")
}

func TestAgainFreshAndReuse(t *testing.T) {
	b := newBench(t)
	b.expect(step.Done, "")
	again := b.local()
	again.Again = true
	b.expectOf(again, step.Done, "asked for again")
	asked := b.local()
	asked.Again = true
	if _, ok := asked.Result(t.Context()); !ok {
		t.Error("a step that ran for another target of the command has no result")
	}
	fresh := b.local()
	fresh.Fresh = time.Hour
	b.expectOf(fresh, step.Reused, "")
	old := b.local()
	old.Fresh = time.Nanosecond
	b.expectOf(old, step.Done, "the result is older than")
	refused := b.local()
	refused.Commit = func() string { return "c2" }
	refused.Reuse = func(result step.Result) string {
		if result.Commit != "c2" {
			return "of another commit"
		}
		return ""
	}
	b.expectOf(refused, step.Done, "of another commit")
	b.expectOf(refused, step.Reused, "")
}

// TestResultFromTheFuture has a result that seems to be made in an hour: nobody knows how old it is.
func TestResultFromTheFuture(t *testing.T) {
	b := newBench(t)
	b.expect(step.Done, "")
	files, err := filepath.Glob(string(b.store.Cache) + "/steps/*/*/*/result.json")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	var result step.Result
	data, err := os.ReadFile(files[0])
	if err := errors.Join(err, json.Unmarshal(data, &result)); err != nil {
		t.Fatal(err)
	}
	result.At = time.Now().Add(time.Hour)
	data, err = json.Marshal(result)
	if err := errors.Join(err, os.WriteFile(files[0], data, 0o644)); err != nil {
		t.Fatal(err)
	}
	b.expect(step.Reused, "")
	fresh := b.local()
	fresh.Fresh = 2 * time.Hour
	b.expectOf(fresh, step.Done, "the result is dated in the future")
	fresh = b.local()
	fresh.Fresh = 2 * time.Hour
	b.expectOf(fresh, step.Reused, "")
}

func TestInputsThatCannotBeRead(t *testing.T) {
	b := newBench(t)
	local := b.local()
	local.Inputs = func(context.Context) (step.Inputs, error) { return nil, fs.ErrPermission }
	if outcome := b.ensure(local); !errors.Is(outcome.Err, fs.ErrPermission) || b.made > 0 {
		t.Errorf("%+v", outcome)
	}
}
