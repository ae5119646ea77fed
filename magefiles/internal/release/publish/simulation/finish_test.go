package simulation

import (
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// finish runs each release undisturbed until nothing is left to do, with what a
// person says, and gives how each ended. Where everything is finished, nothing
// is left to do.
func (s *sim) finish(finished bool) []error {
	outcome := make([]error, len(s.script.releases))
	if finished {
		return outcome
	}
	for i, which := range s.script.releases {
		override := publish.NoOverride
		s.inTurn(s.nobody(), "looks into the channel", func() {
			if s.inDoubt("v" + which.version) {
				override = s.answer("v" + which.version)
			}
		})
		for number := range 6 {
			r := s.newRun(which.version, 9000+number)
			r.calm = true
			t := try{edition: s.edition(which, number), look: time.Minute}
			if override, outcome[i] = s.attemptAs(
				r,
				which,
				t,
				override,
			); outcome[i] == nil &&
				override == publish.NoOverride {
				break
			}
		}
	}
	return outcome
}

// edition returns the build that the record has, else a healthy one.
func (s *sim) edition(which released, number int) (edition int) {
	s.inTurn(s.nobody(), "looks for the build", func() {
		edition = number % editions
		for i := range editions {
			if which.healthy[i] {
				edition = i
			}
		}
		v := s.view()
		for _, release := range v.releases["v"+which.version] {
			record, stored := v.record(release)
			for i, built := range workshop.built[which.version] {
				if stored && record.Image.Digest == built.Image.Digest {
					edition = i
				}
			}
		}
	})
	return edition
}

// repeat runs everything once more, which changes nothing.
func (s *sim) repeat(outcome []error) {
	for i, which := range s.script.releases {
		if outcome[i] != nil {
			continue
		}
		r := s.newRun(which.version, 9900)
		r.calm, r.still = true, true
		if _, err := s.attemptAs(
			r,
			which,
			try{edition: s.edition(which, 0), look: time.Minute},
			publish.NoOverride,
		); err != nil {
			s.inTurn(r, "complains", func() { s.fail("%s, a run with nothing left to do, failed: %v", r.name, err) })
		}
	}
}
