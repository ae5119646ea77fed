package plan

import (
	"context"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// notCommitted is appended to the name of a configuration that is not committed in this form.
const notCommitted = ", which is not committed"

// configuration returns the name of the file with the configuration, and whether it is not committed. It returns ""
// for the committed release.yaml, and for an app without one.
func (r Request) configuration(ctx context.Context, changed []git.Change) (string, error) {
	file := app.ConfigPath(r.App)
	if r.App.Foreign || file == "" {
		return "", nil
	}
	inside := r.App.Rel(file)
	different := slices.ContainsFunc(changed, func(each git.Change) bool { return each.Path == inside })
	if r.App.Elsewhere == "" {
		if different {
			return app.ConfigFile + notCommitted, nil
		}
		return "", nil
	}
	if inside == file || different { // outside of the app
		return r.App.Elsewhere + notCommitted, nil
	}
	tracked, err := r.Repo.WorkTree().Tracked(ctx, inside)
	if err != nil || tracked {
		return r.App.Elsewhere, err
	}
	return r.App.Elsewhere + notCommitted, nil
}
