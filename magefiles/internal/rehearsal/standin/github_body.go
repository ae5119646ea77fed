package standin

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"time"
)

// unsigned is the verification of a commit without a signature.
var unsigned = object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}

func (s *site) gitCommitBody(d Commit) object {
	parents := []object{}
	for _, parent := range d.Parents {
		parents = append(parents, object{
			"sha":      parent,
			"url":      s.endpoint("/git/commits/%s", parent),
			"html_url": s.page("/commit/" + parent),
		})
	}
	return object{
		"sha":          d.Hash,
		"node_id":      node("C", d.Hash),
		"url":          s.endpoint("/git/commits/%s", d.Hash),
		"html_url":     s.page("/commit/" + d.Hash),
		"author":       signature{d.Author, d.AuthorMail, d.Authored},
		"committer":    signature{d.Committer, d.CommitterMail, d.Committed},
		"tree":         object{"sha": d.Tree, "url": s.endpoint("/git/trees/%s", d.Tree)},
		"message":      d.Message,
		"parents":      parents,
		"verification": unsigned,
	}
}

func (s *site) commitBody(d Commit) object {
	inner := s.gitCommitBody(d)
	parents := inner["parents"]
	for _, field := range []string{"sha", "node_id", "html_url", "parents"} {
		delete(inner, field)
	}
	inner["comment_count"] = 0
	url := s.endpoint("/commits/%s", d.Hash)
	return object{
		"sha":          d.Hash,
		"node_id":      node("C", d.Hash),
		"url":          url,
		"html_url":     s.page("/commit/" + d.Hash),
		"comments_url": url + "/comments",
		"commit":       inner,
		"author":       s.user(actor),
		"committer":    s.user(actor),
		"parents":      parents,
		"stats":        object{"total": 0, "additions": 0, "deletions": 0},
		"files":        []object{},
	}
}

func (s *site) releaseBody(r *release) object {
	tag := r.Tag
	if r.Draft { // a draft has a different address
		tag = fmt.Sprintf("untagged-%x", sha1.Sum(fmt.Append(nil, r.ID)))[:29]
	}
	assets := []object{}
	for _, a := range r.Assets {
		assets = append(assets, s.assetBody(tag, a))
	}
	upload := fmt.Sprintf("/uploads/repos/%s/releases/%d/assets{?name,label}", s.repository, r.ID)
	body := object{
		"id":               r.ID,
		"node_id":          node("RE", r.ID),
		"tag_name":         r.Tag,
		"target_commitish": r.Target,
		"name":             r.Name,
		"body":             r.Body,
		"draft":            r.Draft,
		"prerelease":       r.Prerelease,
		"immutable":        r.Immutable,
		"created_at":       r.Created,
		"published_at":     r.Published,
		"updated_at":       or(stamp(r.Published), stamp(&r.Created)),
		"author":           s.user(actor),
		"assets":           assets,
		"url":              s.endpoint("/releases/%d", r.ID),
		"assets_url":       s.endpoint("/releases/%d/assets", r.ID),
		"upload_url":       s.api + upload,
		"html_url":         s.page("/releases/tag/" + tag),
		"tarball_url":      nil,
		"zipball_url":      nil,
	}
	if !r.Draft {
		body["tarball_url"], body["zipball_url"] = s.endpoint("/tarball/%s", r.Tag), s.endpoint("/zipball/%s", r.Tag)
	}
	return body
}

func stamp(at *time.Time) json.RawMessage {
	if at == nil {
		return nil
	}
	return json.RawMessage(`"` + at.UTC().Format(time.RFC3339) + `"`)
}

func (s *site) assetBody(tag string, a *asset) object {
	body := object{
		"id":                   a.ID,
		"node_id":              node("RA", a.ID),
		"name":                 a.Name,
		"label":                a.Label,
		"state":                a.State,
		"size":                 a.Size,
		"content_type":         a.MediaType,
		"digest":               nil,
		"download_count":       0,
		"created_at":           a.Created,
		"updated_at":           a.Created,
		"url":                  s.endpoint("/releases/assets/%d", a.ID),
		"browser_download_url": s.page("/releases/download/" + tag + "/" + a.Name),
		"uploader":             s.user(actor),
	}
	if a.SHA256 != "" {
		body["digest"] = "sha256:" + a.SHA256
	}
	return body
}
