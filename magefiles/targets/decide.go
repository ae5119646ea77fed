package targets

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// titlePlan is the title of the step that plans.
const titlePlan = "version and changelog"

// decide returns the plan: it is shown, evaluated and left in dist.
func (g *graph) decide() *step.Step { return g.step("plan", titlePlan, decision{g}) }

// decision is the work of planning, which changes nothing but dist.
type decision struct{ *graph }

// Done tells in a dry run what is planned. Else the plan is always shown.
func (d decision) Done(context.Context) (step.State, error) {
	noted, err := d.planned()
	if err != nil {
		return step.State{Status: step.ToDo}, err
	}
	status := step.ToDo
	if d.options.dry {
		status = step.Done
	}
	return step.State{Status: status, Why: noted.Plan.Tag + ", " + noted.Plan.Source}, nil
}

// Do shows the plan and checks the policy. Where another job of the workflow has
// told of it, only the policy is checked.
func (d decision) Do(ctx context.Context) error {
	r, err := d.release()
	if r == nil {
		return err
	}
	before, _ := savedPlan(d.app)
	noted, _ := d.planned()
	if err := r.Plan.WriteTerminal(d.screen.Out); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	if r.Plan.Dirty {
		d.screen.Log.Warn("the checkout has changes that are not committed: they are part of what is built, " +
			"and it cannot be published")
	}
	noted.Plan = r.Plan
	if err := d.decisions().keepPlan(ctx, noted); err != nil {
		return err
	}
	if d.screen.Actions && before.Same(r.Plan) {
		return errors.Join(r.Plan.Refused(), sameTree(before, r.Plan))
	}
	return d.decisions().evaluate(ctx, r.Plan)
}
