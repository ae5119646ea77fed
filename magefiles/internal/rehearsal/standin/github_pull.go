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
		"GET /pulls":            s.listPulls,
		"POST /pulls":           s.createPull,
		"PATCH /pulls/{number}": s.closePull,
	}
}

// closePull closes a pull request; nothing else of it can be changed.
func (s pullAPI) closePull(c *call) (answer, error) {
	number, err := c.id("number")
	if err != nil {
		return answer{}, err
	}
	var asked struct {
		State string `json:"state"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	at := slices.IndexFunc(s.ledger.Pulls, func(p *pull) bool { return int64(p.Number) == number })
	switch {
	case at < 0:
		return answer{}, notFound()
	case asked.State != "closed":
		return answer{}, invalid("PullRequest", "state", "invalid", "")
	}
	s.ledger.Pulls[at].State = asked.State
	if err := s.save(); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: s.wholePull(c, s.ledger.Pulls[at])}, nil
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
	p, err := s.asked(c)
	if err != nil {
		return answer{}, err
	}
	p.ID, p.Number, p.State = s.ledger.id(), len(s.ledger.Pulls)+1, "open"
	p.Created = time.Now().UTC().Truncate(time.Second)
	s.ledger.Pulls = append(s.ledger.Pulls, p)
	if err := s.save(); err != nil {
		return answer{}, err
	}
	return answer{
		status: http.StatusCreated,
		body:   s.wholePull(c, p),
		header: http.Header{"Location": {s.site.endpoint("/pulls/%d", p.Number)}},
	}, nil
}

// wholePull returns a pull request with the fields that GitHub omits in lists.
func (s pullAPI) wholePull(c *call, p *pull) object {
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
	return body
}

// asked returns the pull request that a call asks for, or why GitHub refuses it.
func (s pullAPI) asked(c *call) (*pull, error) {
	var asked struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Head  string `json:"head"`
		Base  string `json:"base"`
	}
	if err := c.read(&asked); err != nil {
		return nil, err
	}
	head := strings.TrimPrefix(asked.Head, s.site.owner+":")
	tip, target := s.git.commit(c.ctx, "refs/heads/"+head), s.git.commit(c.ctx, "refs/heads/"+asked.Base)
	switch {
	case asked.Title == "":
		return nil, invalid("PullRequest", "title", "missing_field", "")
	case tip == "":
		return nil, invalid("PullRequest", "head", "invalid", "")
	case target == "":
		return nil, invalid("PullRequest", "base", "invalid", "")
	}
	if s.git.Includes(c.ctx, target, tip) {
		return nil, invalid("PullRequest", "", "custom", "No commits between "+asked.Base+" and "+head)
	}
	same := func(p *pull) bool { return p.Head == head && p.Base == asked.Base && p.State == "open" }
	if slices.ContainsFunc(s.ledger.Pulls, same) {
		reason := "A pull request already exists for " + s.site.owner + ":" + head + "."
		return nil, invalid("PullRequest", "", "custom", reason)
	}
	return &pull{Head: head, Base: asked.Base, Title: asked.Title, Body: asked.Body}, nil
}

func (s pullAPI) pullBody(c *call, p *pull) object {
	head, base := s.side(c, p.Head), s.side(c, p.Base)
	url, html := s.site.endpoint("/pulls/%d", p.Number), s.site.page(fmt.Sprintf("/pull/%d", p.Number))
	issue, statuses := s.site.endpoint("/issues/%d", p.Number), s.site.endpoint("/statuses/%s", head["sha"])
	comments := s.site.endpoint("/pulls/comments{/number}")
	link := func(address string) object { return object{"href": address} }
	return object{
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
		"closed_at":           closedAt(p),
		"merged_at":           nil,
		"merge_commit_sha":    nil,
		"url":                 url,
		"html_url":            html,
		"diff_url":            html + ".diff",
		"patch_url":           html + ".patch",
		"issue_url":           issue,
		"comments_url":        issue + "/comments",
		"review_comments_url": url + "/comments",
		"review_comment_url":  comments,
		"commits_url":         url + "/commits",
		"statuses_url":        statuses,
		"_links": object{
			"self":            link(url),
			"html":            link(html),
			"issue":           link(issue),
			"comments":        link(issue + "/comments"),
			"review_comments": link(url + "/comments"),
			"review_comment":  link(comments),
			"commits":         link(url + "/commits"),
			"statuses":        link(statuses),
		},
	}
}

// side returns a branch that a pull request merges or changes.
func (s pullAPI) side(c *call, branch string) object {
	return object{
		"label": s.site.owner + ":" + branch,
		"ref":   branch,
		"sha":   s.git.commit(c.ctx, "refs/heads/"+branch),
		"user":  s.site.user(s.site.owner),
		"repo":  s.site.repositoryBody(s.site.owner, s.site.name),
	}
}

// closedAt returns when a pull request was closed, or nil while it is open.
func closedAt(p *pull) any {
	if p.State == "open" {
		return nil
	}
	return p.Created
}
