package standin

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// release is one GitHub Release, published or a draft.
type release struct {
	ID         int64      `json:"id"`
	Tag        string     `json:"tag"`
	Target     string     `json:"target"`
	Name       string     `json:"name"`
	Body       string     `json:"body"`
	Draft      bool       `json:"draft"`
	Prerelease bool       `json:"prerelease"`
	Immutable  bool       `json:"immutable"`
	Created    time.Time  `json:"created"` // when the tagged commit was made
	Published  *time.Time `json:"published"`
	Assets     []*asset   `json:"assets"`
}

// wish is a request to create or edit a release; missing fields stay unchanged.
type wish struct {
	Tag        *string `json:"tag_name"`
	Target     *string `json:"target_commitish"`
	Name       *string `json:"name"`
	Body       *string `json:"body"`
	Draft      *bool   `json:"draft"`
	Prerelease *bool   `json:"prerelease"`
	Latest     *string `json:"make_latest"`
}

// releaseAPI serves releases (https://docs.github.com/rest/releases/releases).
type releaseAPI struct{ *backend }

func (s releaseAPI) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /releases":                 s.listReleases,
		"POST /releases":                s.createRelease,
		"POST /releases/generate-notes": s.generateNotes,
		"GET /releases/latest":          s.getLatest,
		"GET /releases/tags/{tag...}":   s.getReleaseByTag,
		"GET /releases/{id}":            s.getRelease,
		"PATCH /releases/{id}":          s.editRelease,
		"DELETE /releases/{id}":         s.deleteRelease,
	}
}

func (s releaseAPI) listReleases(c *call) (answer, error) {
	var visible []*release
	for _, r := range slices.Backward(s.ledger.Releases) { // newest first
		if !r.Draft || c.signedIn {
			visible = append(visible, r)
		}
	}
	cut, header := page(s.site, c, visible)
	bodies := make([]object, 0, len(cut))
	for _, r := range cut {
		bodies = append(bodies, s.site.releaseBody(r))
	}
	return answer{status: http.StatusOK, body: bodies, header: header}, nil
}

func (s releaseAPI) getRelease(c *call) (answer, error) {
	r, err := s.ledger.find(c)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: s.site.releaseBody(r)}, nil
}

// getReleaseByTag does not find drafts.
func (s releaseAPI) getReleaseByTag(c *call) (answer, error) {
	for _, r := range s.ledger.Releases {
		if r.Tag == c.PathValue("tag") && !r.Draft {
			return answer{status: http.StatusOK, body: s.site.releaseBody(r)}, nil
		}
	}
	return answer{}, notFound()
}

func (s releaseAPI) createRelease(c *call) (answer, error) {
	var asked wish
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	r := &release{Target: s.site.branch}
	if err := s.apply(c, r, asked); err != nil {
		return answer{}, err
	}
	header := http.Header{"Location": {s.site.endpoint("/releases/%d", r.ID)}}
	return answer{status: http.StatusCreated, body: s.site.releaseBody(r), header: header}, nil
}

func (s releaseAPI) editRelease(c *call) (answer, error) {
	r, err := s.ledger.find(c)
	if err != nil {
		return answer{}, err
	}
	var asked wish
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if err := s.apply(c, r, asked); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: s.site.releaseBody(r)}, nil
}

