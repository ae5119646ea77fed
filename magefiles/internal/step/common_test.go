package step_test

import (
	"context"
	"iter"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// TestCommonInputs checks that a step runs again when a shared input has changed, and names that input.
func TestCommonInputs(t *testing.T) {
	ran := 0
	store := &step.Store{Cache: cache.Dir(t.TempDir()), App: "/app", Dist: t.TempDir()}
	look := func(rest step.Inputs, files ...entry) step.State {
		t.Helper()
		common := step.NewCommon(rest, step.List{Prefix: step.FilePrefix, Each: each(files)})
		local := &step.Local{
			Store: store, Step: "lint",
			Inputs: func(context.Context) (step.Inputs, error) { return step.Inputs{"configuration step": "x"}, nil },
			Common: func(context.Context) (*step.Common, error) { return common, nil },
			Make:   func(context.Context) (any, error) { ran++; return nil, nil },
		}
		state, err := local.Done(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !state.Is() {
			if err := local.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return state
	}
	node := step.Inputs{"tool node": "22"}
	a, b := entry{name: "a.py", value: "1"}, entry{name: "b.py", value: "1"}
	for _, each := range []struct {
		title, why string
		state      step.State
	}{
		{"first", "no stored result yet", look(node, a, b)},
		{"the same", "", look(node, a, b)},
		{"a changed file", "a.py has changed", look(node, entry{name: "a.py", value: "2"}, b)},
		{"a file that is gone", "a.py has changed, and 1 more", look(node, a)},
		{"a name that is like two", "a.py is gone, and 1 more",
			look(node, entry{name: "a.py11:b.py", value: "1"})},
		{"a changed tool", "", look(step.Inputs{"tool node": "24"}, a, b)},
		{"the first once more", "", look(node, a, b)},
	} {
		if each.why != "" && each.state.Why != each.why {
			t.Errorf("%s: %q, expected %q", each.title, each.state.Why, each.why)
		}
	}
	if ran != 5 {
		t.Errorf("ran %d times, expected 5", ran)
	}
}

// entry is an input of a list.
type entry struct{ name, value string }

func each(entries []entry) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, entry := range entries {
			if !yield(entry.name, entry.value) {
				return
			}
		}
	}
}
