package publish_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// An app without an image is released all the same.
func TestReleaseWithoutImage(t *testing.T) {
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
			if _, err := r.Tell(ctx, publish.Unsolved); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || badgeOf(state) != "v1.7.3" || len(state.Messages) != 1 || tagsOf(state)["1.7.3"] != "" {
		t.Errorf("%v\n%s\n%+v", err, told, state)
	}
}

// before runs something once, before the first request that is matched.
func before(method, path string, run func()) intercept {
	done := false
	return func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !done && r.Method == method && strings.Contains(r.URL.Path, path) {
				done = true
				run()
			}
			next.ServeHTTP(w, r)
		})
	}
}

// A release is taken back while its own run still promotes and tells: it stays
// taken back.
func TestRollbackMeanwhile(t *testing.T) {
	for name, at := range map[string][2]string{
		"while latest moves":     {http.MethodPut, "/manifests/latest"},
		"while it is recorded":   {http.MethodPatch, "/releases/assets/"},
		"while it goes out":      {http.MethodPatch, "/releases/2"},
		"while the docs rebuild": {http.MethodPost, "/dispatches"},
		"while it is announced":  {http.MethodPost, "/api/webhooks/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			var world *standin.World
			world = s.open(t, before(at[0], at[1], func() {
				if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error { _, err := r.Rollback(ctx, "it burns"); return err }); err != nil {
					t.Error(err)
				}
			}))
			told := &said{}
			r, err := released(addressesOf(world), b, told)
			if err != nil {
				t.Fatal(err)
			}
			_ = all(t.Context(), r, b.Built, publish.Unsolved) // it may say that it was taken back
			s.close(t, world)
			state, _, err := s.playAll(t, b)
			if err != nil && !strings.Contains(err.Error(), "v1.7.3 was taken back (it burns)") {
				t.Error(err)
			}
			wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
			if name := state.GitHub.Releases[1].Name; name != "v1.7.3 (withdrawn)" {
				t.Errorf("it is called %q\n%s", name, told)
			}
		})
	}
}

// Two releases are taken back, the lower one first: what follows goes back to
// the last one that stands.
func TestRollbackOverWithdrawn(t *testing.T) {
	s := newStage(t)
	_, first := s.mustPlay(t, "v1.7.3")
	_, second := s.mustPlay(t, "v1.7.4")
	var state standin.State
	for _, b := range []build{first, second} {
		var err error
		if state, _, err = s.act(t, b, func(ctx context.Context, r publish.Release) error { _, err := r.Rollback(ctx, "it burns"); return err }); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
}

// The same release twice at once is announced once, and its version is the
// build that the record has.
func TestSameReleaseTwiceAtOnce(t *testing.T) {
	for name, at := range map[string][2]string{
		"before the version is named": {http.MethodPut, "/manifests/1.7.3"},
		"before it is posted":         {http.MethodPost, "/api/webhooks/"},
		"before it is recorded":       {http.MethodPost, "/assets"},
		"before latest moves":         {http.MethodPut, "/manifests/latest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b, other := s.build(t, "v1.7.3"), s.build(t, "v1.7.3")
			other.Built.Image = layoutOf(t, filepath.Join(other.Built.Dir, "image.oci"), "1.7.3", other.Plan.Commit, []string{"linux/arm64", "linux/amd64"})
			var world *standin.World
			world = s.open(t, before(at[0], at[1], func() {
				_ = play(t.Context(), world, other, func(ctx context.Context, r publish.Release) error { return all(ctx, r, other.Built, publish.Unsolved) })
			}))
			r, err := released(addressesOf(world), b, &said{})
			if err != nil {
				t.Fatal(err)
			}
			_ = all(t.Context(), r, b.Built, publish.Unsolved) // one of both is told that it was too late
			s.close(t, world)
			state, told, err := s.playAll(t, b)
			if err != nil {
				t.Errorf("the next run: %v\n%s", err, told)
			}
			if len(state.Messages) != 1 || len(state.GitHub.Releases) != 2 {
				t.Errorf("%d messages, %d releases", len(state.Messages), len(state.GitHub.Releases))
			}
			wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
		})
	}
}

// What a person put on a draft stays: files, and words around the notes.
func TestDraftOfAPersonStays(t *testing.T) {
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		draft, err := r.GitHub.CreateDraft(ctx, github.Release{Tag: "v1.7.3", Name: "Ours", Body: "By hand."})
		if err != nil {
			return err
		}
		_, err = r.GitHub.Upload(ctx, draft, "firmware.bin", "application/octet-stream", strings.NewReader("bits"), 4)
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
	if release.Body != "By hand." || !slices.ContainsFunc(release.Assets, func(a standin.Asset) bool { return a.Name == "firmware.bin" }) || !strings.Contains(told, "notes of its own") {
		t.Errorf("%+v\n%s", release, told)
	}
}

