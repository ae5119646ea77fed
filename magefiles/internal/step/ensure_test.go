package step_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

var (
	errOnce    = errors.New("502 Bad Gateway")
	errRefused = errors.New("403 Forbidden")
)

// remote is another system. It answers each change with the next of its answers.
type remote struct {
	answers []error
	takes   []bool // whether each change takes effect; the default is true
	shows   int    // after how many checks an effect becomes visible
	looking error

	acts, looks int
	effect      bool
}

func (r *remote) Done(context.Context) (step.State, error) {
	r.looks++
	if r.looking != nil {
		return step.State{}, r.looking
	}
	if r.effect {
		if r.shows--; r.shows < 0 {
			return step.State{Status: step.Done, Why: "the registry has it"}, nil
		}
	}
	return step.State{Status: step.ToDo}, nil
}

func (r *remote) Do(context.Context) error {
	r.acts++
	if len(r.takes) < r.acts || r.takes[r.acts-1] {
		r.effect = true
	}
	if len(r.answers) < r.acts {
		return nil
	}
	return r.answers[r.acts-1]
}

func TestEnsureRemote(t *testing.T) {
	none := []bool{false, false, false, false, false}
	for name, test := range map[string]struct {
		remote      remote
		acts, looks int
		err, said   string
	}{
		"so already":     {remote{effect: true}, 0, 1, "", "push: the registry has it"},
		"plain":          {remote{}, 1, 2, "", "push: done"},
		"a lost answer":  {remote{answers: []error{errOnce}}, 1, 2, "", "push: done"},
		"a false denial": {remote{answers: []error{errRefused}}, 1, 2, "", "push: done"},
		"the second time": {
			remote{answers: []error{errOnce}, takes: []bool{false, true}}, 2, 3, "", "push: done",
		},
		"a refusal": {remote{answers: []error{errRefused}, takes: none}, 1, 2, "push: 403 Forbidden", ""},
		"a refusal after a failure": {
			remote{answers: []error{errOnce, errRefused}, takes: none}, 2, 3, "push: 403 Forbidden", "",
		},
		"out of order for long": {
			remote{answers: []error{errOnce, errOnce, errOnce, errOnce}, takes: none},
			4, 5, "push: 502 Bad Gateway", "",
		},
		"seen at the last look":          {remote{shows: 3}, 1, 5, "", "push: done"},
		"accepted, but it does not show": {remote{shows: 9}, 1, 5, "push: the change was accepted, but is not", ""},
		"a look that fails":              {remote{looking: errRefused}, 0, 1, "push: 403 Forbidden", ""},
		"a lost answer that is seen later": {
			remote{answers: []error{errOnce, errOnce}, shows: 1}, 2, 3, "", "push: done",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var said []string
			policy := step.Policy{
				Pause: time.Microsecond, Retryable: func(err error) bool { return errors.Is(err, errOnce) },
				Say: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) },
			}
			err := policy.Ensure(t.Context(), "push", &test.remote)
			if (err == nil) != (test.err == "") || err != nil && !strings.HasPrefix(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if test.remote.acts != test.acts || test.remote.looks != test.looks {
				t.Errorf(
					"%d acts and %d looks, want %d and %d",
					test.remote.acts,
					test.remote.looks,
					test.acts,
					test.looks,
				)
			}
			if strings.Join(said, "\n") != test.said {
				t.Errorf("said %q, want %q", said, test.said)
			}
		})
	}
}

func TestPolicyWaits(t *testing.T) {
	policy := step.Policy{Pause: 3 * time.Millisecond}
	for pauses, want := range []time.Duration{3 * time.Millisecond, 6 * time.Millisecond, 12 * time.Millisecond} {
		start := time.Now()
		if err := policy.Wait(t.Context(), pauses); err != nil || time.Since(start) < want {
			t.Errorf("after %d pauses: %s, want %s (%v)", pauses, time.Since(start), want, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errRefused)
	if err := (step.Policy{Pause: time.Hour}).Wait(ctx, 0); !errors.Is(err, errRefused) {
		t.Errorf("error %v", err)
	}
}

// TestEnsureInterrupted cancels the context during Do: Ensure does not call Do again.
func TestEnsureInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	acts := 0
	policy := step.Policy{Retryable: func(error) bool { return true }, Say: func(string, ...any) {}}
	err := policy.Ensure(ctx, "push", work{do: func(context.Context) error {
		acts++
		cancel(errRefused)
		return errOnce
	}})
	if !errors.Is(err, errRefused) || acts != 1 {
		t.Errorf("error %v after %d acts", err, acts)
	}
}
