package standin

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// protection is GitHub's message for a push to a branch with a rule that requires pull
// requests.
const protection = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"

// firstCommit is the time of a commit without a parent.
const firstCommit = 1767225600 // 2026-01-01

// gitAPI serves refs, blobs and commits (https://docs.github.com/rest/git).
type gitAPI struct{ *backend }

func (s gitAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /git/ref/{ref...}":     s.getRef,
		"POST /git/refs":            s.createRef,
		"PATCH /git/refs/{ref...}":  s.updateRef,
		"DELETE /git/refs/{ref...}": s.deleteRef,
		"GET /git/blobs/{sha}":      s.getBlob,
		"POST /git/blobs":           s.createBlob,
		"GET /git/commits/{sha}":    s.getGitCommit,
		"POST /git/commits":         s.createCommit,
	}
}

func (s gitAPI) getRef(c *call) (answer, error) {
	return s.refAnswer(c, c.PathValue("ref"), http.StatusOK)
}

func (s gitAPI) refAnswer(c *call, ref string, status int) (answer, error) {
	full := "refs/" + ref
	hash := s.git.Object(c.ctx, full, "object")
	if hash == "" {
		return answer{}, notFound()
	}
	kind, err := s.git.Kind(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	header := http.Header{}
	if status == http.StatusCreated {
		header.Set("Location", s.site.endpoint("/git/%s", full))
	}
	return answer{
		status: status,
		header: header,
		body: object{"ref": full, "node_id": node("REF", full), "url": s.site.endpoint("/git/%s", full),
			"object": object{"type": kind, "sha": hash, "url": s.site.endpoint("/git/%ss/%s", kind, hash)}},
	}, nil
}

func (s gitAPI) createRef(c *call) (answer, error) {
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
	case !s.git.exists(c.ctx, asked.SHA, "object"):
		return answer{}, unprocessable("Object does not exist")
	case s.git.Object(c.ctx, asked.Ref, "object") != "":
		return answer{}, unprocessable("Reference already exists")
	case s.ledger.burned(asked.Ref):
		return answer{}, unprocessable(restricted)
	}
	if err := s.git.SetRef(c.ctx, asked.Ref, asked.SHA, ""); err != nil {
		return answer{}, unprocessable("Reference name is not valid")
	}
	return s.refAnswer(c, strings.TrimPrefix(asked.Ref, "refs/"), http.StatusCreated)
}

func (s gitAPI) updateRef(c *call) (answer, error) {
	var asked struct {
		SHA   string `json:"sha"`
		Force bool   `json:"force"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	ref := "refs/" + c.PathValue("ref")
	before := s.git.Object(c.ctx, ref, "object")
	switch {
	case before == "":
		return answer{}, unprocessable("Reference does not exist")
	case !s.git.exists(c.ctx, asked.SHA, "commit"):
		return answer{}, unprocessable("Object does not exist")
	case s.locked(ref):
		return answer{}, unprocessable(restricted)
	case s.protected && ref == "refs/heads/"+s.site.branch:
		return answer{}, unprocessable(protection)
	}
	if !asked.Force && !s.git.Includes(c.ctx, asked.SHA, before) {
		return answer{}, unprocessable("Update is not a fast forward")
	}
	if err := s.git.SetRef(c.ctx, ref, asked.SHA, before); err != nil {
		return answer{}, err
	}
	return s.refAnswer(c, c.PathValue("ref"), http.StatusOK)
}

// deleteRef deletes a ref. That also closes the pull requests of a branch.
func (s gitAPI) deleteRef(c *call) (answer, error) {
	ref := "refs/" + c.PathValue("ref")
	before := s.git.Object(c.ctx, ref, "object")
	switch {
	case before == "":
		return answer{}, unprocessable("Reference does not exist")
	case s.locked(ref):
		return answer{}, unprocessable(restricted)
	case ref == "refs/heads/"+s.site.branch:
		return answer{}, unprocessable("Cannot delete the default branch")
	}
	if err := s.git.SetRef(c.ctx, ref, "", before); err != nil {
		return answer{}, err
	}
	for _, p := range s.ledger.Pulls {
		if "refs/heads/"+p.Head == ref {
			p.State = "closed"
		}
	}
	return answer{status: http.StatusNoContent}, s.save()
}

func (s gitAPI) getBlob(c *call) (answer, error) {
	hash := c.PathValue("sha")
	if !s.git.exists(c.ctx, hash, "blob") {
		return answer{}, notFound()
	}
	content, err := s.git.Blob(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	if wantsRaw(c) {
		return answer{status: http.StatusOK, raw: content, media: rawMedia}, nil
	}
	return answer{status: http.StatusOK, body: object{
		"sha":      hash,
		"node_id":  node("B", hash),
		"size":     len(content),
		"url":      s.site.endpoint("/git/blobs/%s", hash),
		"content":  base64.StdEncoding.EncodeToString(content),
		"encoding": "base64",
	}}, nil
}

func (s gitAPI) createBlob(c *call) (answer, error) {
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
	hash, err := s.git.PutBlob(c.ctx, content)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: object{"sha": hash, "url": s.site.endpoint("/git/blobs/%s", hash)},
		header: http.Header{"Location": {s.site.endpoint("/git/blobs/%s", hash)}}}, nil
}

func (s gitAPI) getGitCommit(c *call) (answer, error) {
	if !s.git.exists(c.ctx, c.PathValue("sha"), "commit") {
		return answer{}, notFound()
	}
	return s.commitAnswer(c, c.PathValue("sha"), http.StatusOK)
}

func (s gitAPI) commitAnswer(c *call, hash string, status int) (answer, error) {
	d, err := s.git.Commit(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, body: s.site.gitCommitBody(d)}, nil
}

// signature is the author of a commit, with the time.
type signature struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Date  time.Time `json:"date"`
}

// createCommit creates a commit. Its default time is a minute after its parent's, so two rehearsals create the same
// commits.
func (s gitAPI) createCommit(c *call) (answer, error) {
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
	if !s.git.exists(c.ctx, asked.Tree, "tree") {
		return answer{}, unprocessable("Tree SHA does not exist")
	}
	at := time.Unix(firstCommit, 0).UTC()
	for i, parent := range asked.Parents {
		if !s.git.exists(c.ctx, parent, "commit") {
			return answer{}, unprocessable("Parent SHA does not exist or is not a commit object")
		}
		if d, err := s.git.Commit(c.ctx, parent); err == nil && i == 0 {
			at = d.Committed.Add(time.Minute)
		}
	}
	author := by(asked.Author, signature{actor, actor + "@users.noreply.github.com", at})
	committer := by(asked.Committer, author)
	hash, err := s.git.PutCommit(c.ctx, Commit{Tree: asked.Tree, Message: asked.Message, Parents: asked.Parents,
		Author: author.Name, AuthorMail: author.Email, Authored: author.Date,
		Committer: committer.Name, CommitterMail: committer.Email, Committed: committer.Date})
	if err != nil {
		return answer{}, err
	}
	return s.commitAnswer(c, hash, http.StatusCreated)
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
