package targets

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// catalog declares what each target depends on.
type catalog struct{ *graph }

func (g *graph) catalog() catalog { return catalog{g} }

// What each target depends on. The steps of a group run with mg.CtxDeps or, in order, with
// mg.SerialCtxDeps.

// lint returns the group of all checks.
func (g catalog) lint() *step.Step {
	return g.together("lint", eachEntry(g.app.Config.Checks, g.checking().check)...)
}

// test returns the group of the suites that need no image.
func (g catalog) test() *step.Step {
	return g.together("test", eachEntry(app.OtherSuites(g.app.Config), g.checking().suite)...)
}

// andOnImage appends the phase of the suites that need the image to phases, if there are such suites.
func (g catalog) andOnImage(phases ...*step.Step) []*step.Step {
	if phase := g.checking().onImagePhase(); phase != nil {
		phases = append(phases, phase)
	}
	return phases
}

// testAll returns the group of all suites.
func (g catalog) testAll() *step.Step {
	phases := g.andOnImage(g.test())
	if len(phases) == 1 {
		return phases[0]
	}
	return g.inOrder("all tests", phases...)
}

// build returns the group of the steps that build the parts of a release.
func (g catalog) build() *step.Step {
	return g.together("build", g.building().finish(g.building().images().all()...))
}

// buildAll returns the plan, and then build.
func (g catalog) buildAll() *step.Step {
	return g.inOrder("build", g.planning(g.building().findBuilder()), g.build())
}

// assembleAll is buildAll with an image whose parts were built elsewhere.
func (g catalog) assembleAll() *step.Step {
	return g.inOrder(
		"assemble",
		g.planning(),
		g.together("build", g.building().finish(g.building().images().assembled()...)),
	)
}

// releaseCheck returns all of a release but publishing it.
func (g catalog) releaseCheck() *step.Step {
	phases := g.andOnImage(g.planning(g.building().findBuilder()), g.lint(), g.test(), g.build())
	return g.inOrder("releaseCheck", phases...)
}

// vendor returns the part of build that downloads wheels.
func (g catalog) vendor() *step.Step { return g.together("build", g.building().vendor()) }

// frontend returns the plan, and then the part of build that makes the bundle.
func (g catalog) frontend() *step.Step {
	return g.inOrder("frontend", g.planning(), g.together("build", g.building().frontendBundle()))
}

// imageOf returns the plan, and then the images, or their parts for one platform.
func (g catalog) imageOf(platform *string) *step.Step {
	if platform != nil {
		return g.inOrder("image", g.planning(), g.together("build", g.building().images().parts(*platform)...))
	}
	return g.inOrder(
		"image",
		g.planning(g.building().findBuilder()),
		g.together("build", g.building().images().all()...),
	)
}

// preflight returns the plan, and then a look at all that a release needs.
func (g catalog) preflight(ctx context.Context) *step.Step {
	of := g.fromPlan(ctx)
	return g.planning(of.preflight(of.baseImages))
}

// planning returns the first phase: the plan, and what must be there before any time
// is spent.
func (g catalog) planning(before ...*step.Step) *step.Step {
	return g.inOrder("plan", append([]*step.Step{g.decide()}, before...)...)
}

// eachEntry declares a step for each entry of a list of release.yaml.
func eachEntry(list []app.Step, declare func(app.Step) *step.Step) []*step.Step {
	steps := make([]*step.Step, len(list))
	for i, entry := range list {
		steps[i] = declare(entry)
	}
	return steps
}

// always returns a declaration with an error that is always nil.
func always(declare func() *step.Step) func() (*step.Step, error) {
	return func() (*step.Step, error) { return declare(), nil }
}

// declarations returns the targets that consist of steps, by name.
func (g catalog) declarations(ctx context.Context) map[string]func() (*step.Step, error) {
	declared := map[string]func() (*step.Step, error){
		"lint":           always(g.lint),
		"test":           always(g.testAll),
		"build":          always(g.buildAll),
		"assemble":       always(g.assembleAll),
		"releaseCheck":   always(g.releaseCheck),
		"backend:vendor": always(g.vendor),
		"frontend:build": always(g.frontend),
		"image:build":    always(func() *step.Step { return g.imageOf(nil) }),
		"preflight":      always(func() *step.Step { return g.preflight(ctx) }),
		"publish":        always(func() *step.Step { return g.inOrder("publish", g.fromPlan(ctx).publish()) }),
		"postRelease":    always(func() *step.Step { return g.fromPlan(ctx).postRelease("") }),
		"release":        always(func() *step.Step { return g.fromPlan(ctx).all() }),
	}
	for _, name := range []string{"backend:lint", "backend:typeCheck", "frontend:lint", "frontend:typeCheck"} {
		declared[name] = func() (*step.Step, error) { return g.checking().chosenChecks(&name) }
	}
	for _, name := range []string{"backend:unit", "backend:integration", "backend:contract", "frontend:test"} {
		declared[name] = func() (*step.Step, error) { return g.checking().oneSuite(name) }
	}
	return declared
}

// named returns the steps of the target with that name.
func (g catalog) named(ctx context.Context, target string) (*step.Step, error) {
	declared := g.declarations(ctx)
	declare, known := declared[target]
	if !known {
		return nil, fmt.Errorf(
			"-target=%s is not a target that consists of steps; those are %s",
			target,
			strings.Join(slices.Sorted(maps.Keys(declared)), ", "),
		)
	}
	return declare()
}
