package publish_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// TestVersionTag publishes and rolls back releases whose image tags have a form of their
// own, after one that another tool made in another form.
func TestVersionTag(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Publish.VersionTag = "v{version}-full"
	state, _ := s.mustPlay(t, "v1.7.3")
	moving := map[string]string{"latest": "v1.7.3-full", "v1.7-full": "v1.7.3-full", "1.7.3": "", "1.7": ""}
	wants(t, state, "v1.7.3", moving)
	_, bad := s.mustPlay(t, "v1.7.4")
	state, _ = s.mustPlay(t, "v2.0.0")
	wants(t, state, "v2.0.0", map[string]string{"latest": "v2.0.0-full", "v1.7-full": "v1.7.4-full"})
	if _, _, err := s.act(t, bad, func(ctx context.Context, r publish.Release) error {
		before, err := r.Earlier(ctx)
		if err != nil || before.Version() != "1.7.3" || before.Digest != tagsOf(state)["v1.7.3-full"] {
			t.Errorf("before is %+v, %v", before, err)
		}
		r.Config.Publish.Tags = []string{"latest"} // the record knows the line
		return burns(ctx, r)
	}); err != nil {
		t.Fatal(err)
	}
	state, told, err := s.playAll(t, bad)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	wants(t, state, "v2.0.0", map[string]string{"latest": "v2.0.0-full", "v1.7-full": "v1.7.3-full"})
	body := state.GitHub.Releases[1].Body
	if !strings.Contains(body, "docker pull ghcr.io/hughkantsime/runsodin:v1.7.3-full\n") {
		t.Errorf("the notes are %s", body)
	}
}

// TestEarlierInAnotherForm finds the image of a release of another tool.
func TestEarlierInAnotherForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Publish.VersionTag = "v{version}"
	s.commit(t, "feat: more", "v1.7.3")
	_, _, err := s.act(t, s.build(t, "v1.7.3"), func(ctx context.Context, r publish.Release) error {
		before, err := r.Earlier(ctx)
		if err != nil || before.Version() != "1.7.2" || !slices.Equal(before.Names, []string{"v1.7.2", "1.7.2"}) {
			t.Errorf("before is %+v, %v", before, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestVersionHasOneTag changes the form of the tags of a release that is under way.
func TestVersionHasOneTag(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.7.3")
	b.Config.Publish.VersionTag = "v{version}"
	_, _, err := s.playAll(t, b)
	const want = "refs/odin-release/v1.7.3 records ghcr.io/hughkantsime/runsodin:1.7.3, " +
		"and publish.versionTag makes it v1.7.3"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
}
