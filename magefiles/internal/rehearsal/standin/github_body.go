package standin

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
)

// actor is the owner of the token.
const actor = "release-rehearsal"

// endpoint returns an API address of the repository.
func (g *gitHub) endpoint(format string, args ...any) string {
	return g.api + "/repos/" + g.options.Repository + fmt.Sprintf(format, args...)
}

// page returns a web address of the repository.
func (g *gitHub) page(path string) string { return "https://github.com/" + g.options.Repository + path }

// number returns an id for objects that have none here.
func number(name string) int64 { return int64(crc32.ChecksumIEEE([]byte(strings.ToLower(name)))) }

func (g *gitHub) user(login string) object {
	if g.options.Brief {
		return nil
	}
	api := g.api + "/users/" + login
	return object{
		"login":               login,
		"id":                  number(login),
		"node_id":             node("U", login),
		"gravatar_id":         "",
		"type":                "User",
		"site_admin":          false,
		"avatar_url":          "https://avatars.githubusercontent.com/u/1?v=4",
		"html_url":            "https://github.com/" + login,
		"url":                 api,
		"followers_url":       api + "/followers",
		"following_url":       api + "/following{/other_user}",
		"gists_url":           api + "/gists{/gist_id}",
		"starred_url":         api + "/starred{/owner}{/repo}",
		"subscriptions_url":   api + "/subscriptions",
		"organizations_url":   api + "/orgs",
		"repos_url":           api + "/repos",
		"events_url":          api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
	}
}

// places are the addresses in the description of a repository, by field.
var places = strings.Fields(
	`archive_url=/{archive_format}{/ref} assignees_url=/assignees{/user} blobs_url=/git/blobs{/sha}
	branches_url=/branches{/branch} collaborators_url=/collaborators{/collaborator} comments_url=/comments{/number}
	commits_url=/commits{/sha} compare_url=/compare/{base}...{head} contents_url=/contents/{+path}
	contributors_url=/contributors
	deployments_url=/deployments downloads_url=/downloads events_url=/events forks_url=/forks
	git_commits_url=/git/commits{/sha}
	git_refs_url=/git/refs{/sha} git_tags_url=/git/tags{/sha} hooks_url=/hooks
	issue_comment_url=/issues/comments{/number}
	issue_events_url=/issues/events{/number} issues_url=/issues{/number} keys_url=/keys{/key_id}
	labels_url=/labels{/name}
	languages_url=/languages merges_url=/merges milestones_url=/milestones{/number}
	notifications_url=/notifications{?since,all,participating}
	pulls_url=/pulls{/number} releases_url=/releases{/id} stargazers_url=/stargazers statuses_url=/statuses/{sha}
	subscribers_url=/subscribers
	subscription_url=/subscription tags_url=/tags teams_url=/teams trees_url=/git/trees{/sha}`,
)

func (g *gitHub) getRepository(c *call) (answer, error) {
	body := g.repository(c.PathValue("owner"), c.PathValue("repo"))
	if c.signedIn {
		body["permissions"] = object{"admin": false, "maintain": false, "push": true, "triage": true, "pull": true}
	}
	return answer{status: http.StatusOK, body: body}, nil
}

func (g *gitHub) repository(owner, name string) object {
	full := owner + "/" + name
	api, html := g.api+"/repos/"+full, "https://github.com/"+full
	body := object{
		"id":             number(full),
		"node_id":        node("R", full),
		"name":           name,
		"full_name":      full,
		"owner":          g.user(owner),
		"private":        false,
		"visibility":     "public",
		"html_url":       html,
		"url":            api,
		"description":    nil,
		"fork":           false,
		"homepage":       nil,
		"language":       nil,
		"license":        nil,
		"mirror_url":     nil,
		"archived":       false,
		"disabled":       false,
		"default_branch": g.options.DefaultBranch,
		"clone_url":      html + ".git",
		"git_url":        "git://github.com/" + full + ".git",
		"ssh_url":        "git@github.com:" + full + ".git",
		"svn_url":        html,
		"size":           0,
		"created_at":     "2026-01-01T00:00:00Z",
		"updated_at":     "2026-01-01T00:00:00Z",
		"pushed_at":      "2026-01-01T00:00:00Z",
	}
	for _, field := range []string{"issues", "projects", "wiki", "pages", "discussions", "downloads"} {
		body["has_"+field] = false
	}
	for _, field := range strings.Fields("forks forks_count open_issues open_issues_count stargazers_count " +
		"watchers watchers_count network_count subscribers_count") {
		body[field] = 0
	}
	for _, place := range places {
		field, path, _ := strings.Cut(place, "=")
		body[field] = api + path
	}
	return body
}

// unsigned is the verification of a commit without a signature.
var unsigned = object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}

