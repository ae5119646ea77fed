// Package simulation plays releases in a world in memory, whose every accident
// a seed decides: which releases come at once, in which order their requests
// are answered, where a run is killed, which answers are lost, late or refused,
// how GitHub's lists lag, and what a person changes by hand. After each request
// that changes something, and at the end, what must always be so is checked.
package simulation

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What is run: see TestSimulation.
var (
	oneSeed   = flag.Uint64("seed", 0, "run this seed again, and print its history")
	firstSeed = flag.Uint64("from", 0, "the first of the seeds, 0 for one by chance")
	howLong   = flag.Duration("for", 0, "run new seeds for so long")
)

// few is how many new seeds run when nothing is asked for.
const few = 10

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // many short lives
	code := m.Run()
	if workshop != nil {
		os.RemoveAll(workshop.dir)
	}
	os.Exit(code)
}

// Releases in a simulated world. The arguments are those of the test:
//
//	go test ./magefiles/internal/release/publish/simulation -run TestSimulation -args 10000     so many new seeds
//	go test ./magefiles/internal/release/publish/simulation -run TestSimulation -args -for=1m   new seeds for a minute
//	go test ./magefiles/internal/release/publish/simulation -run TestSimulation -args -seed=42  a seed and its history
//
// Without any it is a few new seeds. All seeds that ever failed are run before.
func TestSimulation(t *testing.T) {
	builds(t)
	if *oneSeed != 0 {
		s := play(t, *oneSeed)
		fmt.Print(s.report())
		if s.failure != "" {
			t.Errorf("seed %d: %s", s.seed, s.failure)
		}
		return
	}
	seeds, from := few, *firstSeed
	if asked := flag.Arg(0); asked != "" {
		var err error
		seeds, err = strconv.Atoi(asked)
		mustNot(t, err)
	}
	if from == 0 {
		from = uint64(rand.Uint32()) + 1
		known := &series{seeds: regressions}
		known.run(t)
	}
	fresh := &series{from: from, limit: seeds, end: time.Now().Add(*howLong)}
	if *howLong > 0 {
		fresh.limit = 1 << 62
	}
	fresh.run(t)
	fmt.Println(fresh.summary())
}

// series is a number of seeds that are run one after the other on each
// processor, until one fails.
type series struct {
	seeds []uint64 // these, or else
	from  uint64   // so many from one on,
	limit int
	end   time.Time // of a series that runs for a time

	next   atomic.Int64
	failed atomic.Bool
	mu     sync.Mutex
	done   int
	all    figures
	began  time.Time
	took   time.Duration
}

func (s *series) run(t *testing.T) {
	s.began = time.Now()
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for seed, more := s.take(); more && !s.failed.Load(); seed, more = s.take() {
				s.add(t, play(t, seed))
			}
		})
	}
	group.Wait()
	s.took = time.Since(s.began)
}

// take returns the next seed.
func (s *series) take() (uint64, bool) {
	at := int(s.next.Add(1) - 1)
	if s.seeds != nil {
		return s.seeds[min(at, len(s.seeds)-1)], at < len(s.seeds)
	}
	inTime := s.limit < 1<<62 || time.Now().Before(s.end)
	return s.from + uint64(at), at < s.limit && inTime
}

func (s *series) add(t *testing.T, played *sim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
	s.all.add(played.figures)
	if played.failure == "" || s.failed.Load() {
		return
	}
	s.failed.Store(true)
	t.Errorf("seed %d: %s\n\n%s\nThat was seed %d: scripts/test simulation -seed=%d runs it again.",
		played.seed, played.failure, played.report(), played.seed, played.seed)
}

func (s *series) summary() string {
	rate := float64(s.done) / s.took.Seconds()
	return fmt.Sprintf(
		"simulation: %d seeds from %d, %d releases, %d requests, %d faults, %d kills, %d answers of lists that lag, "+
			"%d changes by hand, %s, %.0f seeds a second",
		s.done,
		s.from,
		s.all.releases,
		s.all.requests,
		s.all.faults,
		s.all.kills,
		s.all.lags,
		s.all.hands,
		s.took.Round(time.Second),
		rate,
	)
}

// play runs a seed to its end.
func play(t *testing.T, seed uint64) *sim {
	defer func() {
		if trouble := recover(); trouble != nil {
			panic(fmt.Sprintf("seed %d: %v", seed, trouble))
		}
	}()
	s := &sim{seed: seed, random: rand.New(rand.NewPCG(seed, 0)), lists: map[string]listed{}, truth: newTruth()}
	s.script = write(s.random)
	// By the seed itself, so that the other half of all seeds does what it did before there were signatures,
	// and two thirds what they did before there was a second channel.
	s.script.signed, s.script.referrers, s.script.immutable = s.seed%2 == 1, s.seed%4 == 3, s.seed/4%2 == 1
	s.script.elsewhere = s.seed%3 == 1
	s.figures.releases = len(s.script.releases)
	synctest.Test(t, func(t *testing.T) {
		s.began, s.arrived = time.Now(), make(chan struct{}, 1)
		mustNot(t, s.create())
		ended := make(chan struct{})
		go s.direct(ended)
		s.schedule(ended)
	})
	return s
}

// A seed comes out the same each time, whatever else runs beside it.
func TestReplay(t *testing.T) {
	builds(t)
	var played [2][]string
	for round := range played {
		played[round] = make([]string, 5)
		var group sync.WaitGroup
		for i := range played[round] {
			run := func() { played[round][i] = play(t, uint64(i+1)).report() }
			if round == 0 {
				run()
				continue
			}
			group.Go(run)
		}
		group.Wait()
	}
	for i := range played[0] {
		if played[0][i] != played[1][i] {
			t.Errorf("seed %d was played differently:\n%s\n\nand then\n%s", i+1, played[0][i], played[1][i])
		}
	}
}
