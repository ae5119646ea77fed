package publish_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// failing plays a part of a release in which requests of a method to a path fail.
func (s stage) failing(t *testing.T, b build, method, path string, part func(context.Context, publish.Release) error) {
	t.Helper()
	world := s.open(
		t,
		on(
			method,
			path,
			func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusForbidden) },
		),
	)
	if err := play(t.Context(), world, b, part); err == nil {
		t.Errorf("%s %s did not fail", method, path)
	}
	s.close(t, world)
}

// What followed a rolled-back release goes to the highest that stands, not to what
// was there before.
func TestRollbackToTheHighest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.mustPlay(t, "v1.7.3")
	_, b := s.mustPlay(t, "v1.8.0")
	s.mustPlay(t, "v1.7.4") // a hotfix that came after
	state, _, err := s.act(t, b, burns)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, state, "v1.7.4", map[string]string{"latest": "1.7.4", "1.7": "1.7.4"})
}

// A rollback that did not come to its end leaves latest and the badge on the
// rolled-back release. They are not left there by the next release, though it is
// lower.
func TestReleaseBelowARolledBackOne(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.8.0")
	s.failing(t, b, http.MethodPut, "/manifests/latest$", burns)
	state, _ := s.mustPlay(t, "v1.7.3")
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
	_, second := s.mustPlay(t, "v1.7.4")
	s.failing(t, second, http.MethodPut, "/manifests/latest$", burns)
	state, _ = s.mustPlay(t, "v1.6.9") // what stands is higher than this
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3", "1.6": "1.6.9"})
}

// A rollback that could not record itself is finished when it is run again.
func TestInterruptedRollbackIsFinished(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.7.3")
	s.failing(t, b, http.MethodPatch, "/git/refs/odin-release/v1.7.3$", burns)
	state, told, err := s.act(t, b, burns)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	assets := state.GitHub.Releases[1].Assets
	if len(assets) != 4 ||
		!slices.ContainsFunc(assets, func(a standin.Asset) bool { return a.Name == publish.StateFile }) {
		t.Errorf("%+v", assets)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
}

// Running a rolled-back release again undoes what is left of it, also when it has
// lost a file.
func TestRolledBackReleaseThatLostAFile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.7.3")
	s.failing(t, b, http.MethodPut, "/manifests/latest$", burns)
	if _, _, err := s.act(
		t,
		b,
		func(ctx context.Context, r publish.Release) error { return lose(ctx, r, "openapi.json") },
	); err != nil {
		t.Fatal(err)
	}
	state, told, err := s.playAll(t, b)
	if err != nil || !strings.Contains(told, "nothing is promoted") {
		t.Errorf("%v\n%s", err, told)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
}

// A build that did not get as far as its record leaves its notes in the draft.
// The release goes out with those of the build that is recorded.
func TestNotesOfAnotherBuild(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b, other := s.build(t, "v1.7.3"), s.rebuild(t)
	if _, _, err := s.act(
		t,
		b,
		func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, b.Built); return err },
	); err != nil {
		t.Fatal(err)
	}
	s.failing(t, other, http.MethodPost, "/git/trees$", func(ctx context.Context, r publish.Release) error {
		r.Plan.Commit = strings.Repeat("0", 40) // of the tag as it was for a while
		_, err := r.Publish(ctx, other.Built)
		return err
	})
	state, told, err := s.playAll(t, b)
	if body := state.GitHub.Releases[1].Body; err != nil || !strings.Contains(body, b.Built.Image.Digest) ||
		strings.Contains(body, other.Built.Image.Digest) {
		t.Errorf("%v, %s\n%s", err, body, told)
	}
}