func (g *gitHub) gitCommitBody(d Commit) object {
	parents := []object{}
	for _, parent := range d.Parents {
		parents = append(
			parents,
			object{
				"sha":      parent,
				"url":      g.endpoint("/git/commits/%s", parent),
				"html_url": g.page("/commit/" + parent),
			},
		)
	}
	return object{
		"sha":      d.Hash,
		"node_id":  node("C", d.Hash),
		"url":      g.endpoint("/git/commits/%s", d.Hash),
		"html_url": g.page("/commit/" + d.Hash),
		"author": signature{
			d.Author,
			d.AuthorMail,
			d.Authored,
		},
		"committer":    signature{d.Committer, d.CommitterMail, d.Committed},
		"tree":         object{"sha": d.Tree, "url": g.endpoint("/git/trees/%s", d.Tree)},
		"message":      d.Message,
		"parents":      parents,
		"verification": unsigned,
	}
}

func (g *gitHub) commitBody(d Commit) object {
	inner := g.gitCommitBody(d)
	parents := inner["parents"]
	for _, field := range []string{"sha", "node_id", "html_url", "parents"} {
		delete(inner, field)
	}
	inner["comment_count"] = 0
	url := g.endpoint("/commits/%s", d.Hash)
	return object{
		"sha":          d.Hash,
		"node_id":      node("C", d.Hash),
		"url":          url,
		"html_url":     g.page("/commit/" + d.Hash),
		"comments_url": url + "/comments",
		"commit":       inner,
		"author":       g.user(actor),
		"committer":    g.user(actor),
		"parents":      parents,
		"stats":        object{"total": 0, "additions": 0, "deletions": 0},
		"files":        []object{},
	}
}

func (g *gitHub) pullBody(c *call, p *pull) object {
	repository := g.repository(g.owner, g.name)
	branch := func(name string) object {
		return object{
			"label": g.owner + ":" + name,
			"ref":   name,
			"sha":   g.commit(c.ctx, "refs/heads/"+name),
			"user":  g.user(g.owner),
			"repo":  repository,
		}
	}
	head, base := branch(p.Head), branch(p.Base)
	url, html := g.endpoint("/pulls/%d", p.Number), g.page(fmt.Sprintf("/pull/%d", p.Number))
	issue, statuses := g.endpoint("/issues/%d", p.Number), g.endpoint("/statuses/%s", head["sha"])
	links := object{
		"self":            url,
		"html":            html,
		"issue":           issue,
		"comments":        issue + "/comments",
		"review_comments": url + "/comments",
		"review_comment":  g.endpoint("/pulls/comments{/number}"),
		"commits":         url + "/commits",
		"statuses":        statuses,
	}
	body := object{
		"id":      p.ID,
		"node_id": node("PR", p.ID),
		"number":  p.Number,
		"state":   p.State,
		"locked":  false,
		"title":   p.Title,
		"body":    p.Body,
		"user": g.user(
			actor,
		),
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

func (g *gitHub) releaseBody(r *release) object {
	tag := r.Tag
	if r.Draft { // a draft has a different address
		tag = fmt.Sprintf("untagged-%x", sha1.Sum(fmt.Append(nil, r.ID)))[:29]
	}
	assets := []object{}
	for _, a := range r.Assets {
		assets = append(assets, g.assetBody(tag, a))
	}
	body := object{
		"id":               r.ID,
		"node_id":          node("RE", r.ID),
		"tag_name":         r.Tag,
		"target_commitish": r.Target,
		"name":             r.Name,
		"body":             r.Body,
		"draft":            r.Draft,
		"prerelease":       r.Prerelease,
		"immutable":        false,
		"created_at":       r.Created,
		"published_at":     r.Published,
		"updated_at":       or(stamp(r.Published), stamp(&r.Created)),
		"author":           g.user(actor),
		"assets":           assets,
		"url":              g.endpoint("/releases/%d", r.ID),
		"assets_url":       g.endpoint("/releases/%d/assets", r.ID),
		"upload_url": fmt.Sprintf(
			"%s/uploads/repos/%s/releases/%d/assets{?name,label}",
			g.api,
			g.options.Repository,
			r.ID,
		),
		"html_url":    g.page("/releases/tag/" + tag),
		"tarball_url": nil,
		"zipball_url": nil,
	}
	if !r.Draft {
		body["tarball_url"], body["zipball_url"] = g.endpoint("/tarball/%s", r.Tag), g.endpoint("/zipball/%s", r.Tag)
	}
	return body
}

func stamp(at *time.Time) json.RawMessage {
	if at == nil {
		return nil
	}
	return json.RawMessage(`"` + at.UTC().Format(time.RFC3339) + `"`)
}

// node returns a GraphQL id, which nobody reads.
func node(kind string, id any) string { return strings.ToUpper(kind) + "_" + fmt.Sprint(id) }
