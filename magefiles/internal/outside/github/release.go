package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Release is a release on GitHub (https://docs.github.com/en/rest/releases/releases).
type Release struct {
	ID        int64
	Tag       string
	Name      string
	Body      string // Markdown
	URL       string // address of its page
	UploadURL string // RFC 6570 template of the address for uploads

	Draft      bool
	Prerelease bool
	Immutable  bool // once published, it can no longer be changed

	Created time.Time // of the commit, not of the release

	Assets []Asset
}

// releaseAnswer is go-github's release with the fields that GitHub has added since.
type releaseAnswer struct {
	gh.RepositoryRelease
	Immutable bool          `json:"immutable"`
	Assets    []assetAnswer `json:"assets"`
}

func (a *releaseAnswer) release() Release {
	var assets []Asset
	for i := range a.Assets {
		assets = append(assets, a.Assets[i].asset())
	}
	return Release{
		Assets:     assets,
		ID:         a.GetID(),
		Tag:        a.GetTagName(),
		Name:       a.GetName(),
		Body:       a.GetBody(),
		URL:        a.GetHTMLURL(),
		UploadURL:  a.GetUploadURL(),
		Draft:      a.GetDraft(),
		Prerelease: a.GetPrerelease(),
		Immutable:  a.Immutable,
		Created:    a.GetCreatedAt().Time,
	}
}

// Releases reads and changes the repository's releases and their assets.
type Releases struct{ *connection }

// MayRelease returns an error if the token may not create a release of tag. It requests generated notes, which
// changes nothing and needs permission to write contents.
// https://docs.github.com/en/rest/releases/releases#generate-release-notes-content-for-a-release
func (c Releases) MayRelease(ctx context.Context, tag string) error {
	_, _, err := c.api.Repositories.GenerateReleaseNotes(
		ctx,
		c.repository.Owner,
		c.repository.Name,
		&gh.GenerateNotesOptions{TagName: tag},
	)
	if err != nil {
		return c.fail(err, contentsWrite, "check that %s may be released in %s", tag, c.repository)
	}
	return nil
}

// Releases lists all releases, newest first, including drafts if the token may write
// contents. https://docs.github.com/en/rest/releases/releases#list-releases
func (c Releases) Releases(ctx context.Context) ([]Release, error) {
	answers, err := all[releaseAnswer](ctx, c.connection, c.path("releases"))
	if err != nil {
		return nil, c.fail(err, contentsRead, "list the releases of %s", c.repository)
	}
	releases := make([]Release, len(answers))
	for i := range answers {
		releases[i] = answers[i].release()
	}
	return releases, nil
}

// Release returns the current state of the release with this id.
// https://docs.github.com/en/rest/releases/releases#get-a-release
func (c Releases) Release(ctx context.Context, id int64) (Release, error) {
	var found releaseAnswer
	if _, err := c.do(ctx, http.MethodGet, c.path("releases/%d", id), nil, &found); err != nil {
		return Release{}, c.fail(err, contentsRead, "get the release %d of %s", id, c.repository)
	}
	return found.release(), nil
}

// ReleaseByTag returns the published release of a tag with its assets, nil if there
// is none. GitHub does not give drafts by their tag.
// https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name
func (c Releases) ReleaseByTag(ctx context.Context, tag string) (*Release, error) {
	var found releaseAnswer
	_, err := c.do(ctx, http.MethodGet, c.path("releases/tags/%s", escape(tag)), nil, &found)
	if statusOf(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, c.fail(err, contentsRead, "look at the release %s of %s", tag, c.repository)
	}
	release := found.release()
	return &release, nil
}

// Latest returns the tag of the release with the badge "Latest", "" if there is none.
// https://docs.github.com/en/rest/releases/releases#get-the-latest-release
func (c Releases) Latest(ctx context.Context) (tag string, err error) {
	found, _, err := c.api.Repositories.GetLatestRelease(ctx, c.repository.Owner, c.repository.Name)
	if statusOf(err) == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", c.fail(err, contentsRead, "get the latest release of %s", c.repository)
	}
	return found.GetTagName(), nil
}

// CreateDraft creates a draft with r's Tag, Name, Body and Prerelease. GitHub allows
// several drafts of one tag: call Releases first.
// https://docs.github.com/en/rest/releases/releases#create-a-release
func (c Releases) CreateDraft(ctx context.Context, r Release) (Release, error) {
	body := gh.RepositoryRelease{
		TagName: &r.Tag, Name: &r.Name, Body: &r.Body, Prerelease: &r.Prerelease,
		Draft: gh.Bool(true), MakeLatest: gh.String("false"),
	}
	var made releaseAnswer
	if _, err := c.do(ctx, http.MethodPost, c.path("releases"), body, &made); err != nil {
		return Release{}, burned(err, c.fail(err, contentsWrite, "create the release %s", r.Tag))
	}
	return made.release(), nil
}

// Edit is a change to a release; nil fields stay unchanged.
type Edit struct {
	Draft, Prerelease *bool
	Name, Body        *string
	MakeLatest        *bool // the badge "Latest"; GitHub's automatic choice is never used
}

// Edit changes the release with this id and returns the result.
// https://docs.github.com/en/rest/releases/releases#update-a-release
func (c Releases) Edit(ctx context.Context, id int64, e Edit) (Release, error) {
	body := gh.RepositoryRelease{Draft: e.Draft, Prerelease: e.Prerelease, Name: e.Name, Body: e.Body}
	if e.MakeLatest != nil {
		body.MakeLatest = gh.String(fmt.Sprint(*e.MakeLatest))
	}
	var edited releaseAnswer
	if _, err := c.do(ctx, http.MethodPatch, c.path("releases/%d", id), body, &edited); err != nil {
		return Release{}, burned(err, c.fail(err, contentsWrite, "change the release %d of %s", id, c.repository))
	}
	return edited.release(), nil
}

// burned adds ErrBurned to failure, which describes err, if GitHub's answer says so.
func burned(err, failure error) error {
	answer := answerOf(err)
	if answer != nil && slices.ContainsFunc(answer.Errors, func(e gh.Error) bool {
		return strings.Contains(e.Message, "used by an immutable release")
	}) {
		return fmt.Errorf("%w (%w)", ErrBurned, failure)
	}
	return failure
}

// DeleteRelease deletes the release with this id, not its tag. It succeeds if the
// release does not exist.
// https://docs.github.com/en/rest/releases/releases#delete-a-release
func (c Releases) DeleteRelease(ctx context.Context, id int64) error {
	_, err := c.api.Repositories.DeleteRelease(ctx, c.repository.Owner, c.repository.Name, id)
	if err != nil && statusOf(err) != http.StatusNotFound {
		return c.fail(err, contentsWrite, "delete the release %d of %s", id, c.repository)
	}
	return nil
}
