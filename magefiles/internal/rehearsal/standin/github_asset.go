package standin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// asset is a file of a release.
type asset struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Label     string    `json:"label"`
	MediaType string    `json:"mediaType"`
	State     string    `json:"state"` // "uploaded", or "starter" when the upload broke off
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"` // hex; "" for a starter
	Created   time.Time `json:"created"`
}

// assetAPI serves the assets of releases (https://docs.github.com/rest/releases/assets).
type assetAPI struct{ *backend }

func (s assetAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /releases/{id}/{assets...}":  s.listAssets,
		"GET /releases/assets/{asset}":    s.getAsset,
		"DELETE /releases/assets/{asset}": s.deleteAsset,
	}
}

// odd matches the characters that GitHub replaces with a dot in an asset's name.
var odd = pattern.Lazy(`[^A-Za-z0-9._@+~-]+`)

// upload stores an asset. An upload that is interrupted leaves an empty asset in the
// state "starter", which occupies the name
// (https://docs.github.com/rest/releases/assets#upload-a-release-asset).
func (s assetAPI) upload(w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r, ctx: context.WithoutCancel(r.Context()), writer: w}
	got, err := answer{}, s.admit(c)
	if err == nil {
		got, err = s.takeIn(c)
	}
	reply(w, got, err)
}

func (s assetAPI) takeIn(c *call) (answer, error) {
	name := strings.Trim(odd().ReplaceAllString(c.URL.Query().Get("name"), "."), ".")
	if name == "" {
		return answer{}, invalid("ReleaseAsset", "name", "missing_field", "")
	}
	if c.ContentLength <= 0 {
		return answer{}, &refusal{
			status:  http.StatusBadRequest,
			message: "Bad Content-Length: " + cmp.Or(c.Header.Get("Content-Length"), "none"),
		}
	}
	s.mu.Lock()
	_, err := s.room(c, name) // before the body is read, since GitHub refuses early
	s.mu.Unlock()
	if err != nil {
		return answer{}, err
	}
	a := &asset{
		Name:      name,
		Label:     c.URL.Query().Get("label"),
		MediaType: cmp.Or(c.Header.Get("Content-Type"), "application/octet-stream"),
		State:     "starter",
		Created:   time.Now().UTC().Truncate(time.Second),
	}
	content, cut := s.assets.receive(c.Body)
	defer s.assets.drop(content)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		panic(http.ErrAbortHandler)
	}
	return s.keep(c, a, content, cut)
}

// room finds the release to which an asset with that name may be added.
func (s assetAPI) room(c *call, name string) (*release, error) {
	r, err := s.ledger.find(c)
	if err != nil {
		return nil, err
	}
	if err := r.uploadsAllowed(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Assets, func(a *asset) bool { return a.Name == name }) {
		return nil, invalid("ReleaseAsset", "name", "already_exists", "")
	}
	return r, nil
}

// keep adds an asset to its release; cut is why its content is incomplete.
func (s assetAPI) keep(c *call, a *asset, content parcel, cut error) (answer, error) {
	r, err := s.room(c, a.Name)
	if err != nil {
		return answer{}, err
	}
	a.ID = s.ledger.id()
	if cut == nil {
		a.State, a.Size, a.SHA256 = "uploaded", content.size, content.sha256
		if err := s.assets.keep(a.ID, content); err != nil {
			return answer{}, err
		}
	}
	r.Assets = append(r.Assets, a)
	s.ledger.countWrite(r)
	if err := s.save(); err != nil {
		return answer{}, err
	}
	if cut != nil {
		return answer{}, &refusal{status: http.StatusBadGateway, message: "Bad Gateway"}
	}
	return answer{status: http.StatusCreated, body: s.site.assetBody(r.Tag, a)}, nil
}

// listAssets returns the only endpoint below a release that can be read; its pattern is
// wider so that it does not conflict with releases/tags/….
func (s assetAPI) listAssets(c *call) (answer, error) {
	if c.PathValue("assets") != "assets" {
		return answer{}, notFound()
	}
	r, err := s.ledger.find(c)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, a := range r.Assets {
		bodies = append(bodies, s.site.assetBody(r.Tag, a))
	}
	cut, header := page(s.site, c, bodies)
	return answer{status: http.StatusOK, body: cut, header: header}, nil
}

func (s assetAPI) findAsset(c *call) (*release, *asset, error) {
	id, err := c.id("asset")
	if err != nil {
		return nil, nil, err
	}
	for _, r := range s.ledger.Releases {
		for _, a := range r.Assets {
			if a.ID == id && (!r.Draft || c.signedIn) {
				return r, a, nil
			}
		}
	}
	return nil, nil, notFound()
}

// getAsset describes an asset or, asked for its content, redirects to it.
func (s assetAPI) getAsset(c *call) (answer, error) {
	r, a, err := s.findAsset(c)
	if err != nil {
		return answer{}, err
	}
	if !strings.Contains(c.Header.Get("Accept"), "application/octet-stream") {
		return answer{status: http.StatusOK, body: s.site.assetBody(r.Tag, a)}, nil
	}
	if a.State != "uploaded" {
		return answer{}, notFound()
	}
	// The address grants access by itself, as a signed one does.
	return answer{
		status: http.StatusFound,
		header: http.Header{"Location": {fmt.Sprintf("%s%d?digest=%s", s.site.content, a.ID, a.SHA256)}},
	}, nil
}

// download returns an asset's content to a client with the address, but not to one that
// also sends a token: object stores refuse two forms of authorization at once.
func (s assetAPI) download(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		http.Error(w, "Only one auth mechanism allowed", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	var found int64
	for _, release := range s.ledger.Releases {
		for _, a := range release.Assets {
			if strconv.FormatInt(a.ID, 10) == r.PathValue("id") && a.SHA256 == r.URL.Query().Get("digest") &&
				a.SHA256 != "" {
				found = a.ID
			}
		}
	}
	s.mu.Unlock()
	if found == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	s.assets.serve(w, r, found)
}

func (s assetAPI) deleteAsset(c *call) (answer, error) {
	r, a, err := s.findAsset(c)
	if err != nil {
		return answer{}, err
	}
	if err := r.deletesAllowed(); err != nil {
		return answer{}, err
	}
	s.ledger.countWrite(r)
	r.Assets = slices.DeleteFunc(r.Assets, func(other *asset) bool { return other == a })
	if err := s.save(); err != nil {
		return answer{}, err
	}
	s.assets.remove(a.ID)
	return answer{status: http.StatusNoContent}, nil
}
