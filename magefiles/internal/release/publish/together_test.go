package publish_test

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
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
	_ = all(t.Context(), r, b.Built, publish.NoOverride) // it may say that it came too late
	s.close(t, world)
	if !done.Load() {
		t.Errorf("there was no %s of %s", method, pattern)
	}
	return told
}

// before is a transport that does something before its n-th request of a method
// to a path.
type before struct {
	next         http.RoundTripper
	method, path string
	n            atomic.Int32
	do           func()
}

func (b *before) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == b.method && strings.Contains(request.URL.Path, b.path) && b.n.Add(-1) == 0 {
		b.do()
	}
	return b.next.RoundTrip(request)
}

// Another run of the same release finds that the announcement is about to be
// recorded, and comes to act on that only when it is posted: it does not post it
// again.
func TestAnnouncementIsClaimedOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	world := s.open(t, nil)
	posted, waits := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(posted) })
	defer goOn()
	other := func() {
		defer close(waits)
		stop := &before{
			next:   web.New(patient, web.LoopbackOnly()),
			method: http.MethodPost,
			path:   "/git/trees",
			do:     func() { waits <- struct{}{}; <-posted },
		}
		stop.n.Store(1)
		if r, err := releasedThrough(stop, addressesOf(world), b, &said{}); err == nil {
			_, _ = r.Notify(t.Context(), publish.NoOverride) // it may say that it came too late
		}
	}
	third := &before{
		next:   web.New(patient, web.LoopbackOnly()),
		method: http.MethodPatch,
		path:   "/git/refs/odin-release/",
		do:     func() { go other(); <-waits },
	}
	third.n.Store(2) // the first is that of Prove
	last := &before{next: third, method: http.MethodPost, path: "/git/trees", do: func() { goOn(); <-waits }}
	last.n.Store(5) // published, proven, the version files, posting, posted
	r, err := releasedThrough(last, addressesOf(world), b, &said{})
	if err != nil {
		t.Fatal(err)
	}
	err = all(t.Context(), r, b.Built, publish.NoOverride)
	if state := s.close(t, world); len(state.Messages) != 1 {
		t.Errorf("%v, %d messages", err, len(state.Messages))
	}
}

// rebuild builds v1.7.3 on a machine whose image comes out otherwise.
func (s stage) rebuild(t *testing.T) build {
	t.Helper()
	b := s.build(t, "v1.7.3")
	b.Built.Image = layoutOf(
		t,
		filepath.Join(b.Built.Dir, "image.oci"),
		b.Plan.Version,
		b.Plan.Commit,
		[]string{"linux/arm64", "linux/amd64"},
	)
	return b
}

// The same release twice at once is announced once, and its version is the
// build that the record has.
func TestSameReleaseTwiceAtOnce(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct{ method, path string }{
		"before the version is named": {http.MethodPut, `/manifests/1\.7\.3`},
		"before it is posted":         {http.MethodPost, "/api/webhooks/"},
		"before it is recorded":       {http.MethodPost, "/git/refs$"},
		"before latest moves":         {http.MethodPut, "/manifests/latest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b, other := s.build(t, "v1.7.3"), s.rebuild(t)
			s.meanwhile(
				t,
				b,
				at.method,
				at.path,
				func(world *standin.World) { // one of both is told that it was too late
					_ = play(
						t.Context(),
						world,
						other,
						func(ctx context.Context, r publish.Release) error {
							return all(ctx, r, other.Built, publish.NoOverride)
						},
					)
				},
			)
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
