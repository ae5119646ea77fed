package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// options are what a target was asked for.
type options struct {
	asked   plan.Asked
	again   bool   // do every step anew
	dry     bool   // show the steps, and do none
	drawn   string // the format to draw the graph in; "" to run it
	update  bool   // remove from baselines what is fixed
	lenient bool   // work on the checkout as it is where no version can be planned
	exact   bool   // reuse only what was made for exactly this commit
	built   bool   // test the image that dist holds
	docs    string // "elsewhere" if another job runs docs.rebuild.command
	verify  string // "elsewhere" if other jobs have verified the images
	approve string // what a person has approved: the digest of the image, or the commit; "" for nothing
}

// graph declares what each target depends on: which steps there are, in
// declare.go, and what each does.
type graph struct {
	*session
	*declared
	options options
	waits   map[*step.Step][]string // titles of what each step waits for
	found

	planned func() (plan.Noted, error)
	release func() (*work.Release, error)
}

func newGraph(ctx context.Context, p *session, asked options) *graph {
	if asked.dry { // a look that gets no answer is an answer
		p.transport = p.outside.optional(p.screen.Log)
	}
	scope := fmt.Sprint(p.app.Root, p.outside.api, asked.asked, asked.again, asked.exact, asked.update)
	g := &graph{session: p, declared: newDeclared(scope), options: asked}
	g.checked, g.results = map[string]checks.Checked{}, map[string]checks.Results{}
	g.steps = step.NewGraph(&observer{session: p, graph: g, works: map[*step.Step]*activity{}})
	if p.jobs > 0 {
		g.steps.Bound(p.jobs)
	}
	g.planned = sync.OnceValues(func() (plan.Noted, error) {
		noted, _, err := p.planner.Decide(ctx, asked.asked, asked.again)
		return noted, err
	})
	g.release = sync.OnceValues(func() (*work.Release, error) { return g.makeRelease(ctx) })
	return g
}

// makeRelease makes the tree that is released. In a workflow, it returns an error if that is not the
// tree of the job that planned it.
func (g *graph) makeRelease(ctx context.Context) (*work.Release, error) {
	noted, err := g.planned()
	if err != nil && g.options.lenient && ctx.Err() == nil {
		noted, err = unplanned(ctx, g.repo, g.screen.Log, err)
	}
	if err != nil {
		return nil, err
	}
	r, err := g.trees.Release(ctx, noted.Plan)
	if err != nil && g.options.lenient && noted.Plan.Version != "" && ctx.Err() == nil {
		if noted, err = unplanned(ctx, g.repo, g.screen.Log, err); err == nil {
			r, err = g.trees.Release(ctx, noted.Plan)
		}
	}
	if err != nil {
		return nil, err
	}
	before, _ := savedPlan(g.app)
	return r, sameTree(before, r.Plan)
}

// unplanned returns a plan without a version, for the checkout as it is. The log says why no version
// can be planned.
func unplanned(ctx context.Context, repo git.Repo, log *logrus.Logger, why error) (plan.Noted, error) {
	head, err := repo.Head(ctx)
	if err != nil { // it may still be a repository, without a commit
		if _, unlisted := repo.WorkTree().Files(ctx); unlisted != nil {
			if errors.Is(err, git.ErrNoRepository) {
				err = fmt.Errorf("%w; checks and suites work on the files that git knows: run git init", err)
			}
			return plan.Noted{}, err
		}
		return plan.Noted{Plan: plan.Plan{Dirty: true}}, nil
	}
	changed, err := repo.WorkTree().Status(ctx)
	log.Infof("no version can be planned here (%v): the files keep theirs", why)
	return plan.Noted{Plan: plan.Plan{Commit: head.Hash, CommitTime: head.Time, Dirty: len(changed) > 0}}, err
}

// act is work that is done each time.
type act func(context.Context) error

func (a act) Done(context.Context) (step.State, error) { return step.State{Status: step.ToDo}, nil }

func (a act) Do(ctx context.Context) error { return a(ctx) }

// perform runs the steps that a target declares.
func perform(ctx context.Context, asked options, declare func(*graph) (*step.Step, error)) error {
	return inApp(ctx, func(ctx context.Context, p *session) error { return performIn(ctx, p, asked, declare) })
}

// performIn is perform for an app that was found.
func performIn(
	ctx context.Context, p *session, asked options, declare func(*graph) (*step.Step, error),
) error {
	// What runs here publishes nothing, so that a recent answer will do.
	p.planner.Registry = sync.OnceValue(func() plan.Registry { return p.lookups().recentLatest(ctx) })
	p.inspect(ctx)
	g := newGraph(ctx, p, asked)
	target, err := declare(g)
	if err != nil {
		return err
	}
	if !asked.dry && asked.drawn == "" {
		go func() { _, _ = p.trees.Open(ctx) }() // while the plan is made; whoever needs it gets the error
	}
	return g.run(ctx, target)
}

// run runs the steps of a target. In a dry run it shows their states instead.
func (g *graph) run(ctx context.Context, target *step.Step) error {
	switch {
	case g.options.drawn != "":
		return step.Draw(ctx, g.screen.Out, target, g.options.drawn)
	case g.options.dry:
		return show(ctx, g, target)
	}
	return g.ensure(ctx, target)
}

// ensure runs the steps of a target, and writes the report of the run. The error of a target with
// several phases names the one that failed.
func (g *graph) ensure(ctx context.Context, target *step.Step) error {
	expect(g.display, g.steps, target)
	g.reporting().findWaits(target)
	err := g.ended(ctx, target, failure(g.app, g.steps, target, g.steps.Ensure(ctx, target)))
	g.reporting().leave(ctx, target, err)
	return err
}

// ended shows how a target ended. It returns the error of the target, nil if it did not fail.
func (g *graph) ended(ctx context.Context, target *step.Step, failed error) error {
	if target.InOrder {
		g.tables().phaseTable(target)
	}
	switch {
	case failed == nil:
		return g.finished(target)
	case !target.InOrder:
		return failed
	}
	for _, phase := range target.Needs {
		outcome, ran := g.steps.Of(phase)
		switch {
		case ran && outcome.State.Is():
		case ran && (outcome.State.Status == step.Interrupted || ctx.Err() != nil):
			return fmt.Errorf("%s was interrupted; run it again at any time", phase.Title)
		case ran && strings.HasPrefix(failed.Error(), phase.Title+" failed"): // preflight says so itself
			return failed
		case ran:
			return fmt.Errorf("%s failed: %w", phase.Title, failed)
		}
	}
	if errors.Is(failed, context.Canceled) {
		return fmt.Errorf("%s was interrupted; run it again at any time", target.Title)
	}
	return failed
}

// finished shows what a target built. After releaseCheck and release it records the tree that passed.
func (g *graph) finished(target *step.Step) error {
	if g.locals[titleFinish] == nil && g.locals[build.StepOf("")] == nil {
		return nil
	}
	r, err := g.release()
	if err != nil {
		return err
	}
	if target.Title != "release" { // which has a table of its own
		g.tables().artifactTable(r.Plan)
	}
	if target.Title == "release" || target.Title == "releaseCheck" {
		return g.tagger().passed(r)
	}
	return nil
}
