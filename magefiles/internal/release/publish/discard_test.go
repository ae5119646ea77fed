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

// drafted returns a stage with a draft of v1.7.3 that was seen healthy, with everything that it
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

// masked returns a text without the digests and sizes that differ from run to run.
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
	t.Parallel()
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
			testkit.Golden(
				t,
				filepath.Join("testdata", fmt.Sprintf("discard-%v.txt", referrers)),
				masked(text, b, name),
			)
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
	t.Parallel()
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

// What was made for a draft that a person has deleted is removed by its record.
func TestDiscardOfADeletedDraft(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	s, b, _ := drafted(t, false)
	world := s.open(
		t,
		on(http.MethodDelete, "/manifests/", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusMethodNotAllowed)
			_, _ = w.Write([]byte(`{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}`))
		}),
	)
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
