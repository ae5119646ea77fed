package publish_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

func newKey(t testing.TB) *signature.Key {
	t.Helper()
	key, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims returns what is said of an image.
func claims() []signature.Claim {
	return []signature.Claim{
		{Name: "SBOM", Type: signature.SPDX, Predicate: []byte(`{"spdxVersion": "SPDX-2.3"}`)},
		{Name: "provenance", Type: signature.Provenance, Predicate: []byte(`{"buildDefinition": {}}`)},
		{Name: "VEX", Type: signature.VEX, Predicate: []byte(`{"@context": "https://openvex.dev/ns/v0.2.0"}`)},
	}
}

// signatures counts what is attached to a manifest that a key has signed, by the type of
// the statement.
func signatures(ctx context.Context, r publish.Release, digest string, key *signature.Key) (map[string]int, error) {
	counts := map[string]int{}
	list, err := r.Registry.Referrers().List(ctx, digest)
	for _, each := range list {
		bundle, is, err := r.Registry.Referrers().Read(ctx, each.Digest)
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		if _, err := signature.Check(bundle.Content, key.Public, digest, each.PredicateType); err == nil {
			counts[each.PredicateType]++
		}
	}
	return counts, err
}

// wantSigned checks that an image, and that of each of its platforms, is signed once, with
// each of the claims.
func wantSigned(ctx context.Context, t *testing.T, r publish.Release, of image.Summary, key *signature.Key) {
	t.Helper()
	want := map[string]int{signature.Signed: 1, signature.SPDX: 1, signature.Provenance: 1, signature.VEX: 1}
	for _, digest := range []string{of.Digest, of.Platforms[0].Digest, of.Platforms[1].Digest} {
		got, err := signatures(ctx, r, digest, key)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", digest, err, diff)
		}
	}
}

// The image of a release, and that of each of its platforms, is signed, with what is
// claimed of it. A second run signs nothing again.
func TestSigned(t *testing.T) {
	t.Parallel()
	for _, referrers := range []bool{false, true} {
		t.Run(fmt.Sprintf("referrers=%v", referrers), func(t *testing.T) {
			s := newStage(t)
			s.referrers = referrers
			s.commit(t, "feat: more", "v1.7.3")
			b, key := s.build(t, "v1.7.3"), newKey(t)
			b.Built.Claims = claims()
			var first standin.State
			for run := range 2 {
				state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
					r.Key = key
					if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
						return err
					}
					wantSigned(ctx, t, r, b.Built.Image, key)
					return nil
				})
				if err != nil {
					t.Fatalf("%v\n%s", err, told)
				}
				if run == 0 {
					first = state
				} else if diff := cmp.Diff(first, state); diff != "" {
					t.Errorf("the second run changed something:\n%s", diff)
				}
			}
			if attached := first.Registry[0].Attached; len(attached) != 3 || attached[b.Built.Image.Digest] != 4 {
				t.Errorf("%+v", first.Registry)
			}
		})
	}
}

// What was attached may be lost, since somebody else attached something at the same time:
// nothing gets a name before it is signed again.
func TestSignedAgainBeforeItIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b, key := s.build(t, "v1.7.3"), newKey(t)
	lost := b.Built.Image.Platforms[1].Digest
	_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Key = key
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		if _, err := prove(ctx, r); err != nil {
			return err
		}
		// Somebody replaces the index of what is attached.
		return r.Registry.Tag(ctx, strings.Replace(lost, ":", "-", 1), b.Built.Image.Digest)
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	looks := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		seen, err := open(r.Host)
		if err != nil {
			t.Error(err)
		} else if got, err := signatures(t.Context(), seen, lost, key); err != nil || got[signature.Signed] != 1 {
			t.Errorf("it is named before it is signed: %v, %v", got, err)
		}
		next.ServeHTTP(w, r)
	}
	world := s.open(t, on(http.MethodPut, "/manifests/1.7.3$", looks))
	err = play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
		r.Key = key
		_, err := r.Promote(ctx)
		return err
	})
	if state := s.close(t, world); err != nil || tagsOf(state)["1.7.3"] == "" {
		t.Errorf("%v: %+v", err, state.Registry)
	}
}

// open returns a release that only reads the registry.
func open(host string) (publish.Release, error) {
	opened, err := registry.Open(host+"/"+repository, registry.Access{Alone: true})
	return publish.Release{Registry: opened}, err
}

// What GitHub has signed of the image is attached as it is; not if what is recorded is another image.
func TestProvenanceIsAttached(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b, github := s.build(t, "v1.7.3"), newKey(t)
	var err error
	b.Built.Provenance, err = github.Sign(signature.Of("", b.Built.Image.Digest, signature.Provenance, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
			return err
		}
		got, err := signatures(ctx, r, b.Built.Image.Digest, github)
		if diff := cmp.Diff(map[string]int{signature.Provenance: 1}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if err != nil || !strings.Contains(told, "attach the provenance of the image: done") {
		t.Errorf("%v\n%s", err, told)
	}
}
