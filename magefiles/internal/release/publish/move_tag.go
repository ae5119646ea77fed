package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// versioned looks up and sets tags, and knows which version an image is.
type versioned interface {
	tagger
	Version(ctx context.Context, digest string) (string, error)
}

// moveTag is the effect that a moving tag names the highest healthy release of its
// line. After moving it, it looks again at both, since another release may have
// done the same.
type moveTag struct {
	shared   *published
	registry versioned
	image    string // its name
	line     line

	now    string    // the digest that the tag names
	target candidate // which it is to name
	seen   *step.State
}

// Title implements Effect.
func (m *moveTag) Title() string { return "move " + m.line.tag + of(m.image) }

func (m *moveTag) ranking() ranking { return m.shared.tools.about(m.image, m.registry).ranking }

// Done implements step.Work.
func (m *moveTag) Done(ctx context.Context) (step.State, error) {
	if m.seen != nil { // Do ended with a look
		return *m.seen, nil
	}
	if state, err := m.shared.proven(ctx); err != nil || state.Status != "" {
		return state, err
	}
	switch state := m.shared.state; {
	case state.image(m.image) == nil:
		return step.State{Status: step.Absent, Why: "the release has no image"}, nil
	case !mayMove(state):
		return step.State{Status: step.Absent, Why: "it is a prerelease"}, nil
	}
	if m.shared.finished() {
		if state, err := m.glance(ctx); err != nil || state.Is() {
			return state, err
		}
	}
	return m.look(ctx)
}

// glance tells, for a release that is finished, whether its tag is still right
// without a look at all other releases: it names the release that has GitHub's
// badge, too, which is this one or a higher one.
func (m *moveTag) glance(ctx context.Context) (step.State, error) {
	now, err := m.registry.Digest(ctx, m.line.tag)
	if err != nil {
		return step.State{}, err
	}
	unknown := toDo("it has to be looked at")
	badge, order := m.shared.badgeNow(ctx)
	switch {
	case order < 0 || !m.line.with(badge):
		return unknown, nil
	case order == 0:
		return doneIf(now == m.shared.state.image(m.image).Digest, unknown.Why), nil
	}
	said, err := m.registry.Version(ctx, now)
	if err != nil || strings.TrimPrefix(said, "v") != badge.String() {
		return unknown, err
	}
	return isDone(fmt.Sprintf("it stays at %s, which is higher", badge)), nil
}

// look looks at the tag and at all releases.
func (m *moveTag) look(ctx context.Context) (step.State, error) {
	var err error
	if m.target, err = m.ranking().highest(ctx, m.line, m.shared.state, false); err != nil {
		return step.State{}, err
	}
	if m.now, err = m.registry.Digest(ctx, m.line.tag); err != nil {
		return step.State{}, err
	}
	if m.now == m.digest() {
		return isDone(fmt.Sprintf("it is %s", m.target.version)), nil
	}
	if why, err := m.stays(ctx); err != nil || why != "" {
		return isDone(why), err
	}
	return toDo(fmt.Sprintf("it is to name %s", m.target.version)), nil
}

// digest returns the one that the tag is to name.
func (m *moveTag) digest() string { return m.target.state.image(m.image).Digest }

// Do implements step.Work.
func (m *moveTag) Do(ctx context.Context) error {
	m.shared.moved = true
	move := func(ctx context.Context, _ int) error {
		to := &retag{m.registry, m.line.tag, m.now, m.digest(), "to " + m.target.version.String(), m.image}
		if err := ensure(ctx, m.shared.tools.policy, to); err != nil {
			return err
		}
		return m.leaveRolledBack(ctx)
	}
	var err error
	m.seen, err = repeat(ctx, move, m.look, "moving "+m.line.tag+of(m.image))
	return err
}

// stays reports why the tag must not move to the target, "" when it may: it names a
// higher release. One that does not say what it is, or was rolled back, counts as
// the highest other release that is out and stands.
func (m *moveTag) stays(ctx context.Context) (string, error) {
	if m.now == "" {
		return "", nil
	}
	said, err := m.registry.Version(ctx, m.now)
	if err != nil {
		return "", err
	}
	ranking := m.ranking()
	is, err := version.ParseStated(said)
	var gone *State
	if err == nil && is.Compare(m.target.version) > 0 {
		if gone, err = ranking.rolledBack(ctx, is); err != nil {
			return "", err
		}
	}
	if err != nil || gone != nil {
		other, err := ranking.highestOut(ctx, m.line, m.target.version)
		if err != nil || other == nil {
			return "", err
		}
		is = *other
	}
	if is.Compare(m.target.version) <= 0 {
		return "", nil
	}
	return fmt.Sprintf("it stays at %s, which is higher than %s", is, m.target.version), nil
}

// retag is the effect that a tag names another image than the one that it names
// now.
type retag struct {
	registry tagger
	tag      string
	now, to  string // digests
	where    string // such as: to 1.8.0
	image    string // its name
}

// Title implements Effect.
func (r *retag) Title() string { return "move " + r.tag + of(r.image) + " " + r.where }

// Done implements step.Work. The tag was moved by us or by another release: who
// needs to know looks again.
func (r *retag) Done(ctx context.Context) (step.State, error) {
	is, err := r.registry.Digest(ctx, r.tag)
	return doneIf(is != r.now, "it names what it did"), err
}

// Do implements step.Work.
func (r *retag) Do(ctx context.Context) error { return r.registry.Tag(ctx, r.tag, r.to) }
