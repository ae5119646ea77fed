package standin

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pull is a pull request between two branches of the repository.
type pull struct {
	ID      int64     `json:"id"`
	Number  int       `json:"number"`
	Head    string    `json:"head"`
	Base    string    `json:"base"`
	Title   string    `json:"title"`
	Body    string    `json:"body"`
	State   string    `json:"state"`
	Created time.Time `json:"created"`
}

func (g *gitHub) listPulls(c *call) (answer, error) {
	query := c.URL.Query()
	state, head, base := cmp.Or(query.Get("state"), "open"), query.Get("head"), query.Get("base")
	bodies := []object{}
	for _, p := range slices.Backward(g.ledger.Pulls) { // newest first
		if (state == "all" || p.State == state) && (head == "" || head == g.owner+":"+p.Head) &&
			(base == "" || base == p.Base) {
			bodies = append(bodies, g.pullBody(c, p))
		}
	}
	cut, header := page(g, c, bodies)
	return answer{status: http.StatusOK, body: cut, header: header}, nil
}

func (g *gitHub) createPull(c *call) (answer, error) {
	var asked struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Head  string `json:"head"`
		Base  string `json:"base"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	head := strings.TrimPrefix(asked.Head, g.owner+":")
	tip, target := g.commit(c.ctx, "refs/heads/"+head), g.commit(c.ctx, "refs/heads/"+asked.Base)
	switch {
	case asked.Title == "":
		return answer{}, invalid("PullRequest", "title", "missing_field", "")
	case tip == "":
		return answer{}, invalid("PullRequest", "head", "invalid", "")
	case target == "":
		return answer{}, invalid("PullRequest", "base", "invalid", "")
	}
	if g.git.Includes(c.ctx, target, tip) {
		return answer{}, invalid("PullRequest", "", "custom", "No commits between "+asked.Base+" and "+head)
	}
	same := func(p *pull) bool { return p.Head == head && p.Base == asked.Base && p.State == "open" }
	if slices.ContainsFunc(g.ledger.Pulls, same) {
		return answer{}, invalid("PullRequest", "", "custom", "A pull request already exists for "+g.owner+":"+head+".")
	}
	p := &pull{
		ID:      g.ledger.id(),
		Number:  len(g.ledger.Pulls) + 1,
		Head:    head,
		Base:    asked.Base,
		Title:   asked.Title,
		Body:    asked.Body,
		State:   "open",
		Created: time.Now().UTC().Truncate(time.Second),
	}
	g.ledger.Pulls = append(g.ledger.Pulls, p)
	if err := g.save(); err != nil {
		return answer{}, err
	}
	body := g.pullBody(c, p)
	maps.Copy(
		body,
		object{
			"merged":                false,
			"mergeable":             true,
			"mergeable_state":       "clean",
			"merged_by":             nil,
			"comments":              0,
			"review_comments":       0,
			"maintainer_can_modify": false,
			"commits":               1,
			"additions":             1,
			"deletions":             1,
			"changed_files":         1,
		},
	)
	return answer{
		status: http.StatusCreated,
		body:   body,
		header: http.Header{"Location": {g.endpoint("/pulls/%d", p.Number)}},
	}, nil
}

// workflow is the file name of the only workflow.
const workflow = "docs.yml"

// workflowID is its id.
const workflowID = "1"

// dispatch accepts a repository_dispatch event
// (https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event).
func (g *gitHub) dispatch(c *call) (answer, error) {
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
	g.ledger.Events = append(g.ledger.Events, dispatchOf(c, asked.Type, "", asked.Payload))
	return answer{status: http.StatusNoContent}, g.save()
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

func (g *gitHub) hasWorkflow(c *call) bool {
	return slices.Contains([]string{workflow, workflowID}, c.PathValue("workflow"))
}

func (g *gitHub) getWorkflow(c *call) (answer, error) {
	if !g.hasWorkflow(c) {
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
			"url":        g.api + strings.TrimSuffix(c.URL.Path, "/"),
			"html_url":   html + "/blob/main" + file,
			"badge_url":  html + "/workflows/Docs/badge.svg",
		},
	}, nil
}

func (g *gitHub) dispatchWorkflow(c *call) (answer, error) {
	var asked struct {
		Ref    string         `json:"ref"`
		Inputs map[string]any `json:"inputs"`
	}
	if !g.hasWorkflow(c) {
		return answer{}, notFound()
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	own := strings.EqualFold(c.PathValue("owner")+"/"+c.PathValue("repo"), g.options.Repository)
	if own && g.anyCommit(c.ctx, strings.TrimPrefix(asked.Ref, "refs/")) == "" || !own && asked.Ref != "main" {
		return answer{}, unprocessable("No ref found for: " + asked.Ref)
	}
	g.ledger.Workflows = append(g.ledger.Workflows, dispatchOf(c, workflow, asked.Ref, asked.Inputs))
	return answer{status: http.StatusNoContent}, g.save()
}
