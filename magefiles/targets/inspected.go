package targets

import (
	"context"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// inspected is the state of the repository. A target whose steps do not change the repository reads it
// once.
type inspected struct {
	repo  git.Repo
	state func() (git.State, error) // read once; nil where the repository may change
}

// inspect reads the state of the repository and of the machine, once for all steps of a target. It does
// not wait for the results.
func (p *session) inspect(ctx context.Context) {
	state := sync.OnceValues(func() (git.State, error) { return p.repo.State(ctx) })
	p.inspected.state = state
	p.planner.State = func(context.Context) (git.State, error) { return state() }
	p.planner.Tools = sync.OnceValue(p.place.Backend.Tools.Identities)
	place := p.place
	p.place.Known = sync.OnceValue(func() step.Inputs { return place.Machine(p.planner.Tools()) })
	go func() { _, _ = state() }() // whoever needs it gets the error
	go p.place.Known()
}

// places returns the folders of the repository, which do not change.
func (i *inspected) places(ctx context.Context) (git.Places, error) {
	if i.state != nil {
		if state, _ := i.state(); state.Places.Root != "" {
			return state.Places, nil
		}
	}
	return i.repo.WorkTree().Places(ctx)
}

// address returns the web address of the repository's origin, or "".
func (i *inspected) address(ctx context.Context) (string, error) {
	if i.state != nil {
		if state, err := i.state(); err == nil {
			return plan.WebAddress(state.Origin()), nil
		}
	}
	return plan.Address(ctx, i.repo)
}
