package standin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"
)

// upload sends bytes as an asset.
func upload(t *testing.T, c *github.Client, release int64, name, content string) (*github.ReleaseAsset, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "asset")
	ok(t, os.WriteFile(file, []byte(content), 0o644))
	open, err := os.Open(file)
	ok(t, err)
	defer open.Close()
	asset, _, err := c.Repositories.UploadReleaseAsset(
		t.Context(),
		owner,
		repo,
		release,
		&github.UploadOptions{Name: name},
		open,
	)
	return asset, err
}

// failed returns the status and the reason of a refused call.
func failed(t *testing.T, err error) (int, string) {
	t.Helper()
	var refused *github.ErrorResponse
	if !errors.As(err, &refused) {
		t.Fatalf("%v, expected a refusal", err)
	}
	reason := refused.Message
	for _, e := range refused.Errors {
		reason += " (" + strings.TrimSpace(e.Field+" "+e.Code+" "+e.Message) + ")"
	}
	return refused.Response.StatusCode, reason
}

// refused checks that a call was refused so.
func refused(t *testing.T, err error, status int, reason string) {
	t.Helper()
	if err == nil {
		t.Fatalf("was not refused, expected %d %s", status, reason)
	}
	if gotStatus, gotReason := failed(t, err); gotStatus != status || gotReason != reason {
		t.Errorf("refused with %d %q, expected %d %q", gotStatus, gotReason, status, reason)
	}
}

func TestRelease(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, token)
	ctx := t.Context()

	_, _, err := c.Repositories.GetLatestRelease(ctx, owner, repo)
	refused(t, err, 404, "Not Found")
	draft := &github.RepositoryRelease{
		TagName:    github.String("v1.0.0"),
		Name:       github.String("O.D.I.N. 1.0.0"),
		Draft:      github.Bool(true),
		MakeLatest: github.String("false"),
	}
	first, _, err := c.Repositories.CreateRelease(ctx, owner, repo, draft)
	ok(t, err)
	second, _, err := c.Repositories.CreateRelease(ctx, owner, repo, draft)
	ok(t, err) // drafts are not unique by tag
	if first.GetID() == second.GetID() || !strings.Contains(first.GetHTMLURL(), "/releases/tag/untagged-") {
		t.Errorf("%d and %d at %s", first.GetID(), second.GetID(), first.GetHTMLURL())
	}
	_, _, err = c.Repositories.GetReleaseByTag(ctx, owner, repo, "v1.0.0")
	refused(t, err, 404, "Not Found")
	_, _, err = client(t, w, "").Repositories.GetRelease(ctx, owner, repo, first.GetID())
	refused(t, err, 404, "Not Found")

	_, err = upload(t, c, first.GetID(), "notes.md", "# Notes\n")
	ok(t, err)
	_, err = upload(t, c, first.GetID(), "notes.md", "other")
	refused(t, err, 422, "Validation Failed (name already_exists)")
	w = survives(t, w, o)
	c = client(t, w, token)

	published, _, err := c.Repositories.EditRelease(
		ctx,
		owner,
		repo,
		first.GetID(),
		&github.RepositoryRelease{Draft: github.Bool(false)},
	)
	ok(t, err)
	if got := published.GetHTMLURL(); got != "https://github.com/hughkantsime/runsodin/releases/tag/v1.0.0" {
		t.Error(got)
	}
	latest, _, err := c.Repositories.GetLatestRelease(ctx, owner, repo)
	ok(t, err) // publishing gives the badge unless told not to
	if latest.GetID() != first.GetID() {
		t.Errorf("latest is %d, expected %d", latest.GetID(), first.GetID())
	}
	_, _, err = c.Repositories.EditRelease(
		ctx,
		owner,
		repo,
		second.GetID(),
		&github.RepositoryRelease{Draft: github.Bool(false)},
	)
	refused(t, err, 422, "Validation Failed (tag_name already_exists)")
	_, err = c.Repositories.DeleteRelease(ctx, owner, repo, second.GetID())
	ok(t, err)
	_, err = c.Repositories.DeleteRelease(ctx, owner, repo, second.GetID())
	refused(t, err, 404, "Not Found")
	byTag, _, err := client(t, w, "").Repositories.GetReleaseByTag(ctx, owner, repo, "v1.0.0")
	ok(t, err)
	if len(byTag.Assets) != 1 || byTag.Assets[0].GetState() != "uploaded" {
		t.Errorf("assets %v", byTag.Assets)
	}
	survives(t, w, o)
}

