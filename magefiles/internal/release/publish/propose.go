package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// proposer makes branches and pull requests.
type proposer interface {
	Branch(ctx context.Context, name string) (sha string, err error)
	CreateBranch(ctx context.Context, name, sha string) error
	PullRequest(ctx context.Context, head, base string) (*github.PullRequest, error)
	OpenPullRequest(ctx context.Context, head, base, title, body string) (github.PullRequest, error)
}

// propose is the effect that a pull request brings the version to a default branch
// that can't be pushed to.
type propose struct {
	forge           proposer
	tag, to         string // of the release; the branch
	commit, message string

	opened *github.PullRequest
}

// Title implements Effect.
func (p *propose) Title() string { return "propose the version to " + p.to }

// String returns how the version comes to the branch.
func (p *propose) String() string {
	if p.opened == nil {
		return ""
	}
	return fmt.Sprintf("pull request #%d", p.opened.Number)
}

func (p *propose) from() string { return proposalBranch(p.tag) }

// proposalBranch returns the branch that brings the version of a release.
func proposalBranch(tag string) string { return "odin-release/" + tag }

// Done implements step.Work.
func (p *propose) Done(ctx context.Context) (step.State, error) {
	var err error
	p.opened, err = p.forge.PullRequest(ctx, p.from(), p.to)
	return doneIf(p.opened != nil, "there is no pull request"), err
}

// Do implements step.Work.
func (p *propose) Do(ctx context.Context) error {
	there, err := p.forge.Branch(ctx, p.from())
	if err != nil {
		return err
	}
	if there == "" {
		if err := p.forge.CreateBranch(ctx, p.from(), p.commit); err != nil {
			return err
		}
	}
	body := fmt.Sprintf(
		"%s is released. %s can't be pushed to, so this brings its version to the files that carry it.",
		p.tag,
		p.to,
	)
	_, err = p.forge.OpenPullRequest(ctx, p.from(), p.to, p.message, body)
	return err
}
