package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/hotfix"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
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
		config, err := os.ReadFile(p.app.Path(app.ConfigFile)) // the base may have none
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
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
		return showNext(p.app, p.screen, begun, config)
	})
}

// showNext shows what to do on the branch of a hotfix, with the configuration that was in use before if its base has
// none.
func showNext(of *app.App, screen *report.Screen, begun hotfix.Begun, before []byte) error {
	with, err := carryConfig(of, screen.Out, begun, before)
	if err != nil {
		return err
	}
	first := "commit the fix here, or cherry-pick it: git cherry-pick -x SHA"
	if len(begun.Picked) > 0 {
		first = fmt.Sprintf("look at what was picked: git diff %s", begun.Base)
	}
	fmt.Fprintf(screen.Out,
		"\nWhat to do next\n  1. %s\n  2. releaseCheck%s, which lints, tests and builds it\n  3. tag%s, which "+
			"makes %s and pushes it; that releases it\n", first, with, with, begun.Tag)
	if with != "" {
		return nil
	}
	if _, err := shared.find(); err != nil {
		screen.Log.Warnf("%s is older than these targets, which may not work there: %v", begun.Base, err)
	}
	return nil
}

// carryConfig returns the flag that gives targets the configuration that was in use before a hotfix began, "" if its
// base has one. A release.yaml that the base does not have is put into dist for that.
func carryConfig(of *app.App, out io.Writer, begun hotfix.Begun, before []byte) (flag string, err error) {
	if of.Elsewhere != "" {
		return " -config=" + run.Quote(of.Elsewhere), nil
	}
	if _, err := os.Stat(of.Path(app.ConfigFile)); before == nil || err == nil {
		return "", nil
	}
	if err := of.Save(app.ConfigFile, before); err != nil {
		return "", err
	}
	file := path.Join(app.DistDir, app.ConfigFile)
	fmt.Fprintf(out, "%s has no %s, so that today's is in %s. To release in GitHub Actions, commit a copy.\n",
		begun.Base, app.ConfigFile, file)
	return " -config=" + file, nil
}
