package targets

import (
	"context"
	"fmt"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// titleApproval is the title of the step in which a person approves a release, and its phase.
const titleApproval = "approval"

// withApproval puts the phase in which a person approves the release before the others, for an
// app that has one. Without one, an approval that is given all the same must be of this release.
func (p publication) withApproval(phases ...*step.Step) []*step.Step {
	title, work := "ask a person ("+p.app.Config.Publish.Approval+")", step.Work(approval{p})
	switch {
	case p.app.Config.Publish.Approval != "":
	case p.options.approve != "":
		title, work = "compare with -approve", act(approval{p}.compare)
	default:
		return phases
	}
	return slices.Insert(phases, 0, p.together(titleApproval, p.step(titleApproval, title, work)))
}

// approval is the work of having a release approved.
type approval struct{ publication }

// Done implements step.Work.
func (a approval) Done(ctx context.Context) (step.State, error) {
	out, _, err := a.what.open()
	if err != nil {
		return step.State{}, err
	}
	found, err := out.Observe(ctx)
	if err != nil {
		return step.State{}, err
	}
	if why := found.Approved(); why != "" {
		return step.State{Status: step.Done, Why: why}, a.sameAs(*found.State)
	}
	return step.State{Status: step.ToDo, Why: "a person approves it"}, nil
}

// Do shows the release, and asks unless the flag -approve has answered. Only what was seen
// healthy can be approved.
func (a approval) Do(ctx context.Context) error {
	out, found, err := a.published(ctx)
	if err != nil {
		return err
	}
	if found.State == nil || !found.State.Proven {
		return fmt.Errorf("%s was not seen healthy yet: there is nothing to approve; run postRelease", out.Plan.Tag)
	}
	review, err := publish.NewReview(out, *found.State, found.State.Healthy)
	if err != nil {
		return err
	}
	if err := a.sameAs(*found.State); err != nil {
		return err
	}
	if a.options.approve != "" {
		a.screen.Log.Infof("%s is approved as %s", out.Plan.Tag, a.options.approve)
		return a.record(ctx, out)
	}
	if err := review.WriteTerminal(a.screen.Out); err != nil {
		return err
	}
	if err := a.outside.approve(ctx, a.session, review); err != nil {
		return err
	}
	return a.record(ctx, out)
}

// compare checks that what the flag -approve names is the published release, for an app whose releases nobody has to
// approve.
func (a approval) compare(ctx context.Context) error {
	out, found, err := a.published(ctx)
	if err != nil {
		return err
	}
	if found.State == nil {
		return fmt.Errorf("%s is not published yet: run publish", out.Plan.Tag)
	}
	return a.sameAs(*found.State)
}

// sameAs refuses another release than what the flag -approve names, if it is given.
func (a approval) sameAs(state publish.State) error {
	if given, is := a.options.approve, state.Approval(); given != "" && given != is {
		return fmt.Errorf("-approve=%s approves something else: %s is %s", given, state.Tag, is)
	}
	return nil
}

// record records who has approved the release.
func (a approval) record(ctx context.Context, out publish.Release) error {
	state, err := publish.Approve(ctx, out, a.outside.approver(ctx, a.session, out))
	if err != nil {
		return fmt.Errorf("record who has approved %s: %w", out.Plan.Tag, err)
	}
	return a.save(state)
}

// approver returns who has approved a release: in GitHub Actions whoever did so in the environment,
// else whoever git knows. That this is not known, as where the token may not look, is no reason to
// fail: GitHub shows it at the run.
func approver(ctx context.Context, p *session, of publish.Release) publish.Approved {
	if !inActions() {
		if who := p.repo.Committer().Who(ctx); who != "" {
			return publish.Approved{By: []string{who}}
		}
		return publish.Approved{}
	}
	found := publish.Approved{Run: runAddress()}
	var err error
	found.By, err = of.GitHub.Code.Approvers(ctx, os.Getenv("GITHUB_RUN_ID"), of.Config.Publish.Approval)
	if err != nil {
		p.screen.Warn("release", fmt.Sprintf("who has approved %s is not recorded, only the run: %v", of.Plan.Tag, err))
	}
	return found
}

// rehearser returns who approves a rehearsal.
func rehearser(context.Context, *session, publish.Release) publish.Approved {
	return publish.Approved{By: []string{"a rehearsal"}}
}

// askApproval asks the person at the terminal. In GitHub Actions, the workflow has asked in an
// environment before it gives -approve.
func askApproval(ctx context.Context, p *session, review publish.Review) error {
	tag := review.Plan.Tag
	switch {
	case inActions() || !term.IsTerminal(int(os.Stdin.Fd())):
		return fmt.Errorf(
			"%s stays a draft: publish.approval wants a person to approve it, and there is no terminal to "+
				"ask; to approve it, run this again with -approve=%s, or remove the draft with discard %s",
			tag,
			review.State.Approval(),
			tag,
		)
	case !p.agrees(ctx, review.Question()):
		return fmt.Errorf("%s was not approved and stays a draft; run this again to be asked again, or remove it with "+
			"discard %s", tag, tag)
	}
	return nil
}

// showApproval shows the question, which a rehearsal answers itself.
func showApproval(_ context.Context, p *session, review publish.Review) error {
	p.screen.Log.Infof("a release would ask: %s", review.Question())
	return nil
}
