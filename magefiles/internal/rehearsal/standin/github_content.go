package standin

import (
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// rawMedia is the media type of a file's plain content.
const rawMedia = "application/vnd.github.raw+json; charset=utf-8"

// inline is the size up to which a file's content is part of the JSON
// (https://docs.github.com/rest/repos/contents#get-repository-content).
const inline = 1 << 20

func wantsRaw(c *call) bool {
	accept := c.Header.Get("Accept")
	return strings.Contains(accept, "application/vnd.github.raw") ||
		strings.Contains(accept, "application/vnd.github.v3.raw")
}

// getCommit describes the commit that a ref or hash refers to, with tags peeled.
func (g *gitHub) getCommit(c *call) (answer, error) {
	ref := c.PathValue("ref")
	hash := g.anyCommit(c.ctx, ref)
	if hash == "" {
		return answer{}, unprocessable("No commit found for SHA: " + ref)
	}
	accept := c.Header.Get("Accept")
	if strings.Contains(accept, "application/vnd.github.sha") ||
		strings.Contains(accept, "application/vnd.github.v3.sha") {
		return answer{status: http.StatusOK, raw: []byte(hash), media: "application/vnd.github.sha; charset=utf-8"}, nil
	}
	d, err := g.git.Commit(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: g.commitBody(d)}, nil
}

func (g *gitHub) getContents(c *call) (answer, error) {
	ref := c.URL.Query().Get("ref")
	if ref == "" {
		ref = g.options.DefaultBranch
	}
	commit := g.anyCommit(c.ctx, ref)
	if commit == "" {
		return answer{}, &refusal{status: http.StatusNotFound, message: "No commit found for the ref " + ref}
	}
	file := strings.Trim(path.Clean("/"+c.PathValue("path")), "/")
	hash, kind := g.git.Inside(c.ctx, commit, file)
	switch kind {
	case "tree":
		return g.folder(c, ref, file, hash)
	case "blob":
		return g.file(c, ref, file, hash)
	}
	return answer{}, notFound()
}

func (g *gitHub) file(c *call, ref, file, hash string) (answer, error) {
	content, err := g.git.Blob(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	if wantsRaw(c) {
		return answer{status: http.StatusOK, raw: content, media: rawMedia}, nil
	}
	body := g.contentBody(ref, file, "file", hash, len(content))
	body["encoding"], body["content"] = "base64", base64.StdEncoding.EncodeToString(content)
	if len(content) > inline {
		body["encoding"], body["content"] = "none", ""
	}
	return answer{status: http.StatusOK, body: body}, nil
}

func (g *gitHub) folder(c *call, ref, folder, tree string) (answer, error) {
	entries, err := g.git.Tree(c.ctx, tree, false)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, e := range entries {
		size, _ := strconv.Atoi(e.Size) // a folder has none
		kind := map[string]string{"tree": "dir", "blob": "file", "commit": "submodule"}[e.Kind]
		bodies = append(bodies, g.contentBody(ref, path.Join(folder, e.Path), kind, e.Hash, size))
	}
	return answer{status: http.StatusOK, body: bodies}, nil
}

func (g *gitHub) contentBody(ref, file, kind, hash string, size int) object {
	self, git, html := g.endpoint(
		"/contents/%s?ref=%s",
		file,
		ref,
	), g.endpoint(
		"/git/blobs/%s",
		hash,
	), g.page(
		"/blob/"+ref+"/"+file,
	)
	body := object{
		"type":         kind,
		"name":         path.Base(file),
		"path":         file,
		"sha":          hash,
		"size":         size,
		"url":          self,
		"git_url":      git,
		"html_url":     html,
		"download_url": nil,
		"_links":       object{"self": self, "git": git, "html": html},
	}
	if kind == "file" {
		body["download_url"] = "https://raw.githubusercontent.com/" + g.options.Repository + "/" + ref + "/" + file
	}
	return body
}
