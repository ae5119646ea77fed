package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// treeAPI serves trees (https://docs.github.com/rest/git/trees).
type treeAPI struct{ *backend }

func (s treeAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /git/trees/{sha}": s.getTree,
		"POST /git/trees":      s.createTree,
	}
}

func (s treeAPI) getTree(c *call) (answer, error) {
	tree := s.git.Object(c.ctx, c.PathValue("sha"), "tree")
	if commit := s.git.anyCommit(c.ctx, c.PathValue("sha")); commit != "" {
		tree = s.git.Object(c.ctx, commit, "tree")
	}
	if tree == "" {
		return answer{}, notFound()
	}
	return s.treeAnswer(c, tree, c.URL.Query().Get("recursive") != "", http.StatusOK)
}

func (s treeAPI) treeAnswer(c *call, tree string, recursive bool, status int) (answer, error) {
	entries, err := s.git.Tree(c.ctx, tree, recursive)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, e := range entries {
		body := object{
			"path": e.Path,
			"mode": e.Mode,
			"type": e.Kind,
			"sha":  e.Hash,
			"url":  s.site.endpoint("/git/%ss/%s", e.Kind, e.Hash),
		}
		if size, err := strconv.Atoi(e.Size); err == nil {
			body["size"] = size
		}
		bodies = append(bodies, body)
	}
	return answer{
		status: status,
		body:   object{"sha": tree, "url": s.site.endpoint("/git/trees/%s", tree), "tree": bodies, "truncated": false},
	}, nil
}

// leaf is an entry of a tree to be created.
type leaf struct {
	Path    string  `json:"path"`
	Mode    string  `json:"mode"`
	Type    string  `json:"type"`
	SHA     *string `json:"sha"` // null removes the entry
	Content *string `json:"content"`
}

func (s treeAPI) createTree(c *call) (answer, error) {
	var asked struct {
		Base string `json:"base_tree"`
		Tree []leaf `json:"tree"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if len(asked.Tree) == 0 {
		return answer{}, unprocessable("Invalid tree info")
	}
	base := ""
	if asked.Base != "" {
		if base = s.git.Object(c.ctx, asked.Base, "tree"); base == "" {
			return answer{}, notFound()
		}
	}
	changes, err := s.changes(c, asked.Tree)
	if err != nil {
		return answer{}, err
	}
	tree, err := s.git.PutTree(c.ctx, base, changes)
	if err != nil {
		return answer{}, err
	}
	return s.treeAnswer(c, tree, false, http.StatusCreated)
}

// changes returns the changes to a tree, with content stored as blobs.
func (s treeAPI) changes(c *call, entries []leaf) ([]TreeEntry, error) {
	var all []TreeEntry
	for _, e := range entries {
		if e.Path == "" || path.Clean(e.Path) != e.Path || strings.HasPrefix(e.Path, "/") {
			return nil, unprocessable("tree.path contains a malformed path component")
		}
		hash := ""
		switch {
		case e.Content != nil && e.SHA != nil:
			return nil, unprocessable("Must supply either tree.sha or tree.content, not both")
		case e.Content != nil:
			var err error
			if hash, err = s.git.PutBlob(c.ctx, []byte(*e.Content)); err != nil {
				return nil, err
			}
		case e.SHA == nil:
		case !s.git.exists(c.ctx, *e.SHA, cmp.Or(e.Type, "object")):
			return nil, unprocessable(fmt.Sprintf("tree.sha %s is not a valid %s", *e.SHA, cmp.Or(e.Type, "object")))
		default:
			hash = *e.SHA
		}
		all = append(all, TreeEntry{Mode: e.Mode, Kind: "blob", Hash: hash, Path: e.Path})
	}
	return all, nil
}
