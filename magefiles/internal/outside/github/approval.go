package github

import (
	"context"
	"net/http"
	"slices"
)

// Approvers returns the accounts that have approved an environment for a run of a workflow.
// https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
func (c Code) Approvers(ctx context.Context, run, environment string) ([]string, error) {
	var reviews []struct {
		State        string
		User         struct{ Login string }
		Environments []struct{ Name string }
	}
	if _, err := c.do(ctx, http.MethodGet, c.path("actions/runs/%s/approvals", run), nil, &reviews); err != nil {
		return nil, c.fail(err, actionsRead, "look who has approved the run %s", run)
	}
	var approvers []string
	for _, review := range reviews {
		of := slices.ContainsFunc(
			review.Environments, func(e struct{ Name string }) bool { return e.Name == environment },
		)
		if review.State == "approved" && of && !slices.Contains(approvers, review.User.Login) {
			approvers = append(approvers, review.User.Login)
		}
	}
	return approvers, nil
}
