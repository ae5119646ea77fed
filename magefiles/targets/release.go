package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Preflight checks all that a release needs, before anything is built.
// That is credentials and permissions, the tag, the registry, the webhook and
// the docs trigger. It reports all problems at once.
func Preflight(ctx context.Context, tag, allow *string) error {
	return performFor(ctx, tag, allow, nil, nil, func(g *graph) (*step.Step, error) {
		of := g.fromPlan(ctx)
		return g.catalog().planning(of.preflight(of.baseImages)), nil
	})
}

// Release runs all phases of a release, for a tag that was pushed.
// It skips what an earlier run completed, and can be run again at any time, on
// any machine. -dry lists the steps and their state.
func Release(ctx context.Context, tag, allow *string, dry *bool) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := p.decisions().asked(tag, allow)
		if err != nil {
			return err
		}
		return p.release(ctx, options{asked: asked, dry: is(dry)})
	})
}

func (p *session) release(ctx context.Context, asked options) error {
	asked.exact = true
	g := newGraph(ctx, p, asked)
	of := g.fromPlan(ctx)
	if err := g.run(ctx, of.all()); err != nil || asked.dry {
		return err
	}
	return of.releaseTable(ctx)
}

// releaseTable shows the state of the release.
func (p publication) releaseTable(ctx context.Context) error {
	out, _, err := p.what.open()
	if err != nil {
		return err
	}
	found, err := out.Observe(ctx)
	if err != nil {
		return err
	}
	p.screen.Table("", []string{out.Plan.Tag, ""}, out.Outcome(found))
	if found.Release == nil || found.State == nil {
		return nil
	}
	p.screen.Output("version", out.Plan.Version)
	p.screen.Output("url", found.Release.URL)
	if found.State.Image != nil {
		p.screen.Output("digest", found.State.Image.Digest)
	}
	return nil
}
