package publish_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// What is public, or can be pulled by a name that users have, is not discarded, nor what
// something else made: nothing is changed.
func TestDiscardRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(context.Context, publish.Release, build) error
		want string
	}{
		"a public release": {
			func(ctx context.Context, r publish.Release, b build) error { return all(ctx, r, b.Built, "") },
			`v1.7.3 is public (https://github.com/hughkantsime/runsodin/releases/tag/v1.7.3): a release is not ` +
				`discarded; rollback v1.7.3 rolls it back`,
		},
		"one that latest names": {
			func(ctx context.Context, r publish.Release, b build) error {
				if _, err := r.Publish(ctx, b.Built); err != nil {
					return err
				}
				return r.Registry.Tag(ctx, "latest", b.Built.Image.Digest)
			},
			`:latest is the image of v1.7.3, which users get by that name: run release`,
		},
		"one that a person deleted, and that may have been public": {
			func(ctx context.Context, r publish.Release, b build) error {
				if err := all(ctx, r, b.Built, ""); err != nil {
					return err
				}
				found, err := r.Observe(ctx)
				if err != nil {
					return err
				}
				other := b.Built.Image.Platforms[0].Digest
				return errors.Join(r.GitHub.Releases.DeleteRelease(ctx, found.Release.ID),
					r.Registry.Tag(ctx, "latest", other), r.Registry.Tag(ctx, "1.7", other))
			},
			`:1.7.3 is the image of v1.7.3, which users get by that name: run release`,
		},
		"a draft of something else": {
			func(ctx context.Context, r publish.Release, _ build) error {
				_, err := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "v1.7.3", Name: "mine", Body: "notes"})
				return err
			},
			`the draft v1.7.3 has no record in refs/odin-release/v1.7.3, so that it was made by something else`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.proven.digests = nil // a name is given by hand
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			before, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
				return test.make(ctx, r, b)
			})
			if err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			after, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
				_, err := discards(ctx, r)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, expected %s", err, test.want)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("something was changed:\n%s", diff)
			}
		})
	}
}

// An image that says that it is another version is not removed, whatever the record says.
func TestDiscardOfAnotherImage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	b.Built.Image = layoutOf(t, filepath.Join(b.Built.Dir, "image.oci"), "1.7.9", b.Plan.Commit, platforms)
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		_, err := discards(ctx, r)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "which says that it is 1.7.9: it was changed by hand") {
		t.Error(err)
	}
}

// A release that becomes public after the question was asked stays as it is.
func TestDiscardComesTooLate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	var public standin.State
	world := s.open(t, nil)
	err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		found, err := r.Discard(ctx)
		if err != nil {
			return err
		}
		if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
			return err
		}
		if public, err = world.State(ctx); err != nil {
			return err
		}
		return found.Remove(ctx)
	})
	if err == nil || !strings.Contains(err.Error(), "another run") {
		t.Error(err)
	}
	if diff := cmp.Diff(public, s.close(t, world)); diff != "" {
		t.Errorf("something was changed:\n%s", diff)
	}
}

// While a release is discarded, another run of it comes to promote it: nothing becomes public.
func TestDiscardWhilePromoted(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"/manifests/1.7.3$", "/releases/assets/", "/git/refs/"} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			s, b, before := drafted(t, false)
			var once atomic.Bool
			var world *standin.World
			world = s.open(
				t,
				on(http.MethodDelete, pattern, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if once.CompareAndSwap(false, true) {
						if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
							_, err := r.Promote(ctx)
							return err
						}); err != nil {
							t.Logf("the other run: %v", err)
						}
					}
					next.ServeHTTP(w, r)
				}),
			)
			if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
				_, err := discards(ctx, r)
				return err
			}); err != nil {
				t.Logf("discard: %v", err)
			}
			s.close(t, world)
			if !once.Load() {
				t.Fatal("the other run did not come")
			}
			state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
				_, err := discards(ctx, r)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			state.GitHub.Pulls = nil
			if diff := cmp.Diff(before, state); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}
