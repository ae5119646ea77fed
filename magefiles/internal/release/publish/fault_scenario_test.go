//go:build scenario

package publish_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// faults are the ways in which a request goes wrong.
var faults = []testkit.Trouble{
	testkit.InternalError,
	testkit.BadGateway,
	testkit.TooManyRequests,
	testkit.SecondaryLimit,
	testkit.ConnectionReset,
	testkit.TimeOut,
	testkit.Truncated,
	testkit.LostByReset,
}

// saboteur makes one request go wrong.
type saboteur struct {
	at    int64
	fault testkit.Trouble
	count atomic.Int64
	call  atomic.Value
}

func (s *saboteur) wrap(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.count.Add(1) != s.at {
			next.ServeHTTP(w, r)
			return
		}
		s.call.Store(service + " " + r.Method + " " + r.URL.Path)
		s.fault.Wrap(next).ServeHTTP(w, r)
	})
}

// faulty plays a release of which one request goes wrong, and once more if it
// failed for that.
func faulty(t *testing.T, template stage, b build, s *saboteur) (state standin.State, told string, first error) {
	copied := template.copied(t)
	world := copied.open(t, s.wrap)
	defer func() { _ = world.Close() }()
	said := &said{}
	attempt := func(override publish.Override) error {
		r, err := released(addressesOf(world), b, said)
		if err != nil {
			return err
		}
		return all(context.WithoutCancel(t.Context()), r, b.Built, override)
	}
	if first = attempt(publish.NoOverride); first != nil {
		if err := attempt(publish.NoOverride); err != nil {
			t.Errorf("%s at %s: it failed (%v), and so did the next run: %v", s.fault.Name, s.call.Load(), first, err)
		}
	}
	state, err := world.State(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Error(err)
	}
	if errors.Is(first, announce.ErrUncertain) {
		override := publish.PostAgain
		if len(state.Messages) > 0 {
			override = publish.AlreadyPosted
		}
		if err := attempt(override); err != nil {
			t.Error(err)
		}
		if state, err = world.State(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
	return state, said.String(), first
}

// Each request goes wrong in each way, and the release is run again if it
// failed. What comes of it is what comes of an undisturbed one. Unless
// everything is tested these are few, and the simulation has the rest.
func TestScenarioFaults(t *testing.T) { bothModes(t, faultsOf) }

func faultsOf(t *testing.T, template stage) {
	template.commit(t, "feat: more", "v1.7.3")
	b := template.build(t, "v1.7.3")
	reference := template.copied(t)
	counter := &saboteur{}
	world := reference.open(t, counter.wrap)
	if err := play(
		t.Context(),
		world,
		b,
		func(ctx context.Context, r publish.Release) error { return all(ctx, r, b.Built, publish.NoOverride) },
	); err != nil {
		t.Fatal(err)
	}
	want := reference.close(t, world)
	requests := counter.count.Load()

	start := time.Now()
	var cases []*saboteur
	for request := int64(1); request <= requests; request++ {
		for _, fault := range faults {
			cases = append(cases, &saboteur{at: request, fault: fault})
		}
	}
	cases = testkit.Sample(cases, 12)
	var survived, at1st, doubts atomic.Int64
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(6)
	for _, s := range cases {
		group.Go(func() error {
			got, told, first := faulty(t, template, b, s)
			mu.Lock()
			defer mu.Unlock()
			expected := want
			if errors.Is(first, announce.ErrUncertain) {
				doubts.Add(1)
				expected, got = withoutMessageID(clone(t, want)), withoutMessageID(got)
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf(
					"%s at %s (%v), it ended otherwise (-want +got):\n%s\n%s",
					s.fault.Name,
					s.call.Load(),
					first,
					diff,
					told,
				)
				return nil
			}
			survived.Add(1)
			if first == nil {
				at1st.Add(1)
			}
			return nil
		})
	}
	_ = group.Wait()
	if doubts.Load() > int64(len(faults)) || strings.Count(fmt.Sprint(want.Messages), "embeds") != 1 {
		t.Errorf("%d faults left the announcement in override, expected those of one request at most", doubts.Load())
	}
	fmt.Printf(
		"fault matrix: %d of %d faults survived (%d requests, %d without a second run, %s)\n",
		survived.Load(),
		len(cases),
		requests,
		at1st.Load(),
		time.Since(start).Round(time.Second),
	)
}