// apply changes a release as requested, and stores it if it is new. Publishing creates
// the tag if necessary, and sets the badge unless told not to.
func (s releaseAPI) apply(c *call, r *release, asked wish) error {
	next, isNew := *r, r.ID == 0
	set(&next.Tag, asked.Tag)
	set(&next.Target, asked.Target)
	set(&next.Name, asked.Name)
	set(&next.Body, asked.Body)
	set(&next.Draft, asked.Draft)
	set(&next.Prerelease, asked.Prerelease)
	publishes := !next.Draft && (isNew || r.Draft)
	if err := s.check(r, &next, asked); err != nil {
		return err
	}
	created, err := s.tagged(c, &next)
	if err != nil {
		return err
	}
	next.Created = created
	if now := time.Now().UTC().Truncate(time.Second); publishes && next.Published == nil {
		next.Published = &now
	}
	next.Immutable = next.Immutable || publishes && s.immutable
	if isNew {
		next.ID = s.ledger.id()
		s.ledger.Releases = append(s.ledger.Releases, r)
	}
	*r = next
	s.ledger.badge(r, asked.Latest, publishes)
	return s.save()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// check refuses a change from before to r.
func (s releaseAPI) check(before, r *release, asked wish) error {
	if err := before.settled(r); err != nil {
		return err
	}
	if err := s.ledger.free(r.Tag); err != nil {
		return err
	}
	if r.Tag == "" {
		return invalid("Release", "tag_name", "missing_field", "")
	}
	if asked.Latest != nil {
		if !slices.Contains([]string{"true", "false", "legacy"}, *asked.Latest) {
			return invalid("Release", "make_latest", "invalid", "")
		}
		if *asked.Latest == "true" && (r.Draft || r.Prerelease) {
			return invalid("Release", "", "custom", "Latest release cannot be draft or prerelease.")
		}
	}
	taken := func(other *release) bool { return other.ID != r.ID && other.Tag == r.Tag && !other.Draft }
	if !r.Draft && slices.ContainsFunc(s.ledger.Releases, taken) {
		return invalid("Release", "tag_name", "already_exists", "")
	}
	return nil
}

// tagged returns the time of the release's commit. A published release has a tag: it is
// created at the target if it does not exist.
func (s releaseAPI) tagged(c *call, r *release) (time.Time, error) {
	commit := s.git.commit(c.ctx, "refs/tags/"+r.Tag)
	if commit == "" {
		if commit = s.git.anyCommit(c.ctx, r.Target); commit == "" {
			return time.Time{}, invalid("Release", "target_commitish", "invalid", "")
		}
		if !r.Draft {
			if err := s.git.SetRef(c.ctx, "refs/tags/"+r.Tag, commit, ""); err != nil {
				return time.Time{}, invalid("Release", "tag_name", "custom", "tag_name is not well-formed")
			}
		}
	}
	details, err := s.git.Commit(c.ctx, commit)
	return details.Committed, err
}

func (s releaseAPI) deleteRelease(c *call) (answer, error) {
	r, err := s.ledger.find(c)
	if err != nil {
		return answer{}, err
	}
	s.ledger.Releases = slices.DeleteFunc(s.ledger.Releases, func(other *release) bool { return other == r })
	if s.ledger.Latest == r.ID {
		s.ledger.Latest = 0
	}
	s.ledger.burn(r)
	if err := s.save(); err != nil {
		return answer{}, err
	}
	for _, a := range r.Assets {
		s.assets.remove(a.ID)
	}
	return answer{status: http.StatusNoContent}, nil
}

// generateNotes changes nothing but requires permission to write contents.
func (s releaseAPI) generateNotes(c *call) (answer, error) {
	var asked struct {
		Tag      string `json:"tag_name"`
		Target   string `json:"target_commitish"`
		Previous string `json:"previous_tag_name"`
	}
	if err := c.read(&asked); err != nil {
		return answer{}, err
	}
	if asked.Tag == "" {
		return answer{}, invalid("Release", "tag_name", "missing_field", "")
	}
	if s.git.commit(c.ctx, "refs/tags/"+asked.Tag) == "" &&
		s.git.anyCommit(c.ctx, cmp.Or(asked.Target, s.site.branch)) == "" {
		return answer{}, invalid("Release", "target_commitish", "invalid", "")
	}
	compared := asked.Tag
	if asked.Previous != "" {
		compared = asked.Previous + "..." + asked.Tag
	}
	return answer{status: http.StatusOK, body: object{"name": asked.Tag,
		"body": "**Full Changelog**: " + s.site.page("/compare/"+compared)}}, nil
}
