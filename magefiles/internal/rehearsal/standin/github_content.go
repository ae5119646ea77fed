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

// contentAPI serves commits and the files in them
// (https://docs.github.com/rest/repos/contents, https://docs.github.com/rest/commits/commits).
type contentAPI struct{ *backend }

func (s contentAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /commits/{ref...}":   s.getCommit,
		"GET /contents/{path...}": s.getContents,
	}
}

func wantsRaw(c *call) bool {
	accept := c.Header.Get("Accept")
	return strings.Contains(accept, "application/vnd.github.raw") ||
		strings.Contains(accept, "application/vnd.github.v3.raw")
}

// getCommit describes the commit that a ref or hash refers to, with tags peeled.
func (s contentAPI) getCommit(c *call) (answer, error) {
	ref := c.PathValue("ref")
	hash := s.git.anyCommit(c.ctx, ref)
	if hash == "" {
		return answer{}, unprocessable("No commit found for SHA: " + ref)
	}
	accept := c.Header.Get("Accept")
	if strings.Contains(accept, "application/vnd.github.sha") ||
		strings.Contains(accept, "application/vnd.github.v3.sha") {
		return answer{status: http.StatusOK, raw: []byte(hash), media: "application/vnd.github.sha; charset=utf-8"}, nil
	}
	d, err := s.git.Commit(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: s.site.commitBody(d)}, nil
}

func (s contentAPI) getContents(c *call) (answer, error) {
	ref := c.URL.Query().Get("ref")
	if ref == "" {
		ref = s.site.branch
	}
	commit := s.git.anyCommit(c.ctx, ref)
	if commit == "" {
		return answer{}, &refusal{status: http.StatusNotFound, message: "No commit found for the ref " + ref}
	}
	file := strings.Trim(path.Clean("/"+c.PathValue("path")), "/")
	hash, kind := s.git.Inside(c.ctx, commit, file)
	switch kind {
	case "tree":
		return s.folder(c, ref, file, hash)
	case "blob":
		return s.file(c, ref, file, hash)
	}
	return answer{}, notFound()
}

func (s contentAPI) file(c *call, ref, file, hash string) (answer, error) {
	content, err := s.git.Blob(c.ctx, hash)
	if err != nil {
		return answer{}, err
	}
	if wantsRaw(c) {
		return answer{status: http.StatusOK, raw: content, media: rawMedia}, nil
	}
	body := s.contentBody(ref, file, "file", hash, len(content))
	body["encoding"], body["content"] = "base64", base64.StdEncoding.EncodeToString(content)
	if len(content) > inline {
		body["encoding"], body["content"] = "none", ""
	}
	return answer{status: http.StatusOK, body: body}, nil
}

func (s contentAPI) folder(c *call, ref, folder, tree string) (answer, error) {
	entries, err := s.git.Tree(c.ctx, tree, false)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, e := range entries {
		size, _ := strconv.Atoi(e.Size) // a folder has none
		kind := map[string]string{"tree": "dir", "blob": "file", "commit": "submodule"}[e.Kind]
		bodies = append(bodies, s.contentBody(ref, path.Join(folder, e.Path), kind, e.Hash, size))
	}
	return answer{status: http.StatusOK, body: bodies}, nil
}

func (s contentAPI) contentBody(ref, file, kind, hash string, size int) object {
	self, git := s.site.endpoint("/contents/%s?ref=%s", file, ref), s.site.endpoint("/git/blobs/%s", hash)
	html := s.site.page("/blob/" + ref + "/" + file)
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
		body["download_url"] = "https://raw.githubusercontent.com/" + s.site.repository + "/" + ref + "/" + file
	}
	return body
}
