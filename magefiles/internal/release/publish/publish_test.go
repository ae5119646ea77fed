package publish_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

func tagsOf(state standin.State) map[string]string {
	tags := map[string]string{}
	for _, repository := range state.Registry {
		for _, tag := range repository.Tags {
			tags[tag.Name] = tag.Digest
		}
	}
	return tags
}

func badgeOf(state standin.State) string {
	for _, release := range state.GitHub.Releases {
		if release.Latest {
			return release.Tag
		}
	}
	return ""
}

func TestReleaseOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	state, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	digest := b.Built.Image.Digest
	old := tagsOf(state)["1.7.2"]
	if diff := cmp.Diff(
		map[string]string{"1.7.2": old, "1.7.3": digest, "latest": digest, "1.7": digest},
		tagsOf(state),
	); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if len(state.GitHub.Releases) != 2 || badgeOf(state) != "v1.7.3" || len(state.Messages) != 1 ||
		len(state.GitHub.Dispatches) != 1 {
		t.Errorf("%+v", state)
	}
	if branch := state.GitHub.Branches[0]; branch.Subject != "chore(release): 1.7.3" {
		t.Errorf("the carriers are not on the default branch: %+v", branch)
	}
	for _, asset := range state.GitHub.Releases[1].Assets {
		if asset.State != "uploaded" {
			t.Errorf("%+v", asset)
		}
	}

	again, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state, again); diff != "" {
		t.Errorf("a second run changed something (-first +second):\n%s", diff)
	}
	for _, wanted := range []string{"v1.7.3 is published already", "it was posted already", "is out already"} {
		if !strings.Contains(told, wanted) {
			t.Errorf("the second run does not say %q:\n%s", wanted, told)
		}
	}
	if strings.Contains(told, ": done") {
		t.Errorf("the second run did something:\n%s", told)
	}
}

// An app without an image is released all the same.
func TestReleaseWithoutImage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Build.Image.Absent = "it is a library"
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	b.Built.Image = image.Summary{}
	state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Registry = nil
		for range 2 {
			if _, err := r.Publish(ctx, b.Built); err != nil {
				return err
			}
			if _, err := r.Prove(ctx, nil); err != nil {
				return err
			}
			if _, err := r.Promote(ctx); err != nil {
				return err
			}
			if _, err := r.Notify(ctx, publish.NoOverride); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || badgeOf(state) != "v1.7.3" || len(state.Messages) != 1 || tagsOf(state)["1.7.3"] != "" {
		t.Errorf("%v\n%s\n%+v", err, told, state)
	}
}
