package publish_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// act plays a part of a release on a stage.
func (s stage) act(
	t *testing.T,
	b build,
	part func(context.Context, publish.Release) error,
) (standin.State, string, error) {
	t.Helper()
	world := s.open(t, nil)
	told := &said{}
	r, err := released(addressesOf(world), b, told)
	if err != nil {
		t.Fatal(err)
	}
	err = part(t.Context(), r)
	return s.close(t, world), told.String(), err
}

func (s stage) mustPlay(t *testing.T, tag string) (standin.State, build) {
	t.Helper()
	s.commit(t, "feat: what "+tag+" brings", tag)
	b := s.build(t, tag)
	state, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatalf("%s: %v\n%s", tag, err, told)
	}
	return state, b
}

// wants compares the tags of the image and the badge with versions whose
// digests the version tags give.
func wants(t *testing.T, state standin.State, badge string, moving map[string]string) {
	t.Helper()
	tags := tagsOf(state)
	for tag, version := range moving {
		if version != "" && tags[tag] != tags[version] || version == "" && tags[tag] != "" {
			t.Errorf("%s is %q, expected that of %q; tags %v", tag, tags[tag], version, tags)
		}
	}
	if got := badgeOf(state); got != badge {
		t.Errorf("GitHub's latest release is %q, expected %q", got, badge)
	}
}

func TestLatestFollowsTheHighest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, _ := s.mustPlay(t, "v1.7.3")
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3", "1.7": "1.7.3"})
	state, _ = s.mustPlay(t, "v1.6.9") // a hotfix of an old line
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3", "1.7": "1.7.3", "1.6": "1.6.9"})
	state, _ = s.mustPlay(t, "v1.8.0-rc.1")
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3", "1.7": "1.7.3", "1.8": ""})
	if last := state.GitHub.Releases[len(state.GitHub.Releases)-1]; !last.Prerelease || last.Draft ||
		len(state.Messages) != 3 {
		t.Errorf("%+v", last)
	}
	state, _ = s.mustPlay(t, "v1.8.0")
	wants(t, state, "v1.8.0", map[string]string{"latest": "1.8.0", "1.7": "1.7.3", "1.6": "1.6.9", "1.8": "1.8.0"})
}

func TestUnprovenIsNotPromoted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		_, err := r.Promote(ctx)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "v1.7.3 was not seen healthy yet") {
		t.Error(err)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2", "1.7": ""})
	release := state.GitHub.Releases[1]
	if !release.Draft || len(release.Assets) != 3 || len(state.Messages) != 0 || tagsOf(state)["1.7.3"] != "" ||
		state.Registry[0].Untagged != len(platforms)+1 {
		t.Errorf("%+v", state)
	}
}