func TestBadge(t *testing.T) {
	w := open(t, options(t))
	c := client(t, w, token)
	release := func(tag string, prerelease bool, latest *string) error {
		_, _, err := c.Repositories.CreateRelease(
			t.Context(),
			owner,
			repo,
			&github.RepositoryRelease{TagName: &tag, Prerelease: &prerelease, MakeLatest: latest},
		)
		return err
	}
	yes, no, legacy := github.String("true"), github.String("false"), github.String("legacy")
	for _, step := range []struct {
		tag        string
		prerelease bool
		latest     *string
		refused    string
		badge      string
	}{
		{tag: "v1.2.0", latest: yes, badge: "v1.2.0"},
		{tag: "v1.1.1", latest: no, badge: "v1.2.0"},
		{tag: "v1.3.0-rc.1", prerelease: true, badge: "v1.2.0"},
		{
			tag:        "v1.3.0-rc.2",
			prerelease: true,
			latest:     yes,
			badge:      "v1.2.0",
			refused:    "Validation Failed (custom Latest release cannot be draft or prerelease.)",
		},
		{tag: "v1.1.2", badge: "v1.1.2"}, // what it comes to when nothing is said
		{tag: "v1.0.1", latest: legacy, badge: "v1.2.0"},
		{tag: "v1.2.0", badge: "v1.2.0", refused: "Validation Failed (tag_name already_exists)"},
	} {
		switch err := release(step.tag, step.prerelease, step.latest); {
		case step.refused != "":
			refused(t, err, 422, step.refused)
		case err != nil:
			t.Fatal(step.tag, err)
		}
		latest, _, err := c.Repositories.GetLatestRelease(t.Context(), owner, repo)
		ok(t, err)
		if latest.GetTagName() != step.badge {
			t.Errorf("after %s the badge is on %s, expected %s", step.tag, latest.GetTagName(), step.badge)
		}
	}
	_, _, err := c.Repositories.CreateRelease(
		t.Context(),
		owner,
		repo,
		&github.RepositoryRelease{TagName: github.String("v2.0.0"), Draft: github.Bool(true), MakeLatest: yes},
	)
	refused(t, err, 422, "Validation Failed (custom Latest release cannot be draft or prerelease.)")
	tags := state(t, w).GitHub.Tags
	if len(tags) != 6 { // publishing makes the tag: the first one's, and one for each of the five
		t.Errorf("tags %v, expected 6", tags)
	}
}

func TestWhoAsks(t *testing.T) {
	w := open(t, options(t))
	ctx := t.Context()
	notes := &github.GenerateNotesOptions{TagName: "v1.0.0"}
	_, _, err := client(t, w, "").Repositories.GenerateReleaseNotes(ctx, owner, repo, notes)
	refused(t, err, 401, "Requires authentication")
	_, _, err = client(t, w, "wrong").Repositories.Get(ctx, owner, repo)
	refused(t, err, 401, "Bad credentials")
	got, _, err := client(t, w, token).Repositories.GenerateReleaseNotes(ctx, owner, repo, notes)
	ok(t, err)
	if !strings.Contains(got.Body, "Full Changelog") {
		t.Error(got.Body)
	}
	with, _, err := client(t, w, token).Repositories.Get(ctx, owner, repo)
	ok(t, err)
	without, _, err := client(t, w, "").Repositories.Get(ctx, owner, repo)
	ok(t, err)
	if with.GetDefaultBranch() != "main" || !with.GetPermissions()["push"] || without.GetPermissions()["push"] {
		t.Errorf("%s, %v, %v", with.GetDefaultBranch(), with.GetPermissions(), without.GetPermissions())
	}
}

func TestPages(t *testing.T) {
	w := open(t, options(t))
	c := client(t, w, token)
	for _, tag := range []string{"v1", "v2", "v3", "v4", "v5"} {
		_, _, err := c.Repositories.CreateRelease(
			t.Context(),
			owner,
			repo,
			&github.RepositoryRelease{TagName: &tag, Draft: github.Bool(true)},
		)
		ok(t, err)
	}
	var seen []string
	for options := (&github.ListOptions{PerPage: 2}); ; {
		releases, answer, err := c.Repositories.ListReleases(t.Context(), owner, repo, options)
		ok(t, err)
		for _, release := range releases {
			seen = append(seen, release.GetTagName())
		}
		if answer.NextPage == 0 {
			break
		}
		options.Page = answer.NextPage
	}
	if diff := cmp.Diff([]string{"v5", "v4", "v3", "v2", "v1"}, seen); diff != "" {
		t.Error(diff)
	}
	none, _, err := client(t, w, "").Repositories.ListReleases(t.Context(), owner, repo, nil)
	ok(t, err)
	if len(none) > 0 {
		t.Errorf("drafts are shown without the token: %v", none)
	}
}
