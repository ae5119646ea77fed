package github

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	gh "github.com/google/go-github/v60/github"
)

// Environment is a deployment environment of the repository
// (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments).
type Environment struct {
	Name     string
	Reviewed bool // whether a job that names it waits for the approval of a reviewer
}

// Environment returns the environment with this name, or nil if there is none that the token may see.
// https://docs.github.com/en/rest/deployments/environments#get-an-environment
func (c Code) Environment(ctx context.Context, name string) (*Environment, error) {
	var found gh.Environment
	// go-github's own function does not escape the name.
	_, err := c.do(ctx, http.MethodGet, c.path("environments/%s", url.PathEscape(name)), nil, &found)
	if statusOf(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, c.fail(err, actionsRead, "look at the environment %s", name)
	}
	reviewed := slices.ContainsFunc(found.ProtectionRules, func(rule *gh.ProtectionRule) bool {
		return rule.GetType() == "required_reviewers" && len(rule.Reviewers) > 0
	})
	return &Environment{Name: found.GetName(), Reviewed: reviewed}, nil
}
