package publish_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// discards discards a release, and gives what was going to be removed.
func discards(ctx context.Context, r publish.Release) ([]string, error) {
	found, err := r.Discard(ctx)
	if err != nil {
		return nil, err
	}
	return found.List(), found.Remove(ctx)
}

// drafted is a stage with a draft of v1.7.3 that was seen healthy, with everything that it
// can have: signatures, a name in the registry, a branch with a pull request, and a second
// draft. It also gives what there was before.
func drafted(t *testing.T, referrers bool) (s stage, b build, before standin.State) {
	t.Helper()
	s = newStage(t)
	s.referrers = referrers
	s.commit(t, "feat: more", "v1.7.3")
	world := s.open(t, nil)
	before = s.close(t, world)
	b = s.build(t, "v1.7.3")
	b.Built.Claims = claims()
	_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Key = testKey
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		if _, err := prove(ctx, r); err != nil {
			return err
		}
		return errors.Join(
			r.Registry.Tag(ctx, "1.7.3", b.Built.Image.Digest), proposed(ctx, r.GitHub.Code, "v1.7.3"),
		)
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	return s, b, before
}

// digests are those that differ from run to run.
var digests = regexp.MustCompile(`sha256[:-][0-9a-f]{64}`)

var testKey = func() *signature.Key {
	key, err := signature.Generate()
	if err != nil {
		panic(err)
	}
	return key
}()

// proposed opens a pull request with the version of a release.
func proposed(ctx context.Context, code github.Code, tag string) error {
	head, err := code.Branch(ctx, "main")
	if err != nil {
		return err
	}
	commit, err := code.Commit(ctx, head, "chore(release): "+tag, map[string][]byte{"VERSION": []byte(tag)})
	if err != nil {
		return err
	}
	if err := code.CreateBranch(ctx, "odin-release/"+tag, commit); err != nil {
		return err
	}
	_, err = code.OpenPullRequest(ctx, "odin-release/"+tag, "main", "the version", "")
	return err
}

// masked is a text without the digests and sizes that differ from run to run.
func masked(text string, b build, r string) string {
	image := b.Built.Image
	for digest, name := range map[string]string{
		image.Digest: "(image)", image.Platforms[0].Digest: "(amd64)", image.Platforms[1].Digest: "(arm64)",
	} {
		text = strings.ReplaceAll(text, digest, name)
		text = strings.ReplaceAll(text, strings.Replace(digest, ":", "-", 1), strings.Trim(name, "()")+"-tag")
	}
	return digests.ReplaceAllString(strings.ReplaceAll(text, r, "(registry)"), "(attached)")
}

// A draft is discarded with everything that was made for it, in both kinds of registry. What
// is public before stays as it is. A second time there is nothing to do.
func TestDiscard(t *testing.T) {
	for _, referrers := range []bool{false, true} {
		t.Run(fmt.Sprintf("referrers=%v", referrers), func(t *testing.T) {
			t.Parallel()
			s, b, before := drafted(t, referrers)
			var list []string
			var name string
			after, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) (err error) {
				name = r.Registry.Name()
				list, err = discards(ctx, r)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			closed := after.GitHub.Pulls
			if len(closed) != 1 || closed[0].State != "closed" {
				t.Errorf("%+v", closed)
			}
			after.GitHub.Pulls = nil
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("something is left (-before +after):\n%s", diff)
			}
			text := "Listed:\n" + strings.Join(list, "\n") + "\n\nTold:\n" + told + "\n"
			testkit.Golden(t, filepath.Join("testdata", fmt.Sprintf("discard-%v.txt", referrers)), masked(text, b, name))
			_, told, err = s.act(t, b, func(ctx context.Context, r publish.Release) (err error) {
				list, err = discards(ctx, r)
				return err
			})
			if err != nil || len(list) > 0 || told != "" {
				t.Errorf("the second time: %v, %q, %s", err, list, told)
			}
		})
	}
}

// A run that is killed at one of its requests, before it takes effect or after, is completed by
// the next one: nothing is left, and what was there before stays. TestNightlyDiscardInterrupted
// does so at each.
func TestDiscardInterrupted(t *testing.T) {
	template, b, before := drafted(t, false)
	total := template.killedDiscarding(t, b, before, 0, false)
	for _, at := range []int32{2, total / 3, total - 5, total - 1} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(at, after), func(t *testing.T) {
				t.Parallel()
				template.killedDiscarding(t, b, before, at, after)
			})
		}
	}
}

