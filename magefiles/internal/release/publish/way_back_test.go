package publish_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// yes returns the verdict that users can go back.
func yes(to string) verify.Back { return verify.Back{Verdict: verify.Reversible, To: to} }

// no returns the verdict that they cannot.
func no(to string) verify.Back {
	return verify.Back{Verdict: verify.Irreversible, To: to, Why: "no such column: <name>"}
}

// plays releases a version whose image was seen with a verdict on each platform.
func (s stage) plays(t *testing.T, tag string, back verify.Back) (standin.State, build) {
	t.Helper()
	s.commit(t, "feat: what "+tag+" brings", tag)
	b := s.build(t, tag)
	state, told, err := s.act(t, b, releases(b, back))
	if err != nil {
		t.Fatalf("%s: %v\n%s", tag, err, told)
	}
	return state, b
}

func releases(b build, back verify.Back) func(context.Context, publish.Release) error {
	return func(ctx context.Context, r publish.Release) error {
		published, err := r.Publish(ctx, b.Built)
		if err != nil {
			return err
		}
		var seen []verify.Health
		for _, each := range published.Image.Platforms {
			seen = append(seen, verify.Health{Platform: each.Name, Digest: each.Digest, Back: back})
		}
		if _, err := r.Prove(ctx, seen); err != nil {
			return err
		}
		_, err = r.Promote(ctx)
		return err
	}
}

// rollsBack rolls a release back.
func (s stage) rollsBack(t *testing.T, b build, force string) (standin.State, string, error) {
	t.Helper()
	return s.act(t, b, func(ctx context.Context, r publish.Release) error {
		_, err := r.Rollback(ctx, publish.Rollback{Reason: "it burns", Force: force})
		return err
	})
}

func noteOf(state standin.State, tag string) string {
	at := slices.IndexFunc(state.GitHub.Releases, func(r standin.Release) bool { return r.Tag == tag })
	return state.GitHub.Releases[at].Body
}

func TestNotesTellTheWayBack(t *testing.T) {
	t.Parallel()
	first := verify.Back{Verdict: verify.NoVerdict, Why: "it is the first release"}
	unable := verify.Back{Verdict: verify.NoVerdict, To: "1.7.2", Why: "its own image fails"}
	for back, want := range map[verify.Back]string{
		yes("1.7.2"): "\n## Going back\n\nYou can go back to 1.7.2.\n<!--",
		no("1.7.2"):  "\n\nThere is no way back to 1.7.2 without a backup: no such column: \\<name\\>\n<!--",
		first:        "`\n<!-- odin-release: end of notes",
		unable:       "\n\nWhether you can go back to 1.7.2 is not known: its own image fails\n<!--",
	} {
		t.Run(back.Text(), func(t *testing.T) {
			s := newStage(t)
			state, _ := s.plays(t, "v1.7.3", back)
			if body := noteOf(state, "v1.7.3"); !strings.Contains(body, want) {
				t.Errorf("no %q in\n%s", want, body)
			}
		})
	}
}

// A plan asks what is recorded of the latest release.
func TestLastBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ask := func(b build, tag string, back verify.Back) {
		t.Helper()
		if _, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
			found, is, err := publish.LastBack(ctx, r.GitHub)
			if found != tag || is != back {
				t.Errorf("%q, %+v", found, is)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
	ask(s.build(t, "v1.7.2"), "v1.7.2", verify.Back{}) // of another tool, without a record
	_, b := s.plays(t, "v1.7.3", yes("1.7.2"))
	ask(b, "v1.7.3", yes("1.7.2"))
	_, b = s.plays(t, "v1.7.4", no("1.7.3"))
	ask(b, "v1.7.4", no("1.7.3"))
}

func TestRollbackAsksForTheWayBack(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct {
		back verify.Back
		told string
	}{
		"there is one": {yes("1.7.2"), "1.7.2 works on the data that 1.7.3 has migrated"},
		"no data": {
			verify.Back{Verdict: verify.Dataless}, "the app keeps no data, as v1.7.3 says: 1.7.2 has none to work on",
		},
		"never verified": {
			verify.Back{},
			"WARNING: whether 1.7.2 works on the data of 1.7.3 is not known: v1.7.3 has no verdict",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			_, b := s.plays(t, "v1.7.3", each.back)
			state, told, err := s.rollsBack(t, b, "")
			if err != nil || !strings.Contains(told, each.told) {
				t.Errorf("%v\n%s", err, told)
			}
			wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
		})
	}
}

func TestRollbackWithoutAWayBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before, b := s.plays(t, "v1.7.3", no("1.7.2"))
	state, _, err := s.rollsBack(t, b, " ")
	const refusal = "users would be led back to 1.7.2, and v1.7.3 says that 1.7.2 does not work on the data that it " +
		"has migrated: no such column: <name>; "
	if err == nil || !strings.Contains(err.Error(), refusal) || !strings.Contains(err.Error(), "-force=") {
		t.Error(err)
	}
	if diff := cmp.Diff(before, state); diff != "" {
		t.Errorf("a refused rollback changed something:\n%s", diff)
	}
	state, told, err := s.rollsBack(t, b, "it is worse\nto stay")
	if err != nil || !strings.Contains(told, "WARNING: v1.7.3: There is no way back to 1.7.2 without a backup") {
		t.Errorf("%v\n%s", err, told)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
	const mark = "> [!CAUTION]\n> This release was withdrawn: it burns\n>\n> Do not go back without a backup from " +
		"before the upgrade. It was withdrawn all the same: it is worse to stay\n\n"
	if body := noteOf(state, "v1.7.3"); !strings.HasPrefix(body, mark) {
		t.Error(body)
	}
	if _, told, err = s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err == nil && found.State.Forced != "it is worse to stay" {
			t.Errorf("recorded is %q", found.State.Forced)
		}
		return err
	}); err != nil {
		t.Errorf("%v\n%s", err, told)
	}
	again, _, err := s.rollsBack(t, b, "")
	if diff := cmp.Diff(state, again); err != nil || diff != "" {
		t.Errorf("a second rollback, which needs no force, did something: %v\n%s", err, diff)
	}
}

