package publish_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// What a person put on a draft stays: files, and words around the notes.
func TestDraftOfAPersonStays(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		draft, err := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "v1.7.3", Name: "Ours", Body: "By hand."})
		if err != nil {
			return err
		}
		_, err = r.GitHub.Releases.Upload(
			ctx,
			draft,
			"firmware.bin",
			"application/octet-stream",
			strings.NewReader("bits"),
			4,
		)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	state, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatal(err)
	}
	release := state.GitHub.Releases[1]
	if release.Body != "By hand." ||
		!slices.ContainsFunc(release.Assets, func(a standin.Asset) bool { return a.Name == "firmware.bin" }) ||
		!strings.Contains(told, "notes of its own") {
		t.Errorf("%+v\n%s", release, told)
	}
}

// A build that was not promoted yet gives way to that of another commit, when
// the tag was moved: notes and files included. What a person wrote around the
// notes stays.
func TestAnotherCommitTakesTheDraft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	if _, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		releases, err := r.GitHub.Releases.Releases(ctx)
		if err != nil {
			return err
		}
		body := releases[0].Body + "\nWritten by hand.\n"
		_, err = r.GitHub.Releases.Edit(ctx, releases[0].ID, github.Edit{Body: &body})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.commit(t, "fix: forgotten")
	testkit.Git(t, s.work(), "tag", "--force", "v1.7.3")
	testkit.Git(t, s.work(), "push", "--quiet", "--force", "--tags", s.bare())
	other := s.build(t, "v1.7.3")
	other.Notes = "## All new\n"
	state, told, err := s.playAll(t, other)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	body := state.GitHub.Releases[1].Body
	if !strings.Contains(body, "## All new\n") || !strings.Contains(body, other.Built.Image.Digest) ||
		strings.Contains(body, b.Built.Image.Digest) ||
		!strings.HasSuffix(body, "\nWritten by hand.\n") {
		t.Error(body)
	}
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
}
