package publish

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/rank"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// ranking finds the highest release that something may name.
type ranking struct {
	otherStates

	image    string // the name of the image that a tag is of
	registry namer  // of it; nil when the app has no image
}

// lister lists all releases.
type lister interface {
	Releases(ctx context.Context) ([]github.Release, error)
}

// namer looks up what a tag names.
type namer interface {
	Digest(ctx context.Context, tag string) (string, error)
}

// candidate is a release that a moving tag or the badge may name.
type candidate struct {
	version version.Version
	release github.Release
	state   State // zero until it is read
}

// find returns the highest release that a rule allows; nil when there is none. The
// states of others than the highest are read only if need be. With like, the
// release is one with the image exactly if that state has it.
func (r ranking) find(
	ctx context.Context,
	releases []github.Release,
	rule rank.Rule,
	like *State,
) (*candidate, error) {
	var list []candidate
	var facts []rank.Candidate
	for _, release := range releases {
		if v, err := version.ParseLegacyTag(release.Tag); err == nil {
			list = append(list, candidate{version: v, release: release})
			facts = append(facts, rank.Candidate{Version: v, Out: !release.Draft})
		}
	}
	for {
		at, known := rank.Highest(facts, rule)
		if at < 0 || known {
			return atOrNil(list, at), nil
		}
		var err error
		if facts[at].Facts, err = r.facts(ctx, &list[at], rule, like); err != nil {
			return nil, err
		}
	}
}

func atOrNil(list []candidate, at int) *candidate {
	if at < 0 {
		return nil
	}
	return &list[at]
}

// facts reads the state of a candidate, and asks the registry where the rule
// needs it: a promotion that is still under way tags its version first, and one
// that was given up may have lost the tag.
func (r ranking) facts(ctx context.Context, c *candidate, rule rank.Rule, like *State) (*rank.Facts, error) {
	state, err := r.readState(ctx, c.release)
	if err != nil || state == nil {
		return &rank.Facts{}, err
	}
	c.state = *state
	facts := &rank.Facts{Healthy: state.Proven, RolledBack: state.RolledBack != ""}
	if like != nil && (state.image(r.image) != nil) != (like.image(r.image) != nil) {
		facts.Healthy = false // it can't take the place of the other
	}
	if !rule.Named || !facts.Healthy || facts.RolledBack {
		return facts, nil
	}
	image := state.image(r.image)
	if image == nil || r.registry == nil {
		facts.Named = true // it has nothing to be named
		return facts, nil
	}
	digest, err := r.registry.Digest(ctx, state.ImageTag())
	facts.Named = digest == image.Digest
	return facts, err
}

// healthy returns the rule for what a moving tag, or with out GitHub's badge, names.
func healthy(line line, out bool) rank.Rule {
	return rank.Rule{Line: line.with, Healthy: true, Out: out, Named: !out}
}

// highest returns the highest stable release of a line that is recorded as healthy,
// this one included. Only states of higher versions are read.
func (r ranking) highest(ctx context.Context, line line, state State, out bool) (candidate, error) {
	own, err := version.ParseTag(state.Tag)
	if err != nil {
		return candidate{}, err
	}
	releases, err := r.forge.Releases(ctx)
	if err != nil {
		return candidate{}, err
	}
	rule := healthy(line, out)
	rule.Above = &own
	best, err := r.find(ctx, releases, rule, &state)
	if err != nil {
		return candidate{}, err
	}
	if best != nil {
		return *best, nil
	}
	this := candidate{version: own, state: state}
	if at := withID(releases, state.Release); at != nil {
		this.release = *at
	}
	return this, nil
}

// otherThan returns the highest stable release of a line that is recorded as healthy,
// except for one; nil when there is none.
func (r ranking) otherThan(ctx context.Context, line line, state State, out bool) (*candidate, error) {
	own, err := version.ParseTag(state.Tag)
	if err != nil {
		return nil, err
	}
	releases, err := r.forge.Releases(ctx)
	if err != nil {
		return nil, err
	}
	rule := healthy(line, out)
	rule.Except = &own
	return r.find(ctx, releases, rule, &state)
}

// highestOut returns the highest stable release of a line that is out and was not
// rolled back, however it was made, except for one; nil when there is none.
func (r ranking) highestOut(ctx context.Context, line line, except version.Version) (*version.Version, error) {
	return r.out(ctx, rank.Rule{Line: line.with, Out: true, Except: &except})
}

func (r ranking) out(ctx context.Context, rule rank.Rule) (*version.Version, error) {
	releases, err := r.forge.Releases(ctx)
	if err != nil {
		return nil, err
	}
	found, err := r.find(ctx, releases, rule, nil)
	if err != nil || found == nil {
		return nil, err
	}
	return &found.version, nil
}