// Over several releases, each on the way must let users go on down.
func TestRollbackOverSeveral(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct {
		lower, upper verify.Back
		err, told    string
	}{
		"all reversible": {yes("1.7.2"), yes("1.7.3"), "", "1.7.2 works on the data that 1.7.4 has migrated"},
		"the lower one is not": {
			no("1.7.2"), yes("1.7.3"), "led back to 1.7.2, and v1.7.3 says that 1.7.2 does not work", "",
		},
		"the upper one is not": {
			yes("1.7.2"), no("1.7.3"), "led back to 1.7.2, and v1.7.4 says that 1.7.3 does not work", "",
		},
		"one is unknown": {
			verify.Back{}, yes("1.7.3"), "",
			"WARNING: whether 1.7.2 works on the data of 1.7.4 is not known: v1.7.3 has no verdict",
		},
		"the lower one keeps no data": {
			verify.Back{Verdict: verify.Dataless}, yes("1.7.3"), "",
			"the app keeps no data, as v1.7.3 says: 1.7.2 has none to work on",
		},
		"it skips one": {no("1.7.2"), yes("1.7.2"), "", "1.7.2 works on the data that 1.7.4 has migrated"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			_, lower := s.plays(t, "v1.7.3", each.lower)
			_, upper := s.plays(t, "v1.7.4", each.upper)
			// The lower one is rolled back: latest stays, and nobody is led back by that.
			if state, told, err := s.rollsBack(t, lower, ""); err != nil {
				t.Fatalf("%v\n%s", err, told)
			} else {
				wants(t, state, "v1.7.4", map[string]string{"latest": "1.7.4"})
			}
			state, told, err := s.rollsBack(t, upper, "")
			if each.err != "" {
				if err == nil || !strings.Contains(err.Error(), each.err) {
					t.Errorf("%v\n%s", err, told)
				}
				wants(t, state, "v1.7.4", map[string]string{"latest": "1.7.4"})
				return
			}
			if err != nil || !strings.Contains(told, each.told) {
				t.Errorf("%v\n%s", err, told)
			}
			wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
		})
	}
}

// Users of a release that latest has left behind are led up, not down.
func TestRollbackOfWhatIsNotLatest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.plays(t, "v1.7.3", no("1.7.2"))
	s.plays(t, "v1.8.0", yes("1.7.3"))
	state, told, err := s.rollsBack(t, b, "to be sure")
	if err != nil || !strings.Contains(told, "WARNING: -force was not needed") {
		t.Errorf("%v\n%s", err, told)
	}
	wants(t, state, "v1.8.0", map[string]string{"latest": "1.8.0"})
}

func TestPromisedReversible(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Versioning.Reversible = true
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	state, _, err := s.act(t, b, releases(b, no("1.7.2")))
	if !errors.Is(err, publish.ErrIrreversible) || !strings.Contains(err.Error(), "no such column") {
		t.Error(err)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2", "1.7.3": ""})
	if last := state.GitHub.Releases[1]; !last.Draft {
		t.Errorf("%+v", last)
	}
	state, _, err = s.act(t, b, releases(b, yes("1.7.2")))
	if err != nil {
		t.Error(err)
	}
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
}

// Where it was not seen whether users can go back, a warning says that the promise is not proven.
func TestPromisedAndNotProven(t *testing.T) {
	t.Parallel()
	unable := verify.Back{Verdict: verify.NoVerdict, To: "1.7.2", Why: "its own image fails"}
	gone := verify.Back{Verdict: verify.NoVerdict, Why: "the registry has no image of v1.7.2"}
	const warning = "WARNING: versioning.reversible promises that users can go back from 1.7.3, which is not proven: "
	for name, each := range map[string]struct {
		promised bool
		back     verify.Back
		told     string
	}{
		"fails": {true, unable, warning + unable.Why}, "gone": {true, gone, warning + gone.Why},
		"first":        {true, verify.Back{Verdict: verify.NoVerdict, Why: verify.FirstRelease}, ""},
		"proven":       {true, yes("1.7.2"), ""},
		"no data":      {true, verify.Back{Verdict: verify.Dataless}, ""},
		"not promised": {false, unable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.config.Versioning.Reversible = each.promised
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			_, told, err := s.act(t, b, releases(b, each.back))
			if err != nil || !strings.Contains(told, each.told) ||
				each.told == "" && strings.Contains(told, "not proven") {
				t.Errorf("%v, and it does not say %q\n%s", err, each.told, told)
			}
		})
	}
}
