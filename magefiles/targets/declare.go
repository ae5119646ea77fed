package targets

import (
	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// What each target depends on. A group of steps is made so with mg.CtxDeps or,
// in order, with mg.SerialCtxDeps.

// lint is so when all checks have passed.
func (g *graph) lint() *step.Step { return g.together("lint", g.each(g.app.Config.Checks, g.check)...) }

// test is so when all suites have passed.
func (g *graph) test() *step.Step { return g.together("test", g.each(g.app.Config.Suites, g.suite)...) }

// build is so when dist holds what a release consists of.
func (g *graph) build() *step.Step { return g.together("build", g.finish(g.image())) }

// assemble is build with an image whose parts were built elsewhere.
func (g *graph) assemble() *step.Step { return g.together("build", g.finish(g.assembled())) }

// checking is all of a release but publishing it.
func (g *graph) checking() []*step.Step {
	return []*step.Step{g.planning(g.findBuilder()), g.lint(), g.test(), g.build()}
}

// planning is the first phase: the plan, and what must be there before any time
// is spent.
func (g *graph) planning(before ...*step.Step) *step.Step {
	return g.inOrder("plan", append([]*step.Step{g.decide()}, before...)...)
}

// each makes a step of each entry of release.yaml.
func (g *graph) each(list []app.Step, declare func(app.Step) *step.Step) []*step.Step {
	steps := make([]*step.Step, len(list))
	for i, entry := range list {
		steps[i] = declare(entry)
	}
	return steps
}
