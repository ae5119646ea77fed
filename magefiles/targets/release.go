package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Preflight checks all that a release needs, before anything is built.
//
// That is credentials and permissions, the tag, the registry, the webhook and the trigger of the docs. It reports all
// problems at once.
//
// Leaves in dist: preflight.json, plan.json, notes.md
//
// Example: preflight
func Preflight(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
) error {
	return performFor(ctx, tag, allow, nil, nil, func(g *graph) (*step.Step, error) {
		return g.catalog().preflight(ctx), nil
	})
}

// Release runs all phases of a release, for a tag that was pushed.
//
// It needs the credentials of a release, and a container engine. It skips what an earlier run completed, and can be run
// again at any time, on any machine. If publish.approval is set, it asks before the release becomes public.
//
// Leaves in dist: what releaseCheck, publish and postRelease leave, preflight.json
//
// Example: release -dry
func Release(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	approve *string, // do not ask, since a person has approved `DIGEST`, that of the image or, without one, the commit
	dry *bool, // list the steps and their state, and run none
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := requested(tag, allow)
		if err != nil {
			return err
		}
		return runRelease(ctx, p, options{asked: asked, approve: text(approve), dry: is(dry)})
	})
}

// runRelease runs all phases of a release, and shows its state.
func runRelease(ctx context.Context, p *session, asked options) error {
	asked.exact = true
	g := newGraph(ctx, p, asked)
	of := g.fromPlan(ctx)
	if err := g.run(ctx, of.all()); err != nil || asked.dry {
		return err
	}
	out, _, err := of.what.open()
	if err != nil {
		return err
	}
	return releaseTable(ctx, p.screen, out)
}

// releaseTable shows the state of a release, and sets the outputs that describe it.
func releaseTable(ctx context.Context, screen *report.Screen, out publish.Release) error {
	found, err := out.Observe(ctx)
	if err != nil {
		return err
	}
	screen.Table("", []string{out.Plan.Tag, ""}, found.Outcome())
	if found.Release == nil || found.State == nil {
		return nil
	}
	if found.State.Docs == publish.DocsElsewhere {
		screen.Output("docs", elsewhere)
	}
	screen.Output("version", out.Plan.Version)
	screen.Output("url", found.Release.URL)
	if found.State.Image != nil {
		screen.Output("digest", found.State.Image.Digest)
	}
	return nil
}
