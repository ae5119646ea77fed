package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

func (g *gitHub) getTree(c *call) (answer, error) {
	tree := g.git.object(c.ctx, c.PathValue("sha"), "tree")
	if commit := g.git.anyCommit(c.ctx, c.PathValue("sha")); commit != "" {
		tree = g.git.object(c.ctx, commit, "tree")
	}
	if tree == "" {
		return answer{}, notFound()
	}
	return g.treeAnswer(c, tree, c.URL.Query().Get("recursive") != "", http.StatusOK)
}

func (g *gitHub) treeAnswer(c *call, tree string, recursive bool, status int) (answer, error) {
	entries, err := g.git.list(c.ctx, tree, recursive)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, e := range entries {
		body := object{"path": e.path, "mode": e.mode, "type": e.kind, "sha": e.hash, "url": g.endpoint("/git/%ss/%s", e.kind, e.hash)}
		if size, err := strconv.Atoi(e.size); err == nil {
			body["size"] = size
		}
		bodies = append(bodies, body)
	}
	return answer{status: status, body: object{"sha": tree, "url": g.endpoint("/git/trees/%s", tree), "tree": bodies, "truncated": false}}, nil
}

// leaf is one entry of a tree to be made.
type leaf struct {
	Path    string  `json:"path"`
	Mode    string  `json:"mode"`
	Type    string  `json:"type"`
	SHA     *string `json:"sha"` // null takes the entry away
	Content *string `json:"content"`
}

func (g *gitHub) createTree(c *call) (answer, error) {
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
	dir, err := os.MkdirTemp("", "standin-index-*")
	if err != nil {
		return answer{}, err
	}
	defer os.RemoveAll(dir)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	if asked.Base != "" {
		if g.git.object(c.ctx, asked.Base, "tree") == "" {
			return answer{}, notFound()
		}
		if _, err := g.git.command(c.ctx, nil, index, "read-tree", asked.Base); err != nil {
			return answer{}, err
		}
	}
	lines, err := g.leaves(c, asked.Tree)
	if err != nil {
		return answer{}, err
	}
	if _, err := g.git.command(c.ctx, lines, index, "update-index", "-z", "--index-info"); err != nil {
		return answer{}, unprocessable("tree.path contains a malformed path component")
	}
	tree, err := g.git.command(c.ctx, nil, index, "write-tree")
	if err != nil {
		return answer{}, unprocessable("tree.sha does not exist")
	}
	return g.treeAnswer(c, strings.TrimSpace(tree), false, http.StatusCreated)
}

// leaves writes entries as update-index reads them.
func (g *gitHub) leaves(c *call, entries []leaf) ([]byte, error) {
	var lines strings.Builder
	for _, e := range entries {
		if e.Path == "" || path.Clean(e.Path) != e.Path || strings.HasPrefix(e.Path, "/") {
			return nil, unprocessable("tree.path contains a malformed path component")
		}
		mode, hash := e.Mode, ""
		switch {
		case e.Content != nil && e.SHA != nil:
			return nil, unprocessable("Must supply either tree.sha or tree.content, not both")
		case e.Content != nil:
			var err error
			if hash, err = g.blob(c, []byte(*e.Content)); err != nil {
				return nil, err
			}
		case e.SHA == nil:
			mode, hash = "0", strings.Repeat("0", 40)
		case !g.exists(c, *e.SHA, cmp.Or(e.Type, "object")):
			return nil, unprocessable(fmt.Sprintf("tree.sha %s is not a valid %s", *e.SHA, cmp.Or(e.Type, "object")))
		default:
			hash = *e.SHA
		}
		fmt.Fprintf(&lines, "%s %s\t%s\x00", mode, hash, e.Path)
	}
	return []byte(lines.String()), nil
}