// killedDiscarding discards a release on a copy of the stage, is killed at a request that
// changes something, and discards it again. It gives how many such requests a run made.
func (s stage) killedDiscarding(t *testing.T, b build, before standin.State, at int32, after bool) int32 {
	t.Helper()
	s = s.copied(t)
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	var count atomic.Int32
	world := s.open(t, func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet || r.Method == http.MethodHead || count.Add(1) != at {
				next.ServeHTTP(w, r)
				return
			}
			if after {
				next.ServeHTTP(httptest.NewRecorder(), r)
			}
			kill()
			panic(http.ErrAbortHandler)
		})
	})
	err := play(ctx, world, b, func(ctx context.Context, r publish.Release) error {
		_, err := discards(ctx, r)
		return err
	})
	s.close(t, world)
	if (err == nil) != (at == 0) {
		t.Errorf("the run that was killed ended with %v", err)
	}
	state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		_, err := discards(ctx, r)
		return err
	})
	state.GitHub.Pulls = nil
	if diff := cmp.Diff(before, state); err != nil || diff != "" {
		t.Errorf("killed at %d (after: %v), the next run ended with %v\n%s\n%s", at, after, err, told, diff)
	}
	return count.Load()
}

// What is public, or can be pulled by a name that users have, is not discarded, nor what
// something else made: nothing is changed.
func TestDiscardRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		make func(context.Context, publish.Release, build) error
		want string
	}{
		"a public release": {
			func(ctx context.Context, r publish.Release, b build) error { return all(ctx, r, b.Built, "") },
			`v1.7.3 is public (https://github.com/hughkantsime/runsodin/releases/tag/v1.7.3): a release is not ` +
				`discarded; rollback v1.7.3 withdraws it`,
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
			`the draft v1.7.3 has no record in refs/odin-release/v1.7.3, so that it was made by something else: delete it`,
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

// What was made for a draft that a person has deleted is removed by its record.
func TestDiscardOfADeletedDraft(t *testing.T) {
	s, b, before := drafted(t, false)
	state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		if err := errors.Join(r.Registry.Deletions().Tag(ctx, "1.7.3"),
			r.GitHub.Releases.DeleteRelease(ctx, found.Release.ID)); err != nil {
			return err
		}
		_, err = discards(ctx, r)
		return err
	})
	state.GitHub.Pulls = nil
	if diff := cmp.Diff(before, state); err != nil || diff != "" {
		t.Errorf("%v\n%s\n(-before +after):\n%s", err, told, diff)
	}
}

// A registry that deletes nothing, as ghcr.io, keeps the image; that is told, and the draft is
// removed all the same.
func TestDiscardInARegistryThatKeeps(t *testing.T) {
	s, b, _ := drafted(t, false)
	world := s.open(t, on(http.MethodDelete, "/manifests/", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}`))
	}))
	told := &said{}
	r, err := released(addressesOf(world), b, told)
	if err != nil {
		t.Fatal(err)
	}
	_, err = discards(t.Context(), r)
	state := s.close(t, world)
	if err != nil || len(state.GitHub.Releases) != 1 || tagsOf(state)["1.7.3"] != b.Built.Image.Digest {
		t.Errorf("%v, %+v", err, state)
	}
	testkit.Golden(t, "testdata/discard-kept.txt", masked(told.String()+"\n", b, r.Registry.Name()))
}

// An image that says that it is another version is not removed, whatever the record says.
func TestDiscardOfAnotherImage(t *testing.T) {
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
	for _, pattern := range []string{"/manifests/1.7.3$", "/releases/assets/", "/git/refs/"} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			s, b, before := drafted(t, false)
			var once atomic.Bool
			var world *standin.World
			world = s.open(t, on(http.MethodDelete, pattern, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if once.CompareAndSwap(false, true) {
					if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
						_, err := r.Promote(ctx)
						return err
					}); err != nil {
						t.Logf("the other run: %v", err)
					}
				}
				next.ServeHTTP(w, r)
			}))
			err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
				_, err := discards(ctx, r)
				return err
			})
			state := s.close(t, world)
			if !once.Load() {
				t.Fatal("the other run did not come")
			}
			if state, _, err = s.act(t, b, func(ctx context.Context, r publish.Release) error {
				_, err := discards(ctx, r)
				return err
			}); err != nil {
				t.Error(err)
			}
			state.GitHub.Pulls = nil
			if diff := cmp.Diff(before, state); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}

// Drafts are those that have a record, with what is known of them.
func TestDrafts(t *testing.T) {
	s, b, _ := drafted(t, false)
	for _, want := range []publish.Draft{
		{Tag: "v1.7.3", Digest: b.Built.Image.Digest, Healthy: true},
		{Tag: "v1.7.3", Digest: b.Built.Image.Digest, Healthy: true, Over: "it burns"},
	} {
		var drafts []publish.Draft
		_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) (err error) {
			if want.Over != "" {
				err = burns(ctx, r)
			}
			if _, made := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "nightly"}); made != nil {
				return made
			}
			var listed error
			drafts, listed = publish.Drafts(ctx, r)
			return errors.Join(err, listed)
		})
		if err != nil || len(drafts) != 1 || drafts[0].Since.IsZero() {
			t.Fatalf("%v, %+v", err, drafts)
		}
		drafts[0].Since = want.Since
		if diff := cmp.Diff(want, drafts[0]); diff != "" {
			t.Error(diff)
		}
	}
}
