package targets

import (
	"context"
	"errors"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// publication is the release that phases 5 and 6 publish.
type publication struct {
	*graph
	what *memo
}

// memo opens the release that is published once, and looks at it once before
// anything is done.
type memo struct {
	open   func() (publish.Release, []publish.Check, error)
	look   func() (publish.Found, error)
	checks func() (map[string]verify.Check, error)

	mu      sync.Mutex
	healthy []verify.Health
}

// publicationOf returns the publication of the release that open returns.
func publicationOf(
	ctx context.Context, g *graph, open func() (publish.Release, []publish.Check, error),
) publication {
	what := &memo{open: opened(open)}
	what.look = sync.OnceValues(func() (publish.Found, error) {
		out, _, err := what.open()
		if err != nil {
			return publish.Found{}, err
		}
		return out.Observe(ctx)
	})
	p := publication{g, what}
	what.checks = sync.OnceValues(
		func() (map[string]verify.Check, error) { return verification{p}.platformChecks(ctx) },
	)
	return p
}

// opened is sync.OnceValues for three values.
func opened(
	open func() (publish.Release, []publish.Check, error),
) func() (publish.Release, []publish.Check, error) {
	var problems []publish.Check
	once := sync.OnceValues(func() (out publish.Release, err error) {
		out, problems, err = open()
		return out, err
	})
	return func() (publish.Release, []publish.Check, error) {
		out, err := once()
		return out, problems, err
	}
}

// fromDist returns the publication of what dist holds.
func (g *graph) fromDist(ctx context.Context) publication {
	return publicationOf(
		ctx,
		g,
		func() (publish.Release, []publish.Check, error) {
			out, problems, err := g.delivery().heldByDist(ctx)
			if g.options.docs == elsewhere {
				out.Command = nil
			}
			return out, problems, err
		},
	)
}

// fromPlan returns the publication of the plan, whose notes are in dist by then.
func (g *graph) fromPlan(ctx context.Context) publication {
	return publicationOf(ctx, g, func() (publish.Release, []publish.Check, error) {
		r, err := g.release()
		if err != nil {
			return publish.Release{}, nil, err
		}
		noted, err := g.planned()
		if err != nil {
			return publish.Release{}, nil, err
		}
		return g.delivery().newRelease(r.Plan, []byte(noted.Notes))
	})
}

// published returns the release, and what is there of it now.
func (p publication) published(ctx context.Context) (publish.Release, publish.Found, error) {
	out, _, err := p.what.open()
	if err != nil {
		return out, publish.Found{}, err
	}
	found, err := out.ObservePublished(ctx)
	return out, found, err
}

// postRelease is phase 6.
func (p publication) postRelease(override publish.Override) *step.Step {
	return p.inOrder("postRelease",
		append([]*step.Step{verification{p}.verify()}, p.withApproval(p.promote(), p.notify(override))...)...)
}

// all returns a whole release: the six phases. What an earlier run published is not
// checked and built again.
func (p publication) all() *step.Step {
	phases := []*step.Step{p.catalog().planning(p.preflight(), p.releasableBuilder())}
	checked := p.catalog().andOnImage(p.catalog().lint(), p.catalog().test(), p.catalog().build())
	for _, phase := range append(checked, p.publish()) {
		phases = append(phases, p.unlessPublished(phase))
	}
	phases = append(phases, verification{p}.verify())
	return p.inOrder("release", append(phases, p.withApproval(p.promote(), p.notify(publish.NoOverride))...)...)
}

// unlessPublished returns a phase that is so when all that Publish brings is there.
func (p publication) unlessPublished(phase *step.Step) *step.Step {
	phase.Already = func(context.Context) (step.State, error) {
		out, _, err := p.what.open()
		if err != nil {
			return step.State{}, err
		}
		found, err := p.what.look()
		if err != nil || !found.FullyPublished(out.Plan) {
			return step.State{Status: step.ToDo}, err
		}
		return step.State{Status: step.Done, Why: "done by an earlier run, and published"}, nil
	}
	return phase
}

// preflight checks everything that the release needs on the outside.
func (p publication) preflight(more ...func(context.Context) publish.Check) *step.Step {
	return p.step("plan", "preflight", act(func(ctx context.Context) error {
		out, problems, err := p.what.open()
		if errors.Is(err, errNowhere) {
			return p.delivery().preflight(ctx, out, problems) // fails, with everything else that is missing
		}
		if err != nil {
			return err
		}
		if p.app.Config.Publish.Approval != "" && inActions() {
			more = append(more, func(ctx context.Context) publish.Check {
				return publish.Check{Name: titleApproval, Problem: publish.Approvable(ctx, out)}
			})
		}
		for _, each := range more {
			problems = append(problems, each(ctx))
		}
		problems = append(problems, imageMentions(ctx, p.app.Config, p.repo, p.release))
		if err := p.delivery().preflight(ctx, out, problems); err != nil {
			return err
		}
		if found, err := p.what.look(); err == nil && found.Done(out.Plan) {
			p.screen.Log.Infof("%s is released already: nothing is published again", out.Plan.Tag)
		}
		return nil
	}))
}

// baseImages checks that nothing here, or in dist, has look-alike base images.
func (p publication) baseImages(ctx context.Context) publish.Check {
	out, _, err := p.what.open()
	if err == nil {
		err = p.builder.Unreleasable(ctx, out.Plan)
	}
	return publish.Check{Name: "base images", Problem: err}
}

// releasableBuilder makes sure that there is a builder whose images may be
// released, before any time is spent.
func (p publication) releasableBuilder() *step.Step {
	finding := p.building().findBuilder()
	if p.app.Config.Build.Image.Absent != "" {
		return finding
	}
	group := p.inOrder(
		"builder for a release",
		finding,
		p.step("plan", "base images", act(func(ctx context.Context) error {
			engine, err := p.builder.Engine(ctx)
			if err != nil {
				return err
			}
			return p.builder.Purpose.Check("what the builder "+engine.Builder+" builds", engine.NotForRelease)
		})),
	)
	group.Phase = "plan"
	return p.unlessPublished(group)
}

// save keeps the release state in dist.
func (p publication) save(state publish.State) error {
	return p.app.Save(publish.StateFile, state.JSON())
}

// effects is the work of a phase that consists of effects on the outside.
type effects struct {
	publication
	list func(context.Context, publish.Release) ([]publish.Effect, error)
	do   func(context.Context, publish.Release) (publish.State, error)
}

// Done says that only a look at each of the effects tells.
func (e effects) Done(context.Context) (step.State, error) { return step.State{Status: step.ToDo}, nil }

// Do makes all effects so, in order, and keeps the release state in dist.
func (e effects) Do(ctx context.Context) error {
	out, _, err := e.what.open()
	if err != nil {
		return err
	}
	state, err := e.do(ctx, out)
	if state.Tag == "" {
		return err
	}
	return errors.Join(err, e.save(state))
}

// Parts returns the effects, for a list of what there is to do.
func (e effects) Parts(ctx context.Context) ([]step.Part, error) {
	out, _, err := e.what.open()
	if err != nil {
		return nil, err
	}
	list, err := e.list(ctx, out)
	parts := make([]step.Part, len(list))
	for i, effect := range list {
		parts[i] = effect
	}
	return parts, err
}

// phase returns a phase that consists of effects.
func (p publication) phase(title, what string, work effects) *step.Step {
	work.publication = p
	return p.together(title, p.step(title, what, work))
}

// publish is phase 5.
func (p publication) publish() *step.Step {
	return p.phase("publish", "publish as a draft", effects{
		list: func(ctx context.Context, out publish.Release) ([]publish.Effect, error) {
			built, err := p.delivery().artifacts(ctx, out)
			switch {
			case err != nil && p.options.drawn != "":
				built = expectedArtifacts(p.app)
			case err != nil:
				built = publish.Artifacts{} // it is not built yet
			}
			return out.Publishing(built), nil
		},
		do: func(ctx context.Context, out publish.Release) (publish.State, error) {
			built, err := p.delivery().artifacts(ctx, out)
			if err != nil {
				return publish.State{}, err
			}
			keepPrevious(ctx, p.app, p.screen.Log, out)
			return out.Publish(ctx, built)
		},
	})
}

// promote makes a proven release public.
func (p publication) promote() *step.Step {
	return p.phase("promote", "make it public", effects{
		list: func(_ context.Context, out publish.Release) ([]publish.Effect, error) { return out.Promoting(), nil },
		do: func(ctx context.Context, out publish.Release) (publish.State, error) {
			if err := p.audited(ctx, out); err != nil {
				return publish.State{}, err
			}
			return out.Promote(ctx)
		},
	})
}

// notify notifies others of a release that is public.
func (p publication) notify(override publish.Override) *step.Step {
	return p.phase("notify", "notify others", effects{
		list: func(_ context.Context, out publish.Release) ([]publish.Effect, error) {
			return out.Notifying(override), nil
		},
		do: func(ctx context.Context, out publish.Release) (publish.State, error) {
			return out.Notify(ctx, override)
		},
	})
}
