package standin

import (
	"cmp"
	"fmt"
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

// pullAPI serves pull requests (https://docs.github.com/rest/pulls/pulls).
type pullAPI struct{ *backend }

func (s pullAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /pulls":  s.listPulls,
		"POST /pulls": s.createPull,
	}
}

func (s pullAPI) listPulls(c *call) (answer, error) {
	query := c.URL.Query()
	state, head, base := cmp.Or(query.Get("state"), "open"), query.Get("head"), query.Get("base")
	bodies := []object{}
	for _, p := range slices.Backward(s.ledger.Pulls) { // newest first
		if (state == "all" || p.State == state) && (head == "" || head == s.site.owner+":"+p.Head) &&
			(base == "" || base == p.Base) {
			bodies = append(bodies, s.pullBody(c, p))
		}
	}
	cut, header := page(s.site, c, bodies)
	return answer{status: http.StatusOK, body: cut, header: header}, nil
}

func (s pullAPI) createPull(c *call) (answer, error) {
	var asked struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Head  string `json:"head"`
		Base  string `json:"base"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	head := strings.TrimPrefix(asked.Head, s.site.owner+":")
	tip, target := s.git.commit(c.ctx, "refs/heads/"+head), s.git.commit(c.ctx, "refs/heads/"+asked.Base)
	switch {
	case asked.Title == "":
		return answer{}, invalid("PullRequest", "title", "missing_field", "")
	case tip == "":
		return answer{}, invalid("PullRequest", "head", "invalid", "")
	case target == "":
		return answer{}, invalid("PullRequest", "base", "invalid", "")
	}
	if s.git.Includes(c.ctx, target, tip) {
		return answer{}, invalid("PullRequest", "", "custom", "No commits between "+asked.Base+" and "+head)
	}
	same := func(p *pull) bool { return p.Head == head && p.Base == asked.Base && p.State == "open" }
	if slices.ContainsFunc(s.ledger.Pulls, same) {
		reason := "A pull request already exists for " + s.site.owner + ":" + head + "."
		return answer{}, invalid("PullRequest", "", "custom", reason)
	}
	p := &pull{
		ID:      s.ledger.id(),
		Number:  len(s.ledger.Pulls) + 1,
		Head:    head,
		Base:    asked.Base,
		Title:   asked.Title,
		Body:    asked.Body,
		State:   "open",
		Created: time.Now().UTC().Truncate(time.Second),
	}
	s.ledger.Pulls = append(s.ledger.Pulls, p)
	if err := s.save(); err != nil {
		return answer{}, err
	}
	body := s.pullBody(c, p)
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
		header: http.Header{"Location": {s.site.endpoint("/pulls/%d", p.Number)}},
	}, nil
}

func (s pullAPI) pullBody(c *call, p *pull) object {
	repository := s.site.repositoryBody(s.site.owner, s.site.name)
	branch := func(name string) object {
		return object{
			"label": s.site.owner + ":" + name,
			"ref":   name,
			"sha":   s.git.commit(c.ctx, "refs/heads/"+name),
			"user":  s.site.user(s.site.owner),
			"repo":  repository,
		}
	}
	head, base := branch(p.Head), branch(p.Base)
	url, html := s.site.endpoint("/pulls/%d", p.Number), s.site.page(fmt.Sprintf("/pull/%d", p.Number))
	issue, statuses := s.site.endpoint("/issues/%d", p.Number), s.site.endpoint("/statuses/%s", head["sha"])
	links := object{
		"self":            url,
		"html":            html,
		"issue":           issue,
		"comments":        issue + "/comments",
		"review_comments": url + "/comments",
		"review_comment":  s.site.endpoint("/pulls/comments{/number}"),
		"commits":         url + "/commits",
		"statuses":        statuses,
	}
	body := object{
		"id":                  p.ID,
		"node_id":             node("PR", p.ID),
		"number":              p.Number,
		"state":               p.State,
		"locked":              false,
		"title":               p.Title,
		"body":                p.Body,
		"user":                s.site.user(actor),
		"head":                head,
		"base":                base,
		"draft":               false,
		"labels":              []object{},
		"milestone":           nil,
		"assignee":            nil,
		"assignees":           []object{},
		"requested_reviewers": []object{},
		"requested_teams":     []object{},
		"auto_merge":          nil,
		"author_association":  "MEMBER",
		"active_lock_reason":  nil,
		"created_at":          p.Created,
		"updated_at":          p.Created,
		"closed_at":           nil,
		"merged_at":           nil,
		"merge_commit_sha":    nil,
		"url":                 url,
		"html_url":            html,
		"diff_url":            html + ".diff",
		"patch_url":           html + ".patch",
		"issue_url":           issue,
	}
	hrefs := object{}
	for name, link := range links {
		hrefs[name] = object{"href": link}
		if name == "comments" || name == "review_comments" || name == "review_comment" || name == "commits" ||
			name == "statuses" {
			body[name+"_url"] = link
		}
	}
	body["_links"] = hrefs
	return body
}
