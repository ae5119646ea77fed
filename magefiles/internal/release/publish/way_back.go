package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Back returns the verdict on going back from the release to the one before it, on all
// platforms.
func (s State) Back() verify.Back { return verify.BackOf(s.Healthy) }

// LastBack returns the verdict on going back from the release that has GitHub's badge, and its
// tag; zero values when there is none, or it has no record.
func LastBack(ctx context.Context, from *github.Client) (tag string, back verify.Back, err error) {
	if tag, err = from.Releases.Latest(ctx); err != nil || tag == "" {
		return "", back, err
	}
	release, err := from.Releases.ReleaseByTag(ctx, tag)
	if err != nil || release == nil {
		return tag, back, err
	}
	state, err := Recorded(ctx, from, *release)
	if err != nil || state == nil {
		return tag, back, err
	}
	return tag, state.Back(), nil
}

// ErrIrreversible means that users could not go back, although the app promises it.
var ErrIrreversible = errors.New("versioning.reversible is set in release.yaml, and this release is not reversible")

// Promised refuses a verdict that breaks the promise of versioning.reversible.
func Promised(reversible bool, back verify.Back) error {
	if !reversible || back.Verdict != verify.Irreversible {
		return nil
	}
	return fmt.Errorf("%w: %s does not work on the data that it has migrated: %s; change the migrations so that it "+
		"does, as by removing a column only one release after the code that uses it, or do not promise it; "+
		"then release the next version", ErrIrreversible, back.To, back.Why)
}

// unproven says why it is not known whether a release keeps the promise of versioning.reversible; "" if it is known,
// or there is no release to go back to.
func unproven(reversible bool, back verify.Back) string {
	if !reversible || back.Verdict != verify.NoVerdict || back.Why == verify.FirstRelease {
		return ""
	}
	return back.Why
}

// backNotes returns the part of the notes that tells users whether they can go back.
func backNotes(state State) string {
	sentence := state.Back().Sentence()
	if sentence == "" {
		return ""
	}
	return "\n## Going back\n\n" + changelog.Escape(sentence) + "\n"
}

// forcedNotes returns the part of the mark of a rolled-back release that warns its users; "" unless
// it was forced.
func forcedNotes(state State) string {
	if state.Forced == "" {
		return ""
	}
	return ">\n> Do not go back without a backup from before the upgrade. It was withdrawn all the same: " +
		changelog.Escape(state.Forced) + "\n"
}

// descent is the way of users from a rolled-back release to the one that they get instead.
type descent struct {
	to      string       // version that a moving tag will name; "" when none moves to a lower one
	blocked *verify.Back // the first step on the way that does not work; nil when there is none
	at      string       // tag of the release that has that verdict, or that has none
	unknown string       // why a step on the way is not known; "" when all are
	kept    bool         // whether the release at keeps data
}

// Rollback is what a person says of a release that is rolled back.
type Rollback struct {
	Reason string // what users read
	Force  string // why it is rolled back even though users cannot go back without a backup; "" to refuse that
}

// descending finds out where a rollback leads users.
type descending struct {
	Release
	tools tools
}

// permit refuses a rollback after which users would be led to a version that does not
// work on their data, unless it is forced. A forced one is recorded.
func (d descending) permit(ctx context.Context, of *State, force string) error {
	way, err := d.descend(ctx, *of)
	if err != nil {
		return err
	}
	force = strings.Join(strings.Fields(force), " ")
	switch {
	case way.blocked != nil && force == "":
		return fmt.Errorf("users would be led back to %s, and %s says that %s does not work on the data that it has "+
			"migrated: %s; release the next version with a correction, or roll it back all the same with "+
			`-force="why", after which they need a backup`, way.to, way.at, way.blocked.To, way.blocked.Why)
	case way.blocked != nil:
		of.Forced = force
		d.Warn("%s: %s", way.at, way.blocked.Sentence())
	case force != "":
		d.Warn("-force was not needed: nothing says that users of %s cannot go back", of.Tag)
	case way.to == "":
	case way.unknown != "":
		d.Warn("whether %s works on the data of %s is not known: %s", way.to, of.Version, way.unknown)
	case !way.kept:
		d.Say("the app keeps no data, as %s says: %s has none to work on", way.at, way.to)
	default:
		d.Say("%s works on the data that %s has migrated", way.to, of.Version)
	}
	return nil
}

// descend follows the verdicts from a release down to the lowest one that a moving tag will
// name in its place. Each release on the way says whether the one before it works on
// its data.
func (d descending) descend(ctx context.Context, state State) (descent, error) {
	to, err := d.lowest(ctx, state)
	if err != nil || to == nil {
		return descent{}, err
	}
	way := descent{to: to.String(), at: state.Tag}
	releases, err := d.tools.ranking.forge.Releases(ctx)
	if err != nil {
		return descent{}, err
	}
	for at := &state; ; {
		way.at = at.Tag
		back := at.Back()
		next, unclear := version.ParseStated(back.To)
		known := back.Verdict == verify.Reversible && unclear == nil
		way.kept = back.Verdict != verify.Dataless
		switch {
		case back.Verdict == verify.Irreversible:
			way.blocked = &back
			return way, nil
		case !way.kept:
			return way, nil
		case !known:
			way.unknown = at.Tag + " has no verdict: " + cmp.Or(back.Why, "it was verified before there were any")
			return way, nil
		case next.Compare(*to) <= 0:
			return way, nil
		}
		if at, err = d.tools.ranking.stateIn(ctx, releases, next.Tag()); err != nil || at == nil {
			way.unknown = next.Tag() + " has no record"
			return way, err
		}
	}
}

// lowest returns the lowest version below its own to which a moving tag that names a release
// will go when that is rolled back; nil when none does.
func (d descending) lowest(ctx context.Context, state State) (*version.Version, error) {
	own, err := version.ParseTag(state.Tag)
	if err != nil || d.Registry == nil || state.Image == nil {
		return nil, err
	}
	var lowest *version.Version
	for _, move := range state.Moved {
		if move.Image != "" {
			continue // what is verified on the data of another version is the app's own image
		}
		now, err := d.Registry.Digest(ctx, move.Tag)
		if err != nil {
			return nil, err
		}
		if now != state.Image.Digest {
			continue
		}
		target, err := d.tools.ranking.standing(ctx, move, state)
		if err != nil {
			return nil, err
		}
		was, unclear := version.ParseStated(target.Was)
		if unclear != nil { // its image does not say: it is the one before, or a lower one
			was, unclear = version.ParseStated(state.Back().To)
		}
		if target.From == "" || unclear != nil || was.Compare(own) >= 0 {
			continue
		}
		if lowest == nil || was.Compare(*lowest) < 0 {
			lowest = &was
		}
	}
	return lowest, nil
}
