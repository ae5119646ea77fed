package simulation

import (
	"math/rand/v2"
	"time"
)

// script is all that a seed decides before anything happens. What happens to a
// request is decided when it is made.
type script struct {
	first     bool // there was no release before
	protected bool // the default branch takes no pushes
	signed    bool // the image is signed with a key
	immutable bool // releases are immutable once they are out
	referrers bool // the registry has the API for what is attached
	elsewhere bool // the release is announced in a second channel, too
	releases  []released
	actors    []actor
	faults    budget
	kills     budget
	holds     budget
	lag       budget
	longest   time.Duration // how far GitHub's lists lag
}

// budget is how likely something is at each request, and how often it happens
// at most.
type budget struct {
	rate float64
	left int
}

// spend reports whether it happens now.
func (b *budget) spend(random *rand.Rand, weight float64) bool {
	if b.left == 0 || random.Float64() >= b.rate*weight {
		return false
	}
	b.left--
	return true
}

// released is a version that is released.
type released struct {
	version string
	docs    bool           // its docs changed
	healthy [editions]bool // whether the image of a build works
}

// actor is somebody who releases, or rolls back, a version until that is done.
type actor struct {
	release  int // which of the script's
	rollback bool
	start    time.Duration // after the beginning; of a rollback, after its release is proven
	tries    []try
	hand     hand // what a person does between two tries
}

// try is one run.
type try struct {
	edition int
	pause   time.Duration // before it
	look    time.Duration // how long it takes to see the image healthy
}

const maxTries = 25

// write makes the script of a seed.
func write(random *rand.Rand) script {
	s := script{first: random.IntN(8) == 0, protected: random.IntN(6) == 0}
	for _, i := range random.Perm(len(versions))[:1+random.IntN(3)] {
		r := released{version: versions[i], docs: random.IntN(2) == 0}
		for edition := range editions {
			r.healthy[edition] = random.IntN(8) != 0
		}
		s.releases = append(s.releases, r)
	}
	together := random.IntN(3) != 0
	within := []int{2, 60}[random.IntN(2)] // seconds
	start := time.Duration(0)
	for i := range s.releases {
		if together {
			start = time.Duration(random.IntN(within)) * time.Second
		}
		s.actors = append(s.actors, newActor(random, i, start))
		if together && within == 2 {
			s.actors[i].tries[0].look = time.Minute // they are promoted at the same time, too
		}
		start += time.Duration(5+random.IntN(20)) * time.Minute
	}
	if random.IntN(4) == 0 { // a workflow is started by hand while another run is under way
		i := random.IntN(len(s.releases))
		after := time.Duration(
			random.IntN([]int{12, 240}[random.IntN(2)]),
		) * time.Second // while it is published, or verified
		twin := newActor(random, i, s.actors[i].start+after)
		if random.IntN(2) == 0 {
			twin.tries[0].edition = (s.actors[i].tries[0].edition + 1) % editions
		}
		s.actors = append(s.actors, twin)
	}
	if random.IntN(3) == 0 {
		soon := []int{20, 200, 3600}[random.IntN(3)] // while it is promoted, or when others came after it
		a := newActor(random, random.IntN(len(s.releases)), time.Duration(random.IntN(soon))*time.Second)
		a.rollback = true
		s.actors = append(s.actors, a)
	}
	s.faults = budget{pick(random, 0, 0.01, 0.03, 0.08), 12}
	s.kills = budget{pick(random, 0, 0.004, 0.012, 0.03), 5}
	s.holds = budget{pick(random, 0, 0.01, 0.02, 0.06), 60}
	s.lag = budget{pick(random, 0, 0, 0.2, 0.6), 200}
	s.longest = time.Duration(1+random.IntN(8)) * time.Second
	return s
}

func newActor(random *rand.Rand, release int, start time.Duration) actor {
	a := actor{release: release, start: start, tries: make([]try, maxTries), hand: noHand}
	edition := random.IntN(editions)
	for i := range a.tries {
		if random.IntN(6) == 0 {
			edition = random.IntN(editions) // another machine builds it
		}
		a.tries[i] = try{edition: edition, pause: time.Duration(1+random.IntN(300)) * time.Second,
			look: time.Duration(10+random.IntN(200)) * time.Second}
	}
	if random.IntN(5) == 0 {
		a.hand = hand(1 + random.IntN(int(hands)-1))
	}
	return a
}

func pick(random *rand.Rand, rates ...float64) float64 { return rates[random.IntN(len(rates))] }