// foreign makes tags of an image that says no version.
func (s stage) foreign(t *testing.T, tags ...string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "image.oci")
	summary := layoutOf(t, dir, "", "", platforms[:1])
	s.proven.digests[summary.Digest] = true // it is not the pipeline that names it
	_, _, err := s.act(t, s.build(t, "v1.7.2"), func(ctx context.Context, r publish.Release) error {
		if err := r.Registry.Push(ctx, dir); err != nil {
			return err
		}
		for _, tag := range tags {
			if err := r.Registry.Tag(ctx, tag, summary.Digest); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLatestAmongForeignTags(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.foreign(t, "latest", "edge", "nightly", "v1.7.2", "9.9.9-custom")
	before, _, err := s.act(t, s.build(t, "v1.7.2"), func(context.Context, publish.Release) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	state, b := s.mustPlay(t, "v1.7.3")
	want := tagsOf(before)
	want["latest"], want["1.7.3"], want["1.7"] = b.Built.Image.Digest, b.Built.Image.Digest, b.Built.Image.Digest
	if diff := cmp.Diff(want, tagsOf(state)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A latest that says no version may be that of the newest release, which
// another tool made.
func TestLatestOfAnotherTool(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.foreign(t, "latest")
	s.commit(t, "feat!: all new", "v2.0.0")
	_, _, err := s.act(t, s.build(t, "v2.0.0"), func(ctx context.Context, r publish.Release) error {
		draft, err := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "v2.0.0", Name: "Two"})
		if err != nil {
			return err
		}
		out, latest := false, true
		_, err = r.GitHub.Releases.Edit(ctx, draft.ID, github.Edit{Draft: &out, MakeLatest: &latest})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := tagsOf(func() standin.State {
		state, _, _ := s.act(t, s.build(t, "v1.7.2"), func(context.Context, publish.Release) error { return nil })
		return state
	}())
	state, _ := s.mustPlay(t, "v1.7.3")
	if got := tagsOf(state)["latest"]; got != before["latest"] {
		t.Errorf("latest moved to %s", got)
	}
	wants(t, state, "v2.0.0", map[string]string{"1.7": "1.7.3"})
}

func TestRollback(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.7.3")
	rollback := func(reason string) func(context.Context, publish.Release) error {
		return func(ctx context.Context, r publish.Release) error {
			_, err := r.Rollback(ctx, publish.Rollback{Reason: reason})
			return err
		}
	}
	if _, _, err := s.act(t, b, rollback(" ")); err == nil || !strings.Contains(err.Error(), "needs a reason") {
		t.Error(err)
	}
	state, _, err := s.act(t, b, rollback("printers vanish, @everyone"))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
	release := state.GitHub.Releases[1]
	if release.Name != "v1.7.3 (withdrawn)" ||
		!strings.HasPrefix(
			release.Body,
			"> [!CAUTION]\n> This release was withdrawn: printers vanish, @\u200beveryone\n",
		) ||
		release.Draft {
		t.Errorf("%+v", release)
	}
	again, told, err := s.act(t, b, rollback(""))
	if diff := cmp.Diff(state, again); err != nil || diff != "" || strings.Contains(told, ": done") {
		t.Errorf("a second rollback did something: %v\n%s\n%s", err, diff, told)
	}
	again, told, err = s.playAll(t, b)
	if diff := cmp.Diff(
		state,
		again,
	); err != nil || diff != "" ||
		!strings.Contains(told, "WARNING: v1.7.3 was rolled back (printers vanish, @everyone)") {
		t.Errorf("releasing it again did something: %v\n%s\n%s", err, diff, told)
	}
	state, _ = s.mustPlay(t, "v1.7.4")
	wants(t, state, "v1.7.4", map[string]string{"latest": "1.7.4", "1.7": "1.7.4"})
}

func TestRollbackOfWhatHasNoRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, _, err := s.act(
		t,
		s.build(t, "v1.7.2"),
		func(ctx context.Context, r publish.Release) error {
			_, err := r.Rollback(ctx, publish.Rollback{Reason: "because"})
			return err
		},
	)
	if err == nil || !strings.Contains(err.Error(), "v1.7.2 has no record (refs/odin-release/v1.7.2)") {
		t.Error(err)
	}
}

func TestVersionIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, b := s.mustPlay(t, "v1.7.3")
	other := s.build(t, "v1.7.3")
	other.Built.Image = layoutOf(t, filepath.Join(t.TempDir(), "image.oci"), "1.7.3", "another", platforms)
	// What is there is whole and of this commit: another build of it is not needed.
	again, told, err := s.playAll(t, other)
	if diff := cmp.Diff(
		state,
		again,
	); err != nil || diff != "" ||
		!strings.Contains(told, "published already, as "+b.Built.Image.Digest) {
		t.Errorf("%v\n%s\n%s", err, diff, told)
	}
	// Of another commit it is refused.
	s.commit(t, "fix: forgotten")
	other.Plan.Commit = strings.Repeat("a", 40)
	again, _, err = s.act(
		t,
		other,
		func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, other.Built); return err },
	)
	if diff := cmp.Diff(
		state.Registry,
		again.Registry,
	); err == nil || !strings.Contains(err.Error(), "v1.7.3 was published from another commit") ||
		diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// A registry in which the version is something else is told with both digests.
func TestVersionOfAnotherImage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.foreign(t, "1.7.3")
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	state, _, err := s.act(
		t,
		b,
		func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, b.Built); return err },
	)
	if err == nil || !strings.Contains(err.Error(), tagsOf(state)["1.7.3"]) ||
		!strings.Contains(err.Error(), b.Built.Image.Digest) {
		t.Error(err)
	}
	if len(state.GitHub.Releases) != 1 || tagsOf(state)["latest"] != tagsOf(state)["1.7.2"] {
		t.Errorf("%+v", state)
	}
}
