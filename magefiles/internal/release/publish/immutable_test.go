package publish_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// A release is the same whether GitHub makes it immutable or not: nothing is written to
// its assets once it is out, neither by its notifications nor by a rollback.
func TestImmutable(t *testing.T) {
	t.Parallel()
	for _, immutable := range []bool{false, true} {
		t.Run(fmt.Sprintf("immutable=%v", immutable), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.immutable = immutable
			state, b := s.mustPlay(t, "v1.7.3")
			if len(state.GitHub.LateWrites) != 0 || len(state.GitHub.Releases[1].Assets) != 4 {
				t.Errorf("%v, %+v", state.GitHub.LateWrites, state.GitHub.Releases[1].Assets)
			}
			again, _, err := s.playAll(t, b)
			if diff := cmp.Diff(state, again); err != nil || diff != "" {
				t.Errorf("a second run: %v\n%s", err, diff)
			}
			state, _, err = s.act(t, b, burns)
			if release := state.GitHub.Releases[1]; err != nil || len(state.GitHub.LateWrites) != 0 ||
				release.Name != "v1.7.3 (withdrawn)" || !strings.Contains(release.Body, "it burns") {
				t.Errorf("a rollback: %v, %+v", err, state.GitHub)
			}
			wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2"})
		})
	}
}

// release.json is the state as it is when the release goes out, with a signature of it.
func TestStateGoesOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	key := newKey(t)
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Key = key
		if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
			return err
		}
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		files := map[string][]byte{}
		for _, asset := range found.Release.Assets {
			var content bytes.Buffer
			if err := r.GitHub.Releases.Download(ctx, asset.ID, &content); err != nil {
				return err
			}
			files[asset.Name] = content.Bytes()
		}
		out, err := publish.ParseState(files[publish.StateFile])
		if err != nil {
			return err
		}
		if diff := cmp.Diff(string(found.State.Published().JSON()), string(out.JSON())); diff != "" || !out.Proven ||
			out.Docs != "" || found.State.Docs == "" {
			t.Errorf("%+v\n%s", out, diff)
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(files[publish.StateFile]))
		_, err = signature.Check(files[publish.StateFile+signature.Suffix], key.Public, sum, signature.Signed)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The tag of an immutable release that was deleted can't be released again, which is said
// with the way out.
func TestBurnedTag(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.immutable = true
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		made, err := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "v1.7.3"})
		if err != nil {
			return err
		}
		out := false
		if _, err := r.GitHub.Releases.Edit(ctx, made.ID, github.Edit{Draft: &out}); err != nil {
			return err
		}
		return r.GitHub.Releases.DeleteRelease(ctx, made.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.playAll(t, b)
	if !errors.Is(err, github.ErrBurned) || !strings.Contains(err.Error(), "release the next version") {
		t.Error(err)
	}
}

// A file that a person deletes from the draft while the tags move could not be attached any
// more once the release is out: it stays a draft, and the next run attaches the file.
func TestFileGoneBeforeItIsOut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"checksums.txt", publish.StateFile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.immutable = true
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			s.meanwhile(t, b, http.MethodPut, "/manifests/latest$", func(world *standin.World) {
				err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
					return lose(ctx, r, name)
				})
				if err != nil {
					t.Error(err)
				}
			})
			state, _, err := s.act(t, b, func(context.Context, publish.Release) error { return nil })
			if err != nil || !state.GitHub.Releases[1].Draft || len(state.Messages) != 0 {
				t.Fatalf("it is out: %v, %+v", err, state.GitHub.Releases[1])
			}
			state, _, err = s.playAll(t, b)
			if out := state.GitHub.Releases[1]; err != nil || out.Draft || len(out.Assets) != 4 ||
				len(state.GitHub.LateWrites) != 0 {
				t.Errorf("%v, %+v", err, out)
			}
		})
	}
}
