package simulation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/seed"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// direct plays the whole script: all actors, then everything that is still to be
// done, then everything once more.
func (s *sim) direct(ended chan<- struct{}) {
	defer close(ended)
	s.prepare()
	finished, quiet := s.together()
	s.inTurn(s.nobody(), "looks at the names", func() {
		if quiet {
			s.checkNames(s.view())
		}
	})
	results := s.finish(finished)
	s.repeat(results)
	s.inTurn(s.nobody(), "looks at everything", func() { s.checkEnd(results) })
}

// nobody returns who looks at the end.
func (s *sim) nobody() *run { return &run{id: 8000, name: "the end", calm: true} }

// prepare makes what another tool left: its image as latest, its release.
func (s *sim) prepare() {
	defer func() { s.prepared = true }()
	if s.script.first {
		return
	}
	old := released{version: before}
	r := s.newRun(before, 1)
	r.calm = true
	out, built, err := s.open(r, old, 0)
	if err == nil {
		from := seed.Image{Layout: filepath.Join(built.Dir, "image.oci"), Digest: built.Image.Digest}
		err = errors.Join(
			seed.Push(noContext, out.Registry, before, from),
			seed.Publish(noContext, out.GitHub.Releases, out.Plan.Tag),
		)
	}
	s.inTurn(r, "ends", func() {
		s.history = nil
		if err != nil {
			s.fail("another tool's release can't be made: %v", err)
		}
	})
}

func (s *sim) newRun(version string, number int) *run {
	return &run{id: number, tag: "v" + version, name: fmt.Sprintf("v%s, run %d", version, number)}
}

// together lets all actors act at once. It reports whether all of them finished
// and no person interfered, and whether all came to an end of which the names of
// images must be right: some may have given up what does not work.
func (s *sim) together() (finished, ended bool) {
	var group sync.WaitGroup
	done := make([]outcome, len(s.script.actors))
	for i, a := range s.script.actors {
		group.Go(func() { done[i] = s.act(i, a) })
		if a.hand != noHand {
			group.Go(func() {
				time.Sleep(a.start + a.tries[0].pause*2)
				s.inTurn(
					&run{id: 1000 + i, name: "a person"},
					a.hand.String(),
					func() { s.byHand(a.hand, s.script.releases[a.release]) },
				)
			})
		}
	}
	group.Wait()
	finished, ended = true, true
	for i, a := range s.script.actors {
		finished = finished && done[i] == reached && a.hand == noHand
		ended = ended && done[i] != failed && a.hand != moveLatest && a.hand != publishDraft && a.hand != deleteDraft
	}
	s.inTurn(s.nobody(), "looks for announcements in override", func() {
		for _, which := range s.script.releases {
			finished = finished && !s.inDoubt("v"+which.version)
		}
	})
	return finished, ended
}

// outcome is how it ended with an actor.
type outcome int

const (
	failed  outcome = iota // it tried too often
	gaveUp                 // it can't be done
	reached                // it is done
)

// act tries until it is done.
func (s *sim) act(number int, a actor) outcome {
	which := s.script.releases[a.release]
	if a.rollback && !s.awaitProof(which) {
		return reached // there is nothing to roll back
	}
	time.Sleep(a.start)
	override := publish.NoOverride
	for i, t := range a.tries {
		if s.stopped.Load() {
			return failed
		}
		var err error
		if a.rollback {
			err = s.takeBack(which, 100*(number+1)+i)
		} else {
			override, err = s.attempt(which, t, 100*(number+1)+i, override)
		}
		switch {
		case err == nil && override == publish.NoOverride:
			return reached
		case errors.Is(err, errUnhealthy) && i > 1, err != nil && strings.Contains(err.Error(), "release the next"):
			return gaveUp
		}
		time.Sleep(t.pause)
	}
	return failed
}

// awaitProof waits until the version is recorded as healthy.
func (s *sim) awaitProof(which released) bool {
	for range 800 {
		proven := false
		s.inTurn(s.nobody(), "looks for "+which.version, func() {
			for _, built := range workshop.built[which.version] {
				proven = proven || s.truth.proven[built.Image.Digest]
			}
		})
		if proven {
			return true
		}
		time.Sleep(5 * time.Second)
	}
	return false
}

// attempt returns one run of a release. It gives what a person says of an
// announcement that it left in override.
func (s *sim) attempt(which released, t try, number int, override publish.Override) (publish.Override, error) {
	return s.attemptAs(s.newRun(which.version, number), which, t, override)
}

func (s *sim) attemptAs(r *run, which released, t try, override publish.Override) (publish.Override, error) {
	ctx, kill := context.WithCancelCause(noContext)
	defer kill(nil)
	r.kill = kill
	s.inTurn(r, "begins", func() {
		if override != publish.NoOverride { // a person looks again, and says nothing while another run is under way
			if override = publish.NoOverride; s.truth.active[r.tag] == 0 && s.inDoubt(r.tag) {
				override = s.answer(r.tag)
			}
		}
		s.truth.active[r.tag]++
		s.logf(r, "begins, with build %d, announce=%q", t.edition, override)
	})
	err := s.guarded(r, func() error { return s.release(ctx, r, which, t, override) })
	next := publish.NoOverride
	s.inTurn(r, "ends", func() {
		s.truth.active[r.tag]--
		s.logf(r, "ends: %v", err)
		if s.inDoubt(r.tag) && s.truth.active[r.tag] == 0 {
			next = s.answer(r.tag)
		}
	})
	return next, err
}

// guarded does the work of a run. A panic fails the seed, which then is reported
// with its history.
func (s *sim) guarded(r *run, work func() error) (err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("panic: %v", trouble)
			s.inTurn(r, "panics", func() { s.fail("%s: %v\n%s", r.name, err, debug.Stack()) })
		}
	}()
	return work()
}

// inDoubt reports whether nobody knows if a version was announced.
func (s *sim) inDoubt(tag string) bool {
	v := s.view()
	for _, release := range v.releases[tag] {
		if record, stored := v.record(
			release,
		); stored && record.RolledBack == "" && (record.Announced.State == "posting" ||
			record.Announcements[announce.KindWebhook].State == "posting") {
			return true
		}
	}
	return false
}

func (s *sim) takeBack(which released, number int) error {
	r := s.newRun(which.version, number)
	r.name += " (rollback)"
	ctx, kill := context.WithCancelCause(noContext)
	defer kill(nil)
	r.kill = kill
	s.inTurn(r, "begins", func() { s.truth.active[r.tag]++; s.logf(r, "begins to roll it back") })
	out, _, err := s.open(r, which, 0)
	out.Plan = plan.Plan{
		Version:    which.version,
		Tag:        r.tag,
		Repository: out.Plan.Repository,
	} // what the target rollback knows
	if err == nil {
		err = s.guarded(r, func() error {
			_, err := out.Rollback(ctx, publish.Rollback{Reason: "it loses jobs", Force: "all of them"})
			return err
		})
	}
	s.inTurn(r, "ends", func() { s.truth.active[r.tag]--; s.logf(r, "ends: %v", err) })
	return err
}
