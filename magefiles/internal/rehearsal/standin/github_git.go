package standin

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// protection is what GitHub says of a push to a branch with the rule that
// changes go through pull requests.
const protection = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"

// firstCommit is the time of a commit without a parent.
const firstCommit = 1767225600 // 2026-01-01

func (g *gitHub) getRef(c *call) (answer, error) {
	return g.refAnswer(c, c.PathValue("ref"), http.StatusOK)
}

func (g *gitHub) refAnswer(c *call, ref string, status int) (answer, error) {
	full := "refs/" + ref
	hash, err := g.git.output(c.ctx, "show-ref", "--verify", "--hash", "--", full)
	if err != nil {
		return answer{}, notFound()
	}
	kind, err := g.git.output(c.ctx, "cat-file", "-t", hash)
	if err != nil {
		return answer{}, err
	}
	header := http.Header{}
	if status == http.StatusCreated {
		header.Set("Location", g.endpoint("/git/%s", full))
	}
	return answer{status: status, header: header, body: object{"ref": full, "node_id": node("REF", full), "url": g.endpoint("/git/%s", full),
		"object": object{"type": kind, "sha": hash, "url": g.endpoint("/git/%ss/%s", kind, hash)}}}, nil
}

func (g *gitHub) createRef(c *call) (answer, error) {
	var asked struct {
		Ref string `json:"ref"`
		SHA string `json:"sha"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	switch {
	case !strings.HasPrefix(asked.Ref, "refs/") || strings.Count(asked.Ref, "/") < 2:
		return answer{}, unprocessable("Reference name must start with 'refs/' and have at least two slashes.")
	case !g.exists(c, asked.SHA, "object"):
		return answer{}, unprocessable("Object does not exist")
	case g.git.object(c.ctx, asked.Ref, "object") != "":
		return answer{}, unprocessable("Reference already exists")
	}
	if _, err := g.git.output(c.ctx, "update-ref", asked.Ref, asked.SHA, ""); err != nil {
		return answer{}, unprocessable("Reference name is not valid")
	}
	return g.refAnswer(c, strings.TrimPrefix(asked.Ref, "refs/"), http.StatusCreated)
}

// exists tells whether a full hash names an object of a kind.
func (g *gitHub) exists(c *call, hash, kind string) bool {
	return len(hash) == 40 && hexadecimal.MatchString(hash) && g.git.object(c.ctx, hash, kind) != ""
}

func (g *gitHub) updateRef(c *call) (answer, error) {
	var asked struct {
		SHA   string `json:"sha"`
		Force bool   `json:"force"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	ref := "refs/" + c.PathValue("ref")
	before := g.git.object(c.ctx, ref, "object")
	switch {
	case before == "":
		return answer{}, unprocessable("Reference does not exist")
	case !g.exists(c, asked.SHA, "commit"):
		return answer{}, unprocessable("Object does not exist")
	case g.options.Protected && ref == "refs/heads/"+g.options.DefaultBranch:
		return answer{}, unprocessable(protection)
	}
	if _, err := g.git.output(c.ctx, "merge-base", "--is-ancestor", before, asked.SHA); err != nil && !asked.Force {
		return answer{}, unprocessable("Update is not a fast forward")
	}
	if _, err := g.git.output(c.ctx, "update-ref", ref, asked.SHA, before); err != nil {
		return answer{}, err
	}
	return g.refAnswer(c, c.PathValue("ref"), http.StatusOK)
}

func (g *gitHub) getBlob(c *call) (answer, error) {
	hash := c.PathValue("sha")
	if !g.exists(c, hash, "blob") {
		return answer{}, notFound()
	}
	content, err := g.git.command(c.ctx, nil, nil, "cat-file", "blob", hash)
	if err != nil {
		return answer{}, err
	}
	if wantsRaw(c) {
		return answer{status: http.StatusOK, raw: []byte(content), media: rawMedia}, nil
	}
	return answer{status: http.StatusOK, body: object{"sha": hash, "node_id": node("B", hash), "size": len(content),
		"url": g.endpoint("/git/blobs/%s", hash), "content": base64.StdEncoding.EncodeToString([]byte(content)), "encoding": "base64"}}, nil
}

func (g *gitHub) createBlob(c *call) (answer, error) {
	var asked struct {
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	content := []byte(asked.Content)
	if asked.Encoding == "base64" {
		var err error
		if content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(asked.Content, "\n", "")); err != nil {
			return answer{}, unprocessable("content is not valid Base64")
		}
	}
	hash, err := g.blob(c, content)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: object{"sha": hash, "url": g.endpoint("/git/blobs/%s", hash)},
		header: http.Header{"Location": {g.endpoint("/git/blobs/%s", hash)}}}, nil
}

func (g *gitHub) blob(c *call, content []byte) (string, error) {
	if content == nil {
		content = []byte{} // nil would be no input at all
	}
	hash, err := g.git.command(c.ctx, content, nil, "hash-object", "-w", "--stdin")
	return strings.TrimSpace(hash), err
}

func (g *gitHub) getGitCommit(c *call) (answer, error) {
	if !g.exists(c, c.PathValue("sha"), "commit") {
		return answer{}, notFound()
	}
	return g.commitAnswer(c, c.PathValue("sha"), http.StatusOK)
}

func (g *gitHub) commitAnswer(c *call, hash string, status int) (answer, error) {
	d, err := g.git.details(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, body: g.gitCommitBody(d)}, nil
}

// signature is who made a commit, and when.
type signature struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Date  time.Time `json:"date"`
}

// createCommit makes a commit. Its time, unless it is given, is a minute after
// its parent's, so that two rehearsals make the same commits.
func (g *gitHub) createCommit(c *call) (answer, error) {
	var asked struct {
		Message   string     `json:"message"`
		Tree      string     `json:"tree"`
		Parents   []string   `json:"parents"`
		Author    *signature `json:"author"`
		Committer *signature `json:"committer"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if asked.Message == "" {
		return answer{}, invalid("Commit", "message", "missing_field", "")
	}
	if !g.exists(c, asked.Tree, "tree") {
		return answer{}, unprocessable("Tree SHA does not exist")
	}
	args, at := []string{"commit-tree", asked.Tree}, time.Unix(firstCommit, 0).UTC()
	for i, parent := range asked.Parents {
		if !g.exists(c, parent, "commit") {
			return answer{}, unprocessable("Parent SHA does not exist or is not a commit object")
		}
		args = append(args, "-p", parent)
		if d, err := g.git.details(c.ctx, parent); err == nil && i == 0 {
			at = d.Committed.Add(time.Minute)
		}
	}
	author := by(asked.Author, signature{actor, actor + "@users.noreply.github.com", at})
	committer := by(asked.Committer, author)
	hash, err := g.git.command(c.ctx, []byte(asked.Message), []string{
		"GIT_AUTHOR_NAME=" + author.Name, "GIT_AUTHOR_EMAIL=" + author.Email, fmt.Sprintf("GIT_AUTHOR_DATE=@%d +0000", author.Date.Unix()),
		"GIT_COMMITTER_NAME=" + committer.Name, "GIT_COMMITTER_EMAIL=" + committer.Email, fmt.Sprintf("GIT_COMMITTER_DATE=@%d +0000", committer.Date.Unix()),
	}, args...)
	if err != nil {
		return answer{}, err
	}
	return g.commitAnswer(c, strings.TrimSpace(hash), http.StatusCreated)
}

func by(given *signature, fallback signature) signature {
	if given == nil {
		return fallback
	}
	if given.Date.IsZero() {
		given.Date = fallback.Date
	}
	return *given
}
