package publish

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// otherStates reads the states of other releases than the one that is being published.
type otherStates struct {
	forge  lister
	states states
	warn   func(format string, args ...any)
}

// stateOf returns the state of the release of a tag; nil when there is none.
func (o otherStates) stateOf(ctx context.Context, tag string) (*State, error) {
	releases, err := o.forge.Releases(ctx)
	if err != nil {
		return nil, err
	}
	return o.stateIn(ctx, releases, tag)
}

// stateIn returns the state of the release of a tag among releases; nil when there is none.
func (o otherStates) stateIn(ctx context.Context, releases []github.Release, tag string) (*State, error) {
	found, err := o.states.read(ctx, tag)
	if err = o.unreadable(err, tag); err != nil || found.state == nil {
		return nil, err
	}
	return found.of(withID(releases, found.state.Release)), nil
}

// rolledBack returns the state of the release of a version, if that was rolled back; else nil.
func (o otherStates) rolledBack(ctx context.Context, v version.Version) (*State, error) {
	state, err := o.stateOf(ctx, v.Tag())
	if err != nil || state == nil || state.RolledBack == "" {
		return nil, err
	}
	return state, nil
}

// readState reads another release's state; nil when it has none, or one that we
// don't know how to read: it was not made by us, or by a newer odin-release.
func (o otherStates) readState(ctx context.Context, release github.Release) (*State, error) {
	state, err := o.states.stored(ctx, release)
	return state, o.unreadable(err, release.Tag)
}

// unreadable warns of a state that we don't know how to read, and is nil then.
func (o otherStates) unreadable(err error, tag string) error {
	if errors.Is(err, errUnreadable) {
		o.warn("%v: %s counts as not proven", err, tag)
		return nil
	}
	return err
}
