package publish

import "context"

// A run may give a moving tag, or GitHub's badge, to a higher release than its own. When that
// one was rolled back since this run looked at it, its rollback may have ended already, and
// nobody else would move on what follows it.

// otherRolledBack returns the state of the release that was given something, if that is another one
// than the run's own and was rolled back; else nil. Promote looks after its own itself.
func (r ranking) otherRolledBack(ctx context.Context, own State, given candidate) (*State, error) {
	if given.version.Tag() == own.Tag {
		return nil, nil
	}
	return r.rolledBack(ctx, given.version)
}

// leaveRolledBack moves the tag on from a release that was rolled back meanwhile.
func (m *moveTag) leaveRolledBack(ctx context.Context) error {
	state, err := m.ranking().otherRolledBack(ctx, m.shared.state, m.target)
	if err != nil || state == nil || state.image(m.image) == nil {
		return err
	}
	move := moveOf(m.line)
	move.Image = m.image
	for _, each := range state.Moved {
		if each.Tag == move.Tag && each.Image == move.Image {
			move = each
		}
	}
	tools := m.shared.tools.about(m.image, m.registry)
	return ensure(ctx, tools.policy, &moveBack{tools: tools, registry: m.registry, move: move, state: *state})
}

// leaveRolledBack takes the badge from a release that was rolled back meanwhile.
func (b *badge) leaveRolledBack(ctx context.Context) error {
	tools := b.shared.tools
	state, err := tools.ranking.otherRolledBack(ctx, b.shared.state, b.target)
	if err != nil || state == nil {
		return err
	}
	return ensure(ctx, tools.policy, &badgeBack{tools: tools, forge: b.forge, state: *state})
}
