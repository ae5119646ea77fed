package publish_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// lose deletes a file of a release.
func lose(ctx context.Context, r publish.Release, name string) error {
	found, err := r.Observe(ctx)
	if err != nil {
		return err
	}
	assets, err := r.GitHub.Releases.Assets(ctx, found.Release.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(assets, func(a github.Asset) bool { return a.Name == name })
	if at < 0 {
		return fmt.Errorf("no %s in %+v", name, assets)
	}
	return r.GitHub.Releases.DeleteAsset(ctx, assets[at].ID)
}

// A file that is gone from a finished release is attached again, also by a
// machine whose image came out otherwise.
func TestLostFileIsAttachedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, b := s.mustPlay(t, "v1.7.3")
	_, _, err := s.act(
		t,
		b,
		func(ctx context.Context, r publish.Release) error { return lose(ctx, r, "openapi.json") },
	)
	if err != nil {
		t.Fatal(err)
	}
	other := s.rebuild(t)
	changed := filepath.Join(other.Built.Dir, "openapi.json")
	content, err := os.ReadFile(changed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.playAll(
		t,
		other,
	); err == nil ||
		!strings.Contains(
			err.Error(),
			"attach openapi.json: it is gone from the release, and what was built here is another file",
		) {
		t.Error(err)
	}
	if err := os.WriteFile(changed, content, 0o644); err != nil {
		t.Fatal(err)
	}
	again, told, err := s.playAll(t, other)
	again.GitHub.LateWrites = nil // it was restored
	if diff := cmp.Diff(state, again); err != nil || diff != "" {
		t.Errorf("%v\n%s\n%s", err, diff, told)
	}
}
