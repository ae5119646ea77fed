package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Lint runs all checks side by side: ruff, mypy, ESLint, tsc.
// It shows the findings of all of them before it fails. -only=NAME runs one
// check. A check whose files, tools and settings did not change is not run again,
// unless -again is given; -dry only lists which would run. Checks work on a copy
// of the files that git tracks or would track, with the planned version.
func Lint(ctx context.Context, only *string, again, dry *bool) error {
	return everyday(ctx, again, dry, func(g *graph) (*step.Step, error) {
		if only == nil {
			return g.catalog().lint(), nil
		}
		check, err := g.app.Check(*only)
		if err != nil {
			return nil, err
		}
		return g.together("lint", g.checking().check(check)), nil
	})
}

// Test runs all suites side by side: backend unit and integration, frontend, API contract.
// Results are in dist/test as JUnit. -only=NAME runs one suite. -again and -dry
// are as for lint, and so is the copy that suites work on.
func Test(ctx context.Context, only *string, again, dry *bool) error {
	return everyday(ctx, again, dry, func(g *graph) (*step.Step, error) {
		if only == nil {
			return g.catalog().test(), nil
		}
		suite, err := g.app.Suite(*only)
		if err != nil {
			return nil, err
		}
		return g.together("test", g.checking().suite(suite)), nil
	})
}

// Build builds all parts of a release into dist.
// These are the frontend bundle, vendored wheels, OpenAPI spec, SBOM, checksums,
// and the image for all platforms. -again and -dry are as for lint.
func Build(ctx context.Context, tag, allow *string, again, dry *bool) error {
	return performFor(ctx, tag, allow, again, dry, func(g *graph) (*step.Step, error) {
		return g.inOrder("build", g.catalog().planning(g.building().findBuilder()), g.catalog().build()), nil
	})
}

// Assemble joins the parts of the image that image:build -platform=… left in dist/parts.
// It builds all other parts of a release, as build does.
func Assemble(ctx context.Context, tag, allow *string) error {
	return performFor(ctx, tag, allow, nil, nil, func(g *graph) (*step.Step, error) {
		return g.inOrder("assemble", g.catalog().planning(), g.catalog().assemble()), nil
	})
}

// ReleaseCheck runs all phases of a release before publish: plan, lint, test, build.
// It changes no tracked file. -again and -dry are as for lint.
func ReleaseCheck(ctx context.Context, tag, allow *string, again, dry *bool) error {
	return performFor(ctx, tag, allow, again, dry, func(g *graph) (*step.Step, error) {
		return g.inOrder("releaseCheck", g.catalog().beforePublishing()...), nil
	})
}

// everyday runs a target that needs no version: where none can be planned, it
// works on the checkout as it is.
func everyday(ctx context.Context, again, dry *bool, declare func(*graph) (*step.Step, error)) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := p.decisions().asked(nil, nil)
		if err != nil {
			return err
		}
		return p.perform(ctx, options{asked: asked, again: is(again), dry: is(dry), lenient: true}, declare)
	})
}

// is is the value of a flag, false when it was not given.
func is(flag *bool) bool { return flag != nil && *flag }

// performFor is perform for a version.
func performFor(
	ctx context.Context, tag, allow *string, again, dry *bool, declare func(*graph) (*step.Step, error),
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := p.decisions().asked(tag, allow)
		if err != nil {
			return err
		}
		return p.perform(ctx, options{asked: asked, again: is(again), dry: is(dry)}, declare)
	})
}
