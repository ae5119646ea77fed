package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// passed keeps that all went well for a tree.
func (p tagger) passed(r *work.Release) error {
	return snapshot.Remember(p.cache,
		snapshot.Passed{
			Tag: r.Plan.Tag, Tree: r.Tree.Hash, Config: p.configElsewhere(), Day: r.Day, At: time.Now().UTC(),
		})
}

// configElsewhere returns a hash of a configuration that is not the app's release.yaml, else "".
func (p tagger) configElsewhere() string {
	if p.app.Elsewhere == "" {
		return ""
	}
	text, err := json.Marshal(p.app.Config)
	if err != nil { // a configuration has only texts and numbers
		return "unknown"
	}
	return cache.Key(string(text))
}

// unchecked reports in words that nothing has passed for the tree that tag is about to make, "" when something has: on
// another day, perhaps, which then stands in the changelog instead.
func (p tagger) unchecked(ctx context.Context, decided plan.Plan) (string, error) {
	trees, err := p.trees.Open(ctx)
	if err != nil {
		return "", err
	}
	today := time.Now().UTC()
	tree, err := p.trees.Of(ctx, trees, decided, today)
	if err != nil {
		return "", err
	}
	for _, passed := range snapshot.Recall(p.cache, decided.Tag) {
		if passed.Config != p.configElsewhere() {
			continue
		}
		wanted := tree
		if day, err := time.Parse(
			work.DayFormat,
			passed.Day,
		); err == nil &&
			passed.Day != today.Format(work.DayFormat) {
			if wanted, err = p.trees.Of(ctx, trees, decided, day); err != nil {
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
func (p tagger) checksPassed(ctx context.Context, decided plan.Plan) error {
	text, err := p.unchecked(ctx, decided)
	if err != nil || text == "" {
		return err
	}
	return p.enforced(text)
}

// addedByHook says loudly that the commit that is tagged has more than was checked.
func (p tagger) addedByHook(files []string) error {
	return p.enforced(
		fmt.Sprintf("the commit changes more than was checked, by a hook perhaps: %s", plan.List(files, 5)),
	)
}

// enforced returns an error where versioning.checks says so, and else a warning.
func (p tagger) enforced(text string) error {
	if p.app.Config.Versioning.Checks == "enforce" {
		return fmt.Errorf("%s (versioning.checks is enforce)", text)
	}
	p.screen.Warn("tag", text)
	return nil
}
