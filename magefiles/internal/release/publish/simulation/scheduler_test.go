package simulation

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// sim is the world of one seed. The scheduler, which is the bubble's main
// goroutine, grants one call after the other when everybody waits, in an order
// that the seed chooses: nothing depends on how goroutines happen to run.
type sim struct {
	seed     uint64
	script   script
	random   *rand.Rand // the scheduler's
	began    time.Time
	world    *standin.World
	handlers map[string]http.Handler
	git      *memoryGit
	lists    map[string]listed // what GitHub answered when it was asked for a list
	prepared bool              // what another tool left is there
	truth    *truth
	figures  figures
	history  []event
	failure  string      // the first invariant that broke
	stopped  atomic.Bool // nothing takes effect any more

	mu      sync.Mutex
	pending []*call
	arrived chan struct{}
}

// listed is an answer that GitHub may give again when its lists lag.
type listed struct {
	answer *recorded
	at     time.Time
}

// figures count what happened.
type figures struct{ releases, requests, faults, kills, lags, hands int }

func (f *figures) add(other figures) {
	f.releases += other.releases
	f.requests += other.requests
	f.faults += other.faults
	f.kills += other.kills
	f.lags += other.lags
	f.hands += other.hands
}

func (s *sim) submit(c *call) {
	s.mu.Lock()
	s.pending = append(s.pending, c)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

func (s *sim) withdraw(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = slices.DeleteFunc(s.pending, func(other *call) bool { return other == c })
}

// inTurn does something when the scheduler comes to it.
func (s *sim) inTurn(by *run, name string, do func()) {
	c := &call{by: by, key: name, do: do, answer: make(chan reply, 1)}
	s.submit(c)
	<-c.answer
}

// schedule grants calls until the director has ended.
func (s *sim) schedule(ended <-chan struct{}) {
	for {
		synctest.Wait()
		if len(s.waiting()) == 0 {
			select {
			case <-s.arrived:
				continue
			case <-ended:
				return
			}
		}
		if !s.stopped.Load() { // a request takes its time on the way
			time.Sleep(time.Duration(20+s.random.IntN(180)) * time.Millisecond)
			synctest.Wait()
		}
		if group := s.choose(s.waiting()); group != nil {
			s.mu.Lock()
			s.pending = slices.DeleteFunc(s.pending, func(c *call) bool { return slices.Contains(group, c) })
			s.mu.Unlock()
			s.grant(group)
		}
	}
}

func (s *sim) waiting() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pending)
}

// choose takes a run that is not held up, and what it asks for: all the calls
// that nobody could tell apart. It waits where all are held up.
func (s *sim) choose(waiting []*call) []*call {
	now, soonest := time.Now(), time.Time{}
	free := slices.DeleteFunc(waiting, func(c *call) bool {
		held := !s.stopped.Load() && c.by.heldUntil.After(now)
		if held && (soonest.IsZero() || c.by.heldUntil.Before(soonest)) {
			soonest = c.by.heldUntil
		}
		return held
	})
	if len(free) == 0 {
		if !soonest.IsZero() {
			time.Sleep(soonest.Sub(now))
		}
		return nil
	}
	slices.SortStableFunc(
		free,
		func(a, b *call) int { return cmp.Or(cmp.Compare(a.by.id, b.by.id), cmp.Compare(a.key, b.key)) },
	)
	runs := slices.CompactFunc(slices.Clone(free), func(a, b *call) bool { return a.by == b.by })
	by := runs[s.random.IntN(len(runs))].by
	free = slices.DeleteFunc(free, func(c *call) bool { return c.by != by })
	keys := slices.CompactFunc(slices.Clone(free), func(a, b *call) bool { return a.key == b.key })
	key := keys[s.random.IntN(len(keys))].key
	return slices.DeleteFunc(free, func(c *call) bool { return c.key != key })
}
