package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/hotfix"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Hotfix creates the branch of a hotfix, hotfix/v<next patch>, at the latest stable release.
//
// It fetches tags first, and prints what to do next. A commit that conflicts only in the version files and the
// changelog is picked with the version and the changelog of the branch, since tag writes them.
//
// Example: hotfix -from=v1.6.2 -pick=3f2a91c
func Hotfix(
	ctx context.Context,
	from *string, // start at the release `VERSION`, such as v1.6.2
	pick *string, // cherry-pick these `COMMITS`, in that order, with commas between
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		if from != nil && *from == "" {
			return errors.New("-from is empty: give a release, as in -from=v1.6.2, or leave -from out for the latest")
		}
		if pick != nil && *pick == "" {
			return errors.New("-pick is empty: give commits, as in -pick=SHA,SHA, or leave -pick out")
		}
		begun, err := hotfix.Request{
			App: p.app, Scratch: p.scratch, Repo: p.tagger().shared(), From: text(from), Pick: list(text(pick)),
		}.Begin(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.screen.Out, "%s begins at %s, and is checked out.\n", begun.Branch, begun.Base)
		for _, fix := range begun.Picked {
			fmt.Fprintf(p.screen.Out, "picked %s %s\n", git.Short(fix.Commit), changelog.Plain(fix.Subject))
		}
		if len(begun.Kept) > 0 {
			fmt.Fprintf(p.screen.Out, "kept the version and the changelog of %s, which tag writes, in %s\n",
				begun.Base, changelog.Plain(strings.Join(begun.Kept, ", ")))
		}
		first := "commit the fix here, or cherry-pick it: git cherry-pick -x SHA"
		if len(begun.Picked) > 0 {
			first = fmt.Sprintf("look at what was picked: git diff %s", begun.Base)
		}
		fmt.Fprintf(
			p.screen.Out,
			"\nWhat to do next\n  1. %s\n  2. releaseCheck, which lints, tests and builds it\n  3. tag, which "+
				"makes %s and pushes it; that releases it\n",
			first,
			begun.Tag,
		)
		if _, err := app.Find("."); err != nil {
			p.screen.Log.Warnf("%s is older than these targets, which may not work there: %v", begun.Base, err)
		}
		return nil
	})
}