// The answer to the creation of a draft is lost, and GitHub's list lags behind:
// there are two. The release goes on with the one that it has recorded itself in,
// and the other one is deleted.
func TestSecondDraft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	var earlier *httptest.ResponseRecorder
	lost := 0
	world := s.open(t, func(service string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lists := service == standin.GitHub && r.Method == http.MethodGet &&
				strings.HasSuffix(r.URL.Path, "/releases")
			creates := service == standin.GitHub && r.Method == http.MethodPost &&
				strings.HasSuffix(r.URL.Path, "/releases")
			answer := httptest.NewRecorder()
			switch {
			case lists && lost == 1: // it lags
				answer, lost = earlier, 2
			case creates && lost == 0:
				next.ServeHTTP(httptest.NewRecorder(), r)
				answer.WriteHeader(http.StatusBadGateway)
				lost = 1
			default:
				next.ServeHTTP(answer, r)
			}
			if lists {
				earlier = answer
			}
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		})
	})
	r, err := released(addressesOf(world), b, &said{})
	if err != nil {
		t.Fatal(err)
	}
	err = all(t.Context(), r, b.Built, publish.NoOverride)
	state := s.close(t, world)
	if err != nil || lost != 2 || len(state.GitHub.Releases) != 2 {
		t.Errorf("%v, %d, %+v", err, lost, state.GitHub.Releases)
	}
	wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
}

// A tag of a line stays in its line, also when release.yaml does not name the
// line any more.
func TestRollbackOfADroppedLine(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.mustPlay(t, "v1.7.3")
	_, b := s.mustPlay(t, "v1.7.4")
	s.mustPlay(t, "v2.0.0")
	state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Config.Publish.Tags = []string{"latest"}
		return burns(ctx, r)
	})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, state, "v2.0.0", map[string]string{"latest": "2.0.0", "1.7": "1.7.3"})
}

// A release that ended between its proof and its tag is named by nothing: not by
// what follows the highest release, and not when that is rolled back. It does not
// matter whether the registry still has its image.
func TestProvenWithoutATag(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, good := s.mustPlay(t, "v1.7.3")
	s.commit(t, "feat: more", "v1.9.0")
	nine := s.build(t, "v1.9.0")
	if _, _, err := s.act(t, nine, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, nine.Built); err != nil {
			return err
		}
		_, err := prove(ctx, r)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.commit(t, "fix: more", "v1.8.1")
	eight := s.build(t, "v1.8.1")
	for _, gone := range []bool{false, true} {
		c := s.copied(t)
		if gone {
			c.forget(t, nine.Built.Image.Digest)
		}
		state, told, err := c.playAll(t, eight)
		if err != nil {
			t.Fatalf("gone: %v: %v\n%s", gone, err, told)
		}
		wants(t, state, "v1.8.1", map[string]string{"latest": "1.8.1", "1.9.0": ""})
		if state, _, err = c.act(t, eight, burns); err != nil {
			t.Fatalf("gone: %v: %v", gone, err)
		}
		wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
	}
	if state, _, err := s.act(t, good, burns); err != nil || tagsOf(state)["latest"] != tagsOf(state)["1.7.2"] {
		t.Errorf("%v, %v", err, tagsOf(state))
	}
}

// A lower release finds latest below a healthy one, and is about to correct that when the
// other is rolled back. Nobody but itself can lead latest on then.
func TestRolledBackWhileLatestMovesToIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, high := s.mustPlay(t, "v1.8.0")
	if _, _, err := s.act(t, high, func(ctx context.Context, r publish.Release) error {
		old, err := r.Registry.Digest(ctx, "1.7.2")
		if err != nil {
			return err
		}
		return r.Registry.Tag(ctx, "latest", old) // by hand
	}); err != nil {
		t.Fatal(err)
	}
	s.commit(t, "fix: an old line", "v1.6.9")
	low := s.build(t, "v1.6.9")
	s.meanwhile(t, low, http.MethodPut, "/manifests/latest$", func(world *standin.World) {
		if err := play(t.Context(), world, high, burns); err != nil {
			t.Error(err)
		}
	})
	state, told, err := s.playAll(t, low)
	if err != nil {
		t.Errorf("%v\n%s", err, told)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2", "1.6": "1.6.9"})
}

// A finished release is run again, and rolled back before that run asks who has the badge:
// what the run gives back to the release by mistake, it moves on itself.
func TestRolledBackWhileItRunsAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlay(t, "v1.8.0")
	s.meanwhile(t, b, http.MethodGet, "/releases/latest$", func(world *standin.World) {
		if err := play(t.Context(), world, b, burns); err != nil {
			t.Error(err)
		}
	})
	state, _, err := s.act(t, b, func(context.Context, publish.Release) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
}
