package publish_test

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/web"
)

// on does something with the requests of a method whose path has a pattern.
// All others pass.
func on(method, pattern string, act func(w http.ResponseWriter, r *http.Request, next http.Handler)) intercept {
	path := regexp.MustCompile(pattern)
	return func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && path.MatchString(r.URL.Path) {
				act(w, r, next)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// meanwhile plays a release, and something else once, before the first of the
// release's requests that is matched. It gives what the release told, which may
// end with an error for that.
func (s stage) meanwhile(t *testing.T, b build, method, pattern string, other func(*standin.World)) *said {
	t.Helper()
	var world *standin.World
	var done atomic.Bool
	world = s.open(t, on(method, pattern, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if done.CompareAndSwap(false, true) {
			other(world)
		}
		next.ServeHTTP(w, r)
	}))
	told := &said{}
	r, err := releasedThrough(web.New(patient, web.LoopbackOnly()), addressesOf(world), b, told)
	if err != nil {
		t.Fatal(err)
	}
	_ = all(t.Context(), r, b.Built, publish.Unsolved) // it may say that it came too late
	s.close(t, world)
	if !done.Load() {
		t.Errorf("there was no %s of %s", method, pattern)
	}
	return told
}

// rebuild builds a tag's release on a machine whose image comes out otherwise.
func (s stage) rebuild(t *testing.T, tag string) build {
	t.Helper()
	b := s.build(t, tag)
	b.Built.Image = layoutOf(t, filepath.Join(b.Built.Dir, "image.oci"), b.Plan.Version, b.Plan.Commit, []string{"linux/arm64", "linux/amd64"})
	return b
}

// The same release twice at once is announced once, and its version is the
// build that the record has.
func TestSameReleaseTwiceAtOnce(t *testing.T) {
	for name, at := range map[string]struct{ method, path string }{
		"before the version is named": {http.MethodPut, `/manifests/1\.7\.3`},
		"before it is posted":         {http.MethodPost, "/api/webhooks/"},
		"before it is recorded":       {http.MethodPost, "/assets"},
		"before latest moves":         {http.MethodPut, "/manifests/latest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b, other := s.build(t, "v1.7.3"), s.rebuild(t, "v1.7.3")
			s.meanwhile(t, b, at.method, at.path, func(world *standin.World) { // one of both is told that it was too late
				_ = play(t.Context(), world, other, func(ctx context.Context, r publish.Release) error { return all(ctx, r, other.Built, publish.Unsolved) })
			})
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
