package github

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// PullRequest is a pull request of the repository.
type PullRequest struct {
	Number int
	URL    string // address of its page
	State  string // "open" or "closed"
}

func pullRequest(found *gh.PullRequest) *PullRequest {
	return &PullRequest{Number: found.GetNumber(), URL: found.GetHTMLURL(), State: found.GetState()}
}

// PullRequest returns the newest pull request, in any state, from the branch head into
// the branch base; nil if there is none.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
func (c Code) PullRequest(ctx context.Context, head, base string) (*PullRequest, error) {
	options := &gh.PullRequestListOptions{
		State: "all", Head: c.repository.Owner + ":" + head, Base: base, Sort: "created", Direction: "desc",
		ListOptions: gh.ListOptions{PerPage: 1},
	}
	found, _, err := c.api.PullRequests.List(ctx, c.repository.Owner, c.repository.Name, options)
	if err != nil {
		return nil, c.fail(err, pullsRead, "get the pull request of %s", head)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return pullRequest(found[0]), nil
}

// OpenPullRequest opens a pull request from the branch head into the branch base.
// https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
func (c Code) OpenPullRequest(ctx context.Context, head, base, title, body string) (PullRequest, error) {
	made, _, err := c.api.PullRequests.Create(ctx, c.repository.Owner, c.repository.Name,
		&gh.NewPullRequest{Title: &title, Head: &head, Base: &base, Body: &body})
	if err != nil {
		return PullRequest{}, c.fail(err, pullsWrite, "open a pull request from %s into %s", head, base)
	}
	return *pullRequest(made), nil
}

// ClosePullRequest closes a pull request. One that is closed or merged stays as it is.
// https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request
func (c Code) ClosePullRequest(ctx context.Context, number int) error {
	closed := "closed"
	_, _, err := c.api.PullRequests.Edit(
		ctx, c.repository.Owner, c.repository.Name, number, &gh.PullRequest{State: &closed})
	if err != nil {
		return c.fail(err, pullsWrite, "close the pull request #%d", number)
	}
	return nil
}
