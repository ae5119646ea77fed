package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// elsewhere is the value of the flags -docs and -verify, and of the output docs, for what another job does: it runs
// code of the app.
const elsewhere = "elsewhere"

// onlyElsewhere refuses any other value of such a flag.
func onlyElsewhere(flag string, value *string) error {
	if given := text(value); given != "" && given != elsewhere {
		return fmt.Errorf("-%s=%s: the only value is %s", flag, given, elsewhere)
	}
	return nil
}

// RebuildDocs runs docs.rebuild.command, and nothing else of a release.
//
// It needs no credentials. The release workflow runs it in a job that may write nothing, after
// postRelease -docs=elsewhere: the command is code of the app.
//
// Example: rebuildDocs
func RebuildDocs(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		command := p.app.Config.Docs.Rebuild.Command
		if len(command) == 0 {
			return errors.New("docs.rebuild.command is not set: there is nothing to run")
		}
		g := newGraph(ctx, p, options{})
		return g.run(ctx, g.step("notify", "run docs.rebuild.command", act(func(ctx context.Context) error {
			return p.outside.command(ctx, p, command)
		})))
	})
}

// runDocs runs the command that rebuilds the docs site.
func runDocs(ctx context.Context, p *session, args []string) error {
	_, err := p.run.Run(ctx, run.Command{For: "docs", Dir: p.app.Root, Args: args})
	return err
}

// showDocs shows that command. A rehearsal does not run it.
func showDocs(_ context.Context, p *session, args []string) error {
	p.screen.Log.Infof("a release would run: %s", strings.Join(args, " "))
	return nil
}
