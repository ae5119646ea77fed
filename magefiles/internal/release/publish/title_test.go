package publish_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// A release has the title and the files that the app wants, and keeps its title when it is
// rolled back. A second draft, as two runs at once may make, is known by the title, too.
func TestTitleAndAttachedFiles(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Publish.Title = "O.D.I.N. v{version}"
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	more := filepath.Join(b.Built.Dir, artifact.AttachedDir, "install.sh")
	if err := os.MkdirAll(filepath.Dir(more), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(more, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := artifact.Measure(b.Built.Dir, "install.sh")
	if err != nil {
		t.Fatal(err)
	}
	b.Built.Files = append(b.Built.Files, file)
	state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		_, err = r.GitHub.Releases.CreateDraft(ctx, github.Release{
			Tag: "v1.7.3", Name: "O.D.I.N. v1.7.3", Body: found.Release.Body,
		})
		return err
	})
	if err != nil || len(state.GitHub.Releases) != 3 {
		t.Fatalf("%v, %+v", err, state.GitHub.Releases)
	}
	if state, _, err = s.playAll(t, b); err != nil {
		t.Fatal(err)
	}
	release := state.GitHub.Releases[1]
	var attached *standin.Asset
	for i, asset := range release.Assets {
		if asset.Name == "install.sh" {
			attached = &release.Assets[i]
		}
	}
	if len(state.GitHub.Releases) != 2 || release.Name != "O.D.I.N. v1.7.3" || attached == nil ||
		attached.SHA256 != file.SHA256 {
		t.Errorf("%+v", state.GitHub.Releases)
	}
	b.Config.Publish.Title = "{tag}" // the configuration of a later day
	for range 2 {
		if state, _, err = s.act(t, b, burns); err != nil {
			t.Fatal(err)
		}
		if got := state.GitHub.Releases[1].Name; got != "O.D.I.N. v1.7.3 (withdrawn)" {
			t.Errorf("when it was rolled back, it is called %q", got)
		}
	}
}
