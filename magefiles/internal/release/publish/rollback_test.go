package publish_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// burns rolls a release back.
func burns(ctx context.Context, r publish.Release) error {
	_, err := r.Rollback(ctx, publish.Rollback{Reason: "it burns"})
	return err
}

// A release is rolled back while its own run still promotes and tells: it stays
// rolled back.
func TestRollbackMeanwhile(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct{ method, path string }{
		"while latest moves":     {http.MethodPut, "/manifests/latest"},
		"while it is recorded":   {http.MethodPatch, "/git/refs/odin-release/v1.7.3"},
		"while it goes out":      {http.MethodPatch, "/releases/2"},
		"while the docs rebuild": {http.MethodPost, "/dispatches"},
		"while it is announced":  {http.MethodPost, "/api/webhooks/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			told := s.meanwhile(t, b, at.method, at.path, func(world *standin.World) {
				if err := play(t.Context(), world, b, burns); err != nil {
					t.Error(err)
				}
			})
			state, _, err := s.playAll(t, b)
			if err != nil && !strings.Contains(err.Error(), "v1.7.3 was rolled back (it burns)") {
				t.Error(err)
			}
			wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
			if name := state.GitHub.Releases[1].Name; name != "v1.7.3 (withdrawn)" {
				t.Errorf("it is called %q\n%s", name, told)
			}
		})
	}
}

// Two releases are rolled back, the lower one first: what follows goes back to
// the last one that stands.
func TestRollbackOverRolledBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, first := s.mustPlay(t, "v1.7.3")
	_, second := s.mustPlay(t, "v1.7.4")
	var state standin.State
	for _, b := range []build{first, second} {
		var err error
		if state, _, err = s.act(t, b, burns); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
}
