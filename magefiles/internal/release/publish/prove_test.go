package publish_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// What was verified has to be what is recorded, on every platform.
func TestProofOfAnotherImage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	there := b.Built.Image.Platforms
	for name, healthy := range map[string][]verify.Health{
		"nothing":      nil,
		"one platform": {{Platform: there[0].Name, Digest: there[0].Digest}},
		"another's digest": {
			{Platform: there[0].Name, Digest: there[0].Digest},
			{Platform: there[1].Name, Digest: there[0].Digest},
		},
	} {
		state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
			if _, err := r.Publish(ctx, b.Built); err != nil {
				return err
			}
			_, err := r.Prove(ctx, healthy)
			return err
		})
		if err == nil ||
			!strings.Contains(err.Error(), there[1].Digest+" ("+there[1].Name+") of v1.7.3 was not verified") &&
				name != "nothing" {
			t.Errorf("%s: %v", name, err)
		}
		wants(t, state, "v1.7.2", map[string]string{"latest": "1.7.2", "1.7.3": ""})
	}
}

// A release that is out and loses its tag, or its image, gets it back.
func TestTagIsRestored(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, b := s.mustPlay(t, "v1.7.3")
	s.forget(t, "1.7.3")
	again, told, err := s.playAll(t, b)
	if err != nil || tagsOf(again)["1.7.3"] != tagsOf(state)["1.7.3"] {
		t.Errorf("%v\n%s", err, told)
	}
	s.forget(t, "1.7.3", b.Built.Image.Digest)
	other := s.rebuild(t)
	if _, _, err := s.playAll(
		t,
		other,
	); err == nil ||
		!strings.Contains(err.Error(), "is gone from the registry, and this build is "+other.Built.Image.Digest) {
		t.Error(err)
	}
	again, told, err = s.playAll(t, b)
	if err != nil || tagsOf(again)["1.7.3"] != tagsOf(state)["1.7.3"] {
		t.Errorf("%v\n%s", err, told)
	}
}

// forget deletes manifests from the registry, by tag or digest.
func (s stage) forget(t *testing.T, references ...string) {
	t.Helper()
	world := s.open(t, nil)
	for _, reference := range references {
		request, err := http.NewRequestWithContext(
			t.Context(),
			http.MethodDelete,
			"http://"+world.Registry()+"/v2/"+repository+"/manifests/"+reference,
			nil,
		)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("anybody", token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil || answer.StatusCode >= 300 {
			t.Fatalf("delete %s: %v %v", reference, answer, err)
		}
		answer.Body.Close()
	}
	s.close(t, world)
}
