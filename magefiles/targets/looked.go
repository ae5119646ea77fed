package targets

import (
	"context"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// look looks at the repository and at the machine, once for all steps of a target, while everything else is prepared.
func (p *session) look(ctx context.Context) {
	p.looked = sync.OnceValues(func() (git.State, error) { return p.repo.State(ctx) })
	p.planner.State = func(context.Context) (git.State, error) { return p.looked() }
	p.planner.Tools = sync.OnceValue(p.place.Backend.Tools.Identities)
	place := p.place
	p.place.Known = sync.OnceValue(func() step.Inputs { return place.Machine(p.planner.Tools()) })
	go func() { _, _ = p.looked() }() // whoever needs it gets the error
	go p.place.Known()
}

// places are those of the repository, which do not change.
func (p *session) places(ctx context.Context) (git.Places, error) {
	if p.looked != nil {
		if state, _ := p.looked(); state.Places.Root != "" {
			return state.Places, nil
		}
	}
	return p.repo.WorkTree().Places(ctx)
}

// address is the web address of the repository's origin, or "".
func (p *session) address(ctx context.Context) (string, error) {
	if p.looked != nil {
		if state, err := p.looked(); err == nil {
			return plan.WebAddress(state.Origin()), nil
		}
	}
	return plan.Address(ctx, p.repo)
}
