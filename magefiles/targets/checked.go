package targets

import (
	"context"
	"fmt"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// passed keeps that all went well for a tree.
func (p *pipeline) passed(r release) error {
	return snapshot.Remember(p.backend.Cache,
		snapshot.Passed{Tag: r.plan.Tag, Tree: r.tree.Hash, Day: r.day, At: time.Now().UTC()})
}

// unchecked tells in words that nothing has passed for the tree that tag is about to make, "" when something has: on
// another day, perhaps, which then stands in the changelog instead.
func (p *pipeline) unchecked(ctx context.Context, decided plan.Plan) (string, error) {
	trees, err := p.trees(ctx)
	if err != nil {
		return "", err
	}
	today := time.Now().UTC()
	tree, err := p.tree(ctx, trees, decided, today)
	if err != nil {
		return "", err
	}
	for _, passed := range snapshot.Recall(p.backend.Cache, decided.Tag) {
		wanted := tree
		if day, err := time.Parse(dayFormat, passed.Day); err == nil && passed.Day != today.Format(dayFormat) {
			if wanted, err = p.tree(ctx, trees, decided, day); err != nil {
				return "", err
			}
		}
		if passed.Tree == wanted.Hash {
			return "", nil
		}
	}
	return fmt.Sprintf("neither releaseCheck nor rehearse has passed for the tree that %s would have (%s): "+
		"run releaseCheck first", decided.Tag, git.Short(tree.Hash)), nil
}

// checksPassed says loudly that nothing has passed for what is about to be tagged. versioning.checks may refuse that.
func (p *pipeline) checksPassed(ctx context.Context, decided plan.Plan) error {
	text, err := p.unchecked(ctx, decided)
	if err != nil || text == "" {
		return err
	}
	return p.enforced(text)
}

// addedByHook says loudly that the commit that is tagged has more than was checked.
func (p *pipeline) addedByHook(files []string) error {
	return p.enforced(
		fmt.Sprintf("the commit changes more than was checked, by a hook perhaps: %s", plan.List(files, 5)),
	)
}

// enforced is an error where versioning.checks says so, and else a warning.
func (p *pipeline) enforced(text string) error {
	if p.app.Config.Versioning.Checks == "enforce" {
		return fmt.Errorf("%s (versioning.checks is enforce)", text)
	}
	p.warn("tag", text)
	return nil
}
