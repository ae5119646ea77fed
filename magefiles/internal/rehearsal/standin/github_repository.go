package standin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// repositoryAPI serves the description of repositories, and the events and workflows
// that a release triggers in them.
type repositoryAPI struct{ *backend }

func (s repositoryAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET ":                              s.getRepository,
		"POST /dispatches":                  s.dispatch,
		"GET /actions/workflows/{workflow}": s.getWorkflow,
		"POST /actions/workflows/{workflow}/dispatches": s.dispatchWorkflow,
	}
}

func (s repositoryAPI) getRepository(c *call) (answer, error) {
	body := s.site.repositoryBody(c.PathValue("owner"), c.PathValue("repo"))
	if c.signedIn {
		body["permissions"] = object{"admin": false, "maintain": false, "push": true, "triage": true, "pull": true}
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// workflow is the file name of the only workflow.
const workflow = "docs.yml"

// workflowID is its id.
const workflowID = "1"

// dispatch accepts a repository_dispatch event
// (https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event).
func (s repositoryAPI) dispatch(c *call) (answer, error) {
	var asked struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"client_payload"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if asked.Type == "" || len(asked.Type) > 100 || len(asked.Payload) > 10 {
		return answer{}, unprocessable("Invalid request.\n\nevent_type and client_payload are not within their limits.")
	}
	s.ledger.Events = append(s.ledger.Events, dispatchOf(c, asked.Type, "", asked.Payload))
	return answer{status: http.StatusNoContent}, s.save()
}

// dispatchOf returns a dispatch with its payload in a uniform spelling.
func dispatchOf(c *call, name, ref string, payload map[string]any) Dispatch {
	text := ""
	if len(payload) > 0 {
		data, _ := json.Marshal(payload) // it was JSON
		text = string(data)
	}
	return Dispatch{Repository: c.PathValue("owner") + "/" + c.PathValue("repo"), Name: name, Ref: ref, Payload: text}
}

func hasWorkflow(c *call) bool {
	return slices.Contains([]string{workflow, workflowID}, c.PathValue("workflow"))
}

func (s repositoryAPI) getWorkflow(c *call) (answer, error) {
	if !hasWorkflow(c) {
		return answer{}, notFound()
	}
	file, html := "/.github/workflows/"+workflow, "https://github.com/"+c.PathValue("owner")+"/"+c.PathValue("repo")
	return answer{
		status: http.StatusOK,
		body: object{
			"id":         1,
			"node_id":    node("W", 1),
			"name":       "Docs",
			"path":       file[1:],
			"state":      "active",
			"created_at": "2026-01-01T00:00:00Z",
			"updated_at": "2026-01-01T00:00:00Z",
			"url":        s.site.api + strings.TrimSuffix(c.URL.Path, "/"),
			"html_url":   html + "/blob/main" + file,
			"badge_url":  html + "/workflows/Docs/badge.svg",
		},
	}, nil
}

func (s repositoryAPI) dispatchWorkflow(c *call) (answer, error) {
	var asked struct {
		Ref    string         `json:"ref"`
		Inputs map[string]any `json:"inputs"`
	}
	if !hasWorkflow(c) {
		return answer{}, notFound()
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	own := strings.EqualFold(c.PathValue("owner")+"/"+c.PathValue("repo"), s.site.repository)
	if own && s.git.anyCommit(c.ctx, strings.TrimPrefix(asked.Ref, "refs/")) == "" || !own && asked.Ref != "main" {
		return answer{}, unprocessable("No ref found for: " + asked.Ref)
	}
	s.ledger.Workflows = append(s.ledger.Workflows, dispatchOf(c, workflow, asked.Ref, asked.Inputs))
	return answer{status: http.StatusNoContent}, s.save()
}
