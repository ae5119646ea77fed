package standin

import (
	"net/http"
	"net/url"
)

// environmentAPI serves deployment environments
// (https://docs.github.com/rest/deployments/environments). Each that is asked for exists,
// and has a reviewer.
type environmentAPI struct{ *backend }

func (s environmentAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /environments/{name}":          s.get,
		"GET /actions/runs/{run}/approvals": s.approvals,
	}
}

// approvals serves who has approved a run: the owner of the token, in the environment production
// (https://docs.github.com/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run).
func (s environmentAPI) approvals(*call) (answer, error) {
	return answer{status: http.StatusOK, body: []object{{
		"state": "approved", "comment": "", "user": s.site.user(actor),
		"environments": []object{{"id": 1, "node_id": node("EN", 1), "name": "production"}},
	}}}, nil
}

func (s environmentAPI) get(c *call) (answer, error) {
	const created = "2026-01-01T00:00:00Z"
	name := c.PathValue("name")
	return answer{status: http.StatusOK, body: object{
		"id":         1,
		"node_id":    node("EN", 1),
		"name":       name,
		"url":        s.site.endpoint("/environments/%s", url.PathEscape(name)),
		"html_url":   s.site.page("/deployments/activity_log?environments_filter=" + url.QueryEscape(name)),
		"created_at": created,
		"updated_at": created,
		"protection_rules": []object{{
			"id": 1, "node_id": node("GA", 1), "type": "required_reviewers", "prevent_self_review": false,
			"reviewers": []object{{"type": "User", "reviewer": s.site.user(actor)}},
		}},
		"deployment_branch_policy": nil,
	}}, nil
}
