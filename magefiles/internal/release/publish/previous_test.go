package publish_test

import (
	"context"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// The release before is compared with as it was released, if it was released by us.
func TestPrevious(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "fix: one", "v1.7.3")
	s.commit(t, "fix: two", "v1.7.4")
	world := s.open(t, nil)
	defer s.close(t, world)
	previous := func(b build, file string) (found *publish.Previous) {
		t.Helper()
		if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) (err error) {
			found, err = r.Previous(ctx, file)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := s.build(t, "v1.7.3")
	if found := previous(first, "openapi.json"); found != nil {
		t.Errorf("what another tool released has the state %+v", found.State)
	}
	if err := play(t.Context(), world, first, func(ctx context.Context, r publish.Release) error {
		return all(ctx, r, first.Built, publish.NoOverride)
	}); err != nil {
		t.Fatal(err)
	}
	second := s.build(t, "v1.7.4")
	found := previous(second, "openapi.json")
	if found == nil || found.State.Tag != "v1.7.3" || found.State.Image.Digest != first.Built.Image.Digest ||
		string(found.File) != `{"version":"1.7.3"}` {
		t.Fatalf("%+v", found)
	}
	if found := previous(second, "missing.json"); found == nil || found.File != nil {
		t.Errorf("a file that is not there: %+v", found)
	}
}
