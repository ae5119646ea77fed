package standin

import (
	"fmt"
	"hash/crc32"
	"net"
	"strings"
)

// actor is the owner of the token.
const actor = "release-rehearsal"

// site describes the repository and its objects as GitHub's answers do, with their
// addresses.
type site struct {
	api         string // root of the API, without a final slash
	content     string // root of what downloads are redirected to
	repository  string // owner/name
	owner, name string
	branch      string // the default branch
	brief       bool   // most data about users is omitted
}

// listen sets the address of GitHub. Downloads are redirected to another name of the
// same machine, since GitHub redirects to another host that must not get the token.
func (s *site) listen(address string) {
	s.api = "http://" + address
	_, port, _ := net.SplitHostPort(address)
	s.content = "http://localhost:" + port + "/downloads/"
}

// endpoint returns an API address of the repository.
func (s *site) endpoint(format string, args ...any) string {
	return s.api + "/repos/" + s.repository + fmt.Sprintf(format, args...)
}

// page returns a web address of the repository.
func (s *site) page(path string) string { return "https://github.com/" + s.repository + path }

// number returns an id for objects that have none here.
func number(name string) int64 { return int64(crc32.ChecksumIEEE([]byte(strings.ToLower(name)))) }

// node returns a GraphQL id, which nobody reads.
func node(kind string, id any) string { return strings.ToUpper(kind) + "_" + fmt.Sprint(id) }

func (s *site) user(login string) object {
	if s.brief {
		return nil
	}
	api := s.api + "/users/" + login
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

func (s *site) repositoryBody(owner, name string) object {
	full := owner + "/" + name
	api, html := s.api+"/repos/"+full, "https://github.com/"+full
	body := object{
		"id":             number(full),
		"node_id":        node("R", full),
		"name":           name,
		"full_name":      full,
		"owner":          s.user(owner),
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
		"default_branch": s.branch,
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
