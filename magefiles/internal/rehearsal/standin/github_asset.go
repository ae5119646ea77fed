package standin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

// odd matches what GitHub replaces by a dot in an asset's name.
var odd = regexp.MustCompile(`[^A-Za-z0-9._@+~-]+`)

// upload stores an asset. An upload that is interrupted leaves an empty asset in the
// state "starter", which occupies the name
// (https://docs.github.com/rest/releases/assets#upload-a-release-asset).
func (g *gitHub) upload(w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r, ctx: context.WithoutCancel(r.Context()), writer: w}
	got, err := answer{}, g.admit(c)
	if err == nil {
		got, err = g.takeIn(c)
	}
	g.reply(w, got, err)
}

func (g *gitHub) takeIn(c *call) (answer, error) {
	name := strings.Trim(odd.ReplaceAllString(c.URL.Query().Get("name"), "."), ".")
	if name == "" {
		return answer{}, invalid("ReleaseAsset", "name", "missing_field", "")
	}
	if c.ContentLength <= 0 {
		return answer{}, &refusal{
			status:  http.StatusBadRequest,
			message: "Bad Content-Length: " + cmp.Or(c.Header.Get("Content-Length"), "none"),
		}
	}
	g.mu.Lock()
	_, err := g.room(c, name) // before the body is read, since GitHub refuses early
	g.mu.Unlock()
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
	content, cut := g.assets.receive(c.Body)
	defer g.assets.drop(content)

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		panic(http.ErrAbortHandler)
	}
	return g.keep(c, a, content, cut)
}

// room finds the release to which an asset with that name may be added.
func (g *gitHub) room(c *call, name string) (*release, error) {
	r, err := g.find(c)
	if err != nil {
		return nil, err
	}
	return r, r.unused(name)
}

// unused refuses a name that an asset of the release has.
func (r *release) unused(name string) error {
	if slices.ContainsFunc(r.Assets, func(a *asset) bool { return a.Name == name }) {
		return invalid("ReleaseAsset", "name", "already_exists", "")
	}
	return nil
}

// keep adds an asset to its release; cut is why its content is incomplete.
func (g *gitHub) keep(c *call, a *asset, content parcel, cut error) (answer, error) {
	r, err := g.room(c, a.Name)
	if err != nil {
		return answer{}, err
	}
	a.ID = g.ledger.id()
	if cut == nil {
		a.State, a.Size, a.SHA256 = "uploaded", content.size, content.sha256
		if err := g.assets.keep(a.ID, content); err != nil {
			return answer{}, err
		}
	}
	r.Assets = append(r.Assets, a)
	if err := g.save(); err != nil {
		return answer{}, err
	}
	if cut != nil {
		return answer{}, &refusal{status: http.StatusBadGateway, message: "Bad Gateway"}
	}
	return answer{status: http.StatusCreated, body: g.assetBody(r.Tag, a)}, nil
}

// listAssets is the only endpoint below a release that can be read; its pattern is
// wider so that it does not conflict with releases/tags/….
func (g *gitHub) listAssets(c *call) (answer, error) {
	if c.PathValue("assets") != "assets" {
		return answer{}, notFound()
	}
	r, err := g.find(c)
	if err != nil {
		return answer{}, err
	}
	bodies := []object{}
	for _, a := range r.Assets {
		bodies = append(bodies, g.assetBody(r.Tag, a))
	}
	cut, header := page(g, c, bodies)
	return answer{status: http.StatusOK, body: cut, header: header}, nil
}

func (g *gitHub) findAsset(c *call) (*release, *asset, error) {
	id, err := c.id("asset")
	if err != nil {
		return nil, nil, err
	}
	for _, r := range g.ledger.Releases {
		for _, a := range r.Assets {
			if a.ID == id && (!r.Draft || c.signedIn) {
				return r, a, nil
			}
		}
	}
	return nil, nil, notFound()
}

// getAsset describes an asset or, asked for its content, redirects to it.
func (g *gitHub) getAsset(c *call) (answer, error) {
	r, a, err := g.findAsset(c)
	if err != nil {
		return answer{}, err
	}
	if !strings.Contains(c.Header.Get("Accept"), "application/octet-stream") {
		return answer{status: http.StatusOK, body: g.assetBody(r.Tag, a)}, nil
	}
	if a.State != "uploaded" {
		return answer{}, notFound()
	}
	// The address grants access by itself, as a signed one does.
	return answer{
		status: http.StatusFound,
		header: http.Header{"Location": {fmt.Sprintf("%s%d?digest=%s", g.content, a.ID, a.SHA256)}},
	}, nil
}

// download returns an asset's content to a client with the address, but not to one that
// also sends a token: object stores refuse two forms of authorization at once.
func (g *gitHub) download(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		http.Error(w, "Only one auth mechanism allowed", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	var found int64
	for _, release := range g.ledger.Releases {
		for _, a := range release.Assets {
			if strconv.FormatInt(a.ID, 10) == r.PathValue("id") && a.SHA256 == r.URL.Query().Get("digest") &&
				a.SHA256 != "" {
				found = a.ID
			}
		}
	}
	g.mu.Unlock()
	if found == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	g.assets.serve(w, r, found)
}

func (g *gitHub) editAsset(c *call) (answer, error) {
	r, a, err := g.findAsset(c)
	if err != nil {
		return answer{}, err
	}
	var asked struct {
		Name  *string `json:"name"`
		Label *string `json:"label"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if asked.Name != nil && *asked.Name != a.Name {
		if err := r.unused(*asked.Name); err != nil {
			return answer{}, err
		}
	}
	set(&a.Name, asked.Name)
	set(&a.Label, asked.Label)
	if err := g.save(); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: g.assetBody(r.Tag, a)}, nil
}

func (g *gitHub) deleteAsset(c *call) (answer, error) {
	r, a, err := g.findAsset(c)
	if err != nil {
		return answer{}, err
	}
	r.Assets = slices.DeleteFunc(r.Assets, func(other *asset) bool { return other == a })
	if err := g.save(); err != nil {
		return answer{}, err
	}
	g.assets.remove(a.ID)
	return answer{status: http.StatusNoContent}, nil
}

func (g *gitHub) assetBody(tag string, a *asset) object {
	body := object{
		"id":             a.ID,
		"node_id":        node("RA", a.ID),
		"name":           a.Name,
		"label":          a.Label,
		"state":          a.State,
		"size":           a.Size,
		"content_type":   a.MediaType,
		"digest":         nil,
		"download_count": 0,
		"created_at":     a.Created,
		"updated_at":     a.Created,
		"url": g.endpoint(
			"/releases/assets/%d",
			a.ID,
		),
		"browser_download_url": g.page("/releases/download/" + tag + "/" + a.Name),
		"uploader":             g.user(actor),
	}
	if a.SHA256 != "" {
		body["digest"] = "sha256:" + a.SHA256
	}
	return body
}