// A build that was not published yet gives way to another, notes included;
// words that a person put around them stay.
func TestAnotherBuildTakesTheDraft(t *testing.T) {
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	world := s.open(t, func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/1.7.3") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
		if err := all(ctx, r, b.Built, publish.Unsolved); err == nil {
			t.Error("it was named all the same")
		}
		releases, err := r.GitHub.Releases(ctx)
		if err != nil {
			return err
		}
		body := releases[0].Body + "\nWritten by hand.\n"
		_, err = r.GitHub.Edit(ctx, releases[0].ID, github.Edit{Body: &body})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.close(t, world)
	other := s.build(t, "v1.7.3")
	other.Notes = "## All new\n"
	other.Built.Image = layoutOf(t, filepath.Join(other.Built.Dir, "image.oci"), "1.7.3", other.Plan.Commit, []string{"linux/arm64", "linux/amd64"})
	state, told, err := s.playAll(t, other)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	body := state.GitHub.Releases[1].Body
	if !strings.Contains(body, "## All new\n") || !strings.Contains(body, other.Built.Image.Digest) || strings.Contains(body, b.Built.Image.Digest) || !strings.HasSuffix(body, "\nWritten by hand.\n") {
		t.Error(body)
	}
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
}

// A file that is gone from a finished release is attached again, also by a
// machine whose image came out otherwise.
func TestLostFileIsAttachedAgain(t *testing.T) {
	s := newStage(t)
	state, b := s.mustPlay(t, "v1.7.3")
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		assets, err := r.GitHub.Assets(ctx, found.Release.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(assets, func(a github.Asset) bool { return a.Name == "openapi.json" })
		return r.GitHub.DeleteAsset(ctx, assets[at].ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	other := s.build(t, "v1.7.3")
	other.Built.Image = layoutOf(t, filepath.Join(other.Built.Dir, "image.oci"), "1.7.3", other.Plan.Commit, []string{"linux/arm64", "linux/amd64"})
	changed := filepath.Join(other.Built.Dir, "openapi.json")
	content, err := os.ReadFile(changed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.playAll(t, other); err == nil || !strings.Contains(err.Error(), "attach openapi.json: it is gone from the release, and what was built here is another file") {
		t.Error(err)
	}
	if err := os.WriteFile(changed, content, 0o644); err != nil {
		t.Fatal(err)
	}
	again, told, err := s.playAll(t, other)
	if diff := cmp.Diff(state, again); err != nil || diff != "" {
		t.Errorf("%v\n%s\n%s", err, diff, told)
	}
}

// A record of a newer odin-release, on a higher release, is no obstacle.
func TestNewerRecordElsewhere(t *testing.T) {
	s := newStage(t)
	_, newer := s.mustPlay(t, "v1.8.0")
	_, _, err := s.act(t, newer, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		assets, err := r.GitHub.Assets(ctx, found.Release.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(assets, func(a github.Asset) bool { return a.Name == publish.RecordName })
		if err := r.GitHub.DeleteAsset(ctx, assets[at].ID); err != nil {
			return err
		}
		content := `{"of": "another age"}`
		_, err = r.GitHub.Upload(ctx, *found.Release, publish.RecordName, "application/json", strings.NewReader(content), int64(len(content)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	state, _ := s.mustPlay(t, "v1.7.3")
	wants(t, state, "v1.8.0", map[string]string{"latest": "1.8.0", "1.7": "1.7.3"})
}

// The release that is upgraded from is the one that users have.
func TestBeforeIsWhatCameOut(t *testing.T) {
	s := newStage(t)
	_, withdrawn := s.mustPlay(t, "v1.7.3")
	s.commit(t, "feat: never out", "v1.7.4")
	unproven := s.build(t, "v1.7.4")
	next := s.build(t, "v1.7.2")
	next.Plan.Tag, next.Plan.Version = "v1.7.5", "1.7.5"
	for _, part := range []struct {
		b  build
		do func(context.Context, publish.Release) error
	}{
		{withdrawn, func(ctx context.Context, r publish.Release) error { _, err := r.Rollback(ctx, "it burns"); return err }},
		{unproven, func(ctx context.Context, r publish.Release) error {
			_, err := r.Publish(ctx, unproven.Built)
			return err
		}},
		{next, func(ctx context.Context, r publish.Release) error {
			if before, err := r.Before(ctx); err != nil || before != "1.7.2" {
				t.Errorf("%q, %v", before, err)
			}
			return nil
		}},
	} {
		if _, _, err := s.act(t, part.b, part.do); err != nil {
			t.Fatal(err)
		}
	}
}

// An app's default branch that has left a carrier behind, but is ahead of an
// old line, is no obstacle.
func TestCarrierGoneFromABranchThatIsAhead(t *testing.T) {
	s := newStage(t)
	s.config.Carriers = append([]app.Carrier{{Path: "backend/uv.lock"}}, s.config.Carriers...)
	state, _ := s.mustPlay(t, "v1.6.9")
	if len(state.Messages) != 1 {
		t.Errorf("%+v", state)
	}
}

// GitHub's list of releases lags behind: what is known to be there is waited
// for.
func TestListLagsBehind(t *testing.T) {
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	if _, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, b.Built); return err }); err != nil {
		t.Fatal(err)
	}
	lag := 2
	world := s.open(t, func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/releases") && lag > 0 {
				lag--
				_, _ = w.Write([]byte("[]"))
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error { return all(ctx, r, b.Built, publish.Unsolved) }); err != nil {
		t.Error(err)
	}
	wants(t, s.close(t, world), "v1.7.3", map[string]string{"latest": "1.7.3"})
}
