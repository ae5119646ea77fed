package targets

import (
	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// catalog declares what each target depends on.
type catalog struct{ *graph }

func (g *graph) catalog() catalog { return catalog{g} }

// What each target depends on. A group of steps is made so with mg.CtxDeps or,
// in order, with mg.SerialCtxDeps.

// lint is so when all checks have passed.
func (g catalog) lint() *step.Step {
	return g.together("lint", g.each(g.app.Config.Checks, g.checking().check)...)
}

// test is so when all suites have passed.
func (g catalog) test() *step.Step {
	return g.together("test", g.each(g.app.Config.Suites, g.checking().suite)...)
}

// build is so when dist holds what a release consists of.
func (g catalog) build() *step.Step {
	return g.together("build", g.building().finish(g.building().image()))
}

// assemble is build with an image whose parts were built elsewhere.
func (g catalog) assemble() *step.Step {
	return g.together("build", g.building().finish(g.building().assembled()))
}

// beforePublishing is all of a release but publishing it.
func (g catalog) beforePublishing() []*step.Step {
	return []*step.Step{g.planning(g.building().findBuilder()), g.lint(), g.test(), g.build()}
}

// planning is the first phase: the plan, and what must be there before any time
// is spent.
func (g catalog) planning(before ...*step.Step) *step.Step {
	return g.inOrder("plan", append([]*step.Step{g.decide()}, before...)...)
}

// each makes a step of each entry of release.yaml.
func (g catalog) each(list []app.Step, declare func(app.Step) *step.Step) []*step.Step {
	steps := make([]*step.Step, len(list))
	for i, entry := range list {
		steps[i] = declare(entry)
	}
	return steps
}
