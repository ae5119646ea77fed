package publish_test

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// GitHub's list of releases lags behind: what is known to be there is waited
// for.
func TestListLagsBehind(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	if _, _, err := s.act(
		t,
		b,
		func(ctx context.Context, r publish.Release) error { _, err := r.Publish(ctx, b.Built); return err },
	); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	world := s.open(
		t,
		on(http.MethodGet, "/releases$", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if asked.Add(1) <= 2 {
				_, _ = io.WriteString(w, "[]")
				return
			}
			next.ServeHTTP(w, r)
		}),
	)
	if err := play(
		t.Context(),
		world,
		b,
		func(ctx context.Context, r publish.Release) error { return all(ctx, r, b.Built, publish.NoOverride) },
	); err != nil {
		t.Error(err)
	}
	wants(t, s.close(t, world), "v1.7.3", map[string]string{"latest": "1.7.3"})
}
