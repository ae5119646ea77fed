//go:build scenario

package publish_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// turnstile lets the requests of a release pass, and holds it up before one of
// them until the other release has come as far as it is to come.
type turnstile struct {
	next   http.RoundTripper
	count  atomic.Int64
	stops  map[int64]func() // by request, from 1
	passed sync.Mutex
}

func (s *turnstile) RoundTrip(request *http.Request) (*http.Response, error) {
	if stop := s.stops[s.count.Add(1)]; stop != nil {
		s.passed.Lock()
		defer s.passed.Unlock()
		stop()
	}
	return s.next.RoundTrip(request)
}

// promotion returns what two releases do at the same time: they are published
// already.
func promotion(ctx context.Context, r publish.Release) error {
	record, err := prove(ctx, r)
	if err != nil {
		return err
	}
	if _, err := r.Promote(ctx); err != nil {
		return fmt.Errorf("%s: %w", record.Tag, err)
	}
	_, err = r.Notify(ctx, publish.NoOverride)
	return err
}

// together plays two releases on a copy of a stage. One stops before its
// requests number stops[0], stops[2], …; then the other goes on up to stops[1],
// stops[3], …; in the end both go on to their end.
func together(t *testing.T, template stage, first, second build, stops []int64) (state standin.State, requests int64) {
	s := template.copied(t)
	world := s.open(t, nil)
	defer func() { _ = world.Close() }()
	one, two := make(chan bool), make(chan bool) // whose turn it is
	var ended [2]chan struct{}
	ended[0], ended[1] = make(chan struct{}), make(chan struct{})
	hand := func(to chan bool, gone chan struct{}, mine chan bool) func() {
		return func() {
			select {
			case to <- true:
			case <-gone:
				return
			}
			select {
			case <-mine:
			case <-gone:
			}
		}
	}
	gates := [2]*turnstile{{stops: map[int64]func(){}}, {stops: map[int64]func(){}}}
	for i, at := range stops {
		if i%2 == 0 {
			gates[0].stops[at] = hand(two, ended[1], one)
		} else {
			gates[1].stops[at] = hand(one, ended[0], two)
		}
	}
	run := func(which int, b build, mine chan bool, other chan struct{}) error {
		defer close(ended[which])
		if which == 1 && len(stops) > 0 {
			select {
			case <-mine:
			case <-other:
			}
		}
		gates[which].next = web.New(web.Policy{Pause: time.Millisecond}, web.LoopbackOnly())
		r, err := releasedThrough(gates[which], addressesOf(world), b, &said{})
		if err != nil {
			return err
		}
		return promotion(context.WithoutCancel(t.Context()), r)
	}
	var group errgroup.Group
	group.Go(func() error { return run(0, first, one, ended[1]) })
	group.Go(func() error { return run(1, second, two, ended[0]) })
	if err := group.Wait(); err != nil {
		t.Errorf("stops %v: %v", stops, err)
	}
	state, err := world.State(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Error(err)
	}
	return state, gates[0].count.Load()
}

// Two tags are pushed together: however their releases interleave, latest and
// the badge end on the higher one, and X.Y on its own. Unless everything is
// tested these are few, and the simulation has the rest.
func TestScenarioTwoReleasesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var builds []build
	for _, tag := range []string{"v1.7.3", "v1.8.0"} {
		s.commit(t, "feat: "+tag, tag)
		b := s.build(t, tag)
		if _, _, err := s.act(
			t,
			b,
			func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, b.Built); return err },
		); err != nil {
			t.Fatal(err)
		}
		builds = append(builds, b)
	}
	_, requests := together(t, s, builds[0], builds[1], nil)
	type order struct {
		low   bool // whether the lower release is the one that is held up
		stops []int64
	}
	var orders []order
	random := rand.New(rand.NewPCG(1, 2))
	for at := int64(1); at <= requests; at++ {
		for _, low := range []bool{true, false} {
			orders = append(
				orders,
				order{low, []int64{at}},
				order{low, []int64{at, 1 + random.Int64N(requests), at + 1 + random.Int64N(20)}},
			)
		}
	}
	orders = testkit.Sample(orders, 12)
	var group errgroup.Group
	group.SetLimit(6)
	var right atomic.Int64
	for _, order := range orders {
		group.Go(func() error {
			first, second := builds[1], builds[0]
			if order.low {
				first, second = second, first
			}
			state, _ := together(t, s, first, second, order.stops)
			tags := tagsOf(state)
			if tags["latest"] != tags["1.8.0"] || badgeOf(state) != "v1.8.0" || tags["1.7"] != tags["1.7.3"] ||
				tags["1.8"] != tags["1.8.0"] ||
				len(state.Messages) != 2 {
				t.Errorf(
					"stops %v of v1.7.3 (%v): badge %s, tags %v, %d messages",
					order.stops,
					order.low,
					badgeOf(state),
					tags,
					len(state.Messages),
				)
				return nil
			}
			right.Add(1)
			return nil
		})
	}
	_ = group.Wait()
	fmt.Printf("two at once: %d of %d interleavings end on the higher release\n", right.Load(), len(orders))
}
