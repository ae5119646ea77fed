package simulation

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// grant lets calls that nobody could tell apart take effect, or what the seed
// wants to happen in place of it.
func (s *sim) grant(group []*call) {
	c := group[0]
	by := c.by
	switch {
	case c.do != nil:
		for _, each := range group {
			each.do()
			each.answer <- reply{}
		}
		return
	case by.dead.Load() || s.stopped.Load():
		answerAll(group, reply{err: errKilled})
		return
	}
	reads := c.request.Method == http.MethodGet || c.request.Method == http.MethodHead
	slowness := 2.0
	if c.request.Method == http.MethodPut && strings.Contains(c.request.URL.Path, "/manifests/") &&
		!strings.Contains(c.request.URL.Path, "sha256:") {
		slowness = 8 // what gives a name is where releases meet
	}
	if !reads && !by.calm && !c.slow && s.script.holds.spend(s.random, slowness) {
		s.slowDown(group)
		return
	}
	s.figures.requests += len(group)
	weight := 2.0
	if reads {
		weight = 0.5
	}
	if !by.calm && s.script.kills.spend(s.random, weight) {
		s.killAt(group)
		return
	}
	if !by.calm && s.script.holds.spend(s.random, 1) {
		by.heldUntil = time.Now().Add(time.Duration(1+s.random.IntN(25)) * time.Second)
	}
	if f := s.troubleOf(by, c, weight); f != nil {
		s.sabotage(group, f)
		return
	}
	if !by.calm && list(c) && s.lagging(group) {
		return
	}
	for _, each := range group {
		got := s.carryOut(each)
		s.note(each, "", got.status)
		each.answer <- whole(each, got)
	}
}

// slowDown lets requests that change something take long on the way: what the
// run has seen before may not be so any more when they arrive.
func (s *sim) slowDown(group []*call) {
	group[0].by.heldUntil = time.Now().Add(time.Duration(1+s.random.IntN(25)) * time.Second)
	for _, each := range group {
		each.slow = true
		s.submit(each)
	}
}

func answerAll(group []*call, answer reply) {
	for _, each := range group {
		each.answer <- answer
	}
}

// killAt kills the run of a request before it takes effect or after.
func (s *sim) killAt(group []*call) {
	s.figures.kills++
	after := s.random.IntN(2) == 0
	for _, each := range group {
		if after {
			got := s.carryOut(each)
			s.note(each, "KILLED after it", got.status)
		} else {
			s.note(each, "KILLED before it", 0)
		}
	}
	group[0].by.dead.Store(true)
	group[0].by.kill(errKilled)
	answerAll(group, reply{err: errKilled})
}

// troubleOf returns what goes wrong with a request; nil for nothing.
func (s *sim) troubleOf(by *run, c *call, weight float64) *fault {
	if by.more > 0 && (!by.trouble.twice || repeatable(c)) {
		by.more--
		return by.trouble
	}
	if by.calm || !s.script.faults.spend(s.random, weight) {
		return nil
	}
	by.trouble = chooseFault(s.random, c)
	by.more = []int{0, 0, 0, 1, 4}[s.random.IntN(5)]
	return by.trouble
}

func (s *sim) sabotage(group []*call, f *fault) {
	s.figures.faults++
	for _, each := range group {
		var got *recorded
		if f.effect {
			got = s.carryOut(each)
			if f.twice {
				got = s.carryOut(each)
			}
			s.note(each, f.name, got.status)
		} else {
			s.note(each, f.name, 0)
		}
		switch {
		case f.after > 0 && got == nil: // never
		case f.after > 0:
			later(each, f.answer(each, got), f.after)
		default:
			each.answer <- f.answer(each, got)
		}
	}
}

// lagging gives an earlier answer to a list again, if there is one that is not
// too old. It reports whether it did.
func (s *sim) lagging(group []*call) bool {
	key := target(group[0].request.URL)
	earlier, known := s.lists[key]
	if !known || time.Since(earlier.at) > s.script.longest || !s.script.lag.spend(s.random, 1) {
		return false
	}
	s.figures.lags++
	for _, each := range group {
		s.note(each, "as it was "+time.Since(earlier.at).String()+" ago", earlier.answer.status)
		each.answer <- whole(each, earlier.answer)
	}
	return true
}

// carryOut lets a stand-in do what is asked, and looks whether everything is
// still as it must be.
func (s *sim) carryOut(c *call) *recorded {
	s.truth.follow(c)
	got := s.serve(c)
	if list(c) {
		s.lists[target(c.request.URL)] = listed{got, time.Now()}
	}
	writes := c.request.Method != http.MethodGet && c.request.Method != http.MethodHead
	if !writes || strings.Contains(c.request.URL.Path, "/blobs/") ||
		strings.HasSuffix(c.request.URL.Path, "/generate-notes") ||
		!s.prepared {
		return got
	}
	if c.by.still {
		s.fail(
			"%s changed something, though nothing was left to do: %s %s",
			c.by.name,
			c.request.Method,
			target(c.request.URL),
		)
	}
	s.truth.check(s)
	return got
}

// fail notes the first invariant that breaks.
func (s *sim) fail(format string, args ...any) {
	if s.failure == "" {
		s.failure = fmt.Sprintf(format, args...)
		s.history = append(s.history, event{at: time.Since(s.began), what: "INVARIANT BROKEN: " + s.failure})
	}
	s.stopped.Store(true)
}
