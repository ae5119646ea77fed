package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// ReleaseCheck does all of a release but publish it: version, lint, test, build.
// No tracked file changes.
func ReleaseCheck(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error { return p.releaseCheck(ctx, tag, allow) })
}

func (p *pipeline) releaseCheck(ctx context.Context, tag, allow *string) error {
	var prepared release
	var built artifacts
	err := p.inOrder(
		ctx,
		phase{"plan", func(ctx context.Context) (err error) {
			if prepared, err = p.prepare(ctx, tag, allow); err != nil {
				return err
			}
			_, err = p.builder(ctx) // before any time is spent on what could not be built
			return err
		}},
		phase{
			"lint",
			func(ctx context.Context) error { return p.stepsInCopy(ctx, prepared, p.app.Config.Checks, lintIn) },
		},
		phase{
			"test",
			func(ctx context.Context) error { return p.stepsInCopy(ctx, prepared, p.app.Config.Suites, testIn) },
		},
		phase{"build", func(ctx context.Context) (err error) { built, err = p.build(ctx, prepared); return err }},
	)
	if err != nil {
		return err
	}
	p.artifactTable(prepared.plan, built)
	return p.passed(prepared)
}

func lintIn(ctx context.Context, p *pipeline, checks []app.Step) error { return p.lint(ctx, checks) }

func testIn(ctx context.Context, p *pipeline, suites []app.Step) error { return p.test(ctx, suites) }

// Preflight checks all that a release needs, before anything is built.
// That is credentials and permissions, the tag, the registry, the webhook and
// the docs trigger. All problems are told at once.
func Preflight(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		decided, err := p.decide(ctx, tag, allow)
		if err != nil {
			return err
		}
		out, problems, err := p.published(decided, nil)
		if err != nil {
			return err
		}
		problems = append(problems, publish.Check{Name: "base images", Problem: p.unreleasable(ctx, decided)})
		return p.timed("preflight", "preflight", func() error { return p.preflight(ctx, out, problems) })
	})
}

// Release does all six phases for a tag that is pushed already.
// Those that an earlier run completed are not done again: it may be run any
// number of times, on any machine.
func Release(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error { return p.release(ctx, tag, allow) })
}

func (p *pipeline) release(ctx context.Context, tag, allow *string) error {
	var prepared release
	var out publish.Release
	var found publish.Found
	unlessWhole := func(work func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			if found.FullyPublished(prepared.plan) {
				return skip("done by an earlier run, and published")
			}
			return work(ctx)
		}
	}
	err := p.inOrder(
		ctx,
		phase{"plan", func(ctx context.Context) (err error) {
			if prepared, err = p.prepare(ctx, tag, allow); err != nil {
				return err
			}
			if out, found, err = p.ready(ctx, prepared); err == nil && found.Done(prepared.plan) {
				p.log.Infof("%s is released already: nothing is published again", prepared.plan.Tag)
			}
			return err
		}},
		phase{
			"lint",
			unlessWhole(
				func(ctx context.Context) error { return p.stepsInCopy(ctx, prepared, p.app.Config.Checks, lintIn) },
			),
		},
		phase{
			"test",
			unlessWhole(
				func(ctx context.Context) error { return p.stepsInCopy(ctx, prepared, p.app.Config.Suites, testIn) },
			),
		},
		phase{"build", unlessWhole(func(ctx context.Context) error {
			if _, err := p.build(ctx, prepared); err != nil {
				return err
			}
			return p.passed(prepared)
		})},
		phase{"publish", unlessWhole(func(ctx context.Context) error { return p.publish(ctx, out) })},
		phase{"verify", func(ctx context.Context) error { return p.verify(ctx, out) }},
		phase{"promote", func(ctx context.Context) error { return p.promote(ctx, out) }},
		phase{"tell", func(ctx context.Context) error { return p.tell(ctx, out, publish.NoOverride) }},
	)
	if err != nil {
		return err
	}
	return p.releaseTable(ctx, out)
}

// ready makes sure that a release can be made before any time is spent on it,
// and tells what is there of it already.
func (p *pipeline) ready(ctx context.Context, prepared release) (publish.Release, publish.Found, error) {
	notes, err := p.notes()
	if err != nil {
		return publish.Release{}, publish.Found{}, err
	}
	out, problems, err := p.published(prepared.plan, notes)
	if err != nil {
		return out, publish.Found{}, err
	}
	if err := p.preflight(ctx, out, problems); err != nil {
		return out, publish.Found{}, err
	}
	found, err := out.Observe(ctx)
	if err != nil || found.FullyPublished(prepared.plan) {
		return out, found, err
	}
	engine, err := p.engine(ctx)
	if err == nil {
		err = p.purpose.Check("what the builder "+engine.Builder+" builds", engine.NotForRelease)
	}
	return out, found, err
}

// releaseTable tells what has become of the release.
func (p *pipeline) releaseTable(ctx context.Context, out publish.Release) error {
	found, err := out.Observe(ctx)
	if err != nil {
		return err
	}
	p.table("", []string{out.Plan.Tag, ""}, out.Outcome(found))
	if found.Release == nil || found.State == nil {
		return nil
	}
	p.output("version", out.Plan.Version)
	p.output("url", found.Release.URL)
	if found.State.Image != nil {
		p.output("digest", found.State.Image.Digest)
	}
	return nil
}
