package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

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
