package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// published is what the effects share that follow Publishing: what was there when
// the first of them looked.
type published struct {
	release Release
	tools   tools

	begun bool
	found Found
	state State
	draft github.Release // the release, a draft until it is out
	badge *string        // who has GitHub's badge, once a finished release was asked for it
	moved bool           // this run has moved a tag or the badge
}

// begin looks at what is there, once.
func (p *published) begin(ctx context.Context) error {
	if p.begun {
		return nil
	}
	found, err := look(ctx, p.release, p.tools, true)
	if err != nil {
		return err
	}
	if found.State != nil {
		p.state, p.draft = *found.State, *found.Release
	}
	p.begun, p.found = true, found
	return nil
}

// require looks at what is there, and fails unless Publish brought it.
func (p *published) require(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	if err := p.found.refusal(p.release, ""); err != nil {
		return err
	}
	if !p.found.FullyPublished(p.release.Plan) {
		return fmt.Errorf("%s is not published yet; run publish first", p.release.Plan.Tag)
	}
	return nil
}

// waits returns the state of an effect that can't be done yet, or need not be any
// more; none when it can be.
func (p *published) waits(ctx context.Context) (step.State, error) {
	if err := p.begin(ctx); err != nil {
		return step.State{}, err
	}
	switch {
	case !p.found.FullyPublished(p.release.Plan):
		return toDo("it is not published yet"), nil
	case p.state.RolledBack != "":
		return step.State{Status: step.Absent, Why: "it was rolled back: " + p.state.RolledBack}, nil
	}
	return step.State{}, nil
}

// proven is waits for what needs a healthy release.
func (p *published) proven(ctx context.Context) (step.State, error) {
	state, err := p.waits(ctx)
	if err == nil && state.Status == "" && !p.state.Proven {
		state = toDo("it was not seen healthy yet")
	}
	return state, err
}

// asDraft is proven for what is done to a draft only.
func (p *published) asDraft(ctx context.Context) (step.State, error) {
	state, err := p.proven(ctx)
	if err == nil && state.Status == "" && !p.draft.Draft {
		state = isDone("it is out already")
	}
	return state, err
}

// finished reports whether an earlier run has done everything. What follows the
// highest release was right then: a glance reports whether it still is.
func (p *published) finished() bool { return p.found.Done(p.release.Plan) }

// badgeNow returns the version that has GitHub's badge, and how it compares with this
// one: -1 also when that can't be told. A finished release asks once.
func (p *published) badgeNow(ctx context.Context) (version.Version, int) {
	if p.badge == nil {
		tag, err := p.release.GitHub.Releases.Latest(ctx)
		if err != nil {
			return version.Version{}, -1
		}
		p.badge = &tag
	}
	is, err := version.ParseLegacyTag(*p.badge)
	own, ownErr := version.ParseTag(p.state.Tag)
	if err != nil || ownErr != nil {
		return version.Version{}, -1
	}
	return is, is.Compare(own)
}

func (p *published) body() string { return bodyOf(p.release, p.state, p.draft.Body) }

// undo makes sure that nothing follows a release that was rolled back.
func (p *published) undo(ctx context.Context) error {
	p.tools.warn(
		"%s was rolled back (%s): nothing is promoted; release the next version",
		p.release.Plan.Tag,
		p.state.RolledBack,
	)
	return rollBack(ctx, p.release, p.tools, p.draft, &p.state)
}

// mayMove reports whether moving tags follow a release: prereleases have none.
func mayMove(state State) bool { return !state.Prerelease && state.RolledBack == "" }

// prove is the effect that the release is recorded as healthy.
type prove struct {
	shared  *published
	healthy []verify.Health
}

// Title implements Effect.
func (p *prove) Title() string { return "record that it is healthy" }

// Done implements step.Work.
func (p *prove) Done(ctx context.Context) (step.State, error) {
	if state, err := p.shared.waits(ctx); err != nil || state.Status != "" {
		return state, err
	}
	return doneIf(p.shared.state.Proven, "it was not seen healthy yet"), nil
}

// Do implements step.Work.
func (p *prove) Do(ctx context.Context) error {
	next := p.shared.state
	if err := next.verifiedBy(p.healthy); err != nil {
		return final(err)
	}
	promised, back := p.shared.release.Config.Versioning.Reversible, verify.BackOf(p.healthy)
	if err := Promised(promised, back); err != nil {
		return final(err)
	}
	if why := unproven(promised, back); why != "" {
		p.shared.tools.warn("versioning.reversible promises that users can go back from %s, which is not proven: %s",
			next.Version, why)
	}
	next.Healthy, next.Proven = p.healthy, true
	if mayMove(next) {
		var err error
		if next.Moved, err = tagged(ctx, p.shared.release, next); err != nil {
			return final(err)
		}
		if next.Badge, err = p.shared.release.GitHub.Releases.Latest(ctx); err != nil {
			return final(err)
		}
	}
	if err := p.shared.tools.states.store(ctx, p.shared.draft, &next); err != nil {
		return final(err)
	}
	p.shared.state = next
	return nil
}

// tagged returns what the moving tags name now.
func tagged(ctx context.Context, r Release, state State) ([]Move, error) {
	var moves []Move
	for _, each := range repositoriesOf(r) {
		if state.image(each.Name) == nil {
			continue
		}
		for _, line := range linesOf(r.Plan.Version, r.Config.Publish) {
			now, err := each.Registry.Digest(ctx, line.tag)
			if err != nil {
				return nil, err
			}
			move := moveOf(line)
			move.Image, move.From = each.Name, now
			if now != "" {
				if move.Was, err = each.Registry.Version(ctx, now); err != nil {
					return nil, err
				}
			}
			moves = append(moves, move)
		}
	}
	return moves, nil
}
