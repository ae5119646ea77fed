package standin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

func reference(t *testing.T, w *standin.World, rest string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(w.Registry()+"/"+owner+"/"+repo+rest, name.Insecure)
	ok(t, err)
	return ref
}

func password(word string) remote.Option {
	return remote.WithAuth(&authn.Basic{Username: "x", Password: word})
}

func index(t *testing.T) (v1.ImageIndex, string) {
	t.Helper()
	made, err := random.Index(1000, 2, 2)
	ok(t, err)
	digest, err := made.Digest()
	ok(t, err)
	return made, digest.String()
}

func TestRegistry(t *testing.T) {
	o := options(t)
	w := open(t, o)
	first, firstDigest := index(t)
	second, secondDigest := index(t)
	for _, word := range []string{"", "wrong"} {
		if code := pushed(
			remote.WriteIndex(reference(t, w, ":1.0.0"), first, password(word)),
		); code != http.StatusUnauthorized {
			t.Errorf("a push with the password %q is answered %d, expected 401", word, code)
		}
	}
	ok(t, remote.WriteIndex(reference(t, w, ":1.0.0"), first, password(token)))
	ok(t, remote.WriteIndex(reference(t, w, ":latest"), first, password(token)))
	ok(t, remote.WriteIndex(reference(t, w, ":1.0.1"), second, password(token)))
	ok(t, remote.WriteIndex(reference(t, w, ":latest"), second, password(token)))
	w = survives(t, w, o)

	pulled, err := remote.Index(reference(t, w, "@"+firstDigest)) // by anybody
	ok(t, err)
	manifest, err := pulled.IndexManifest()
	ok(t, err)
	image, err := pulled.Image(manifest.Manifests[0].Digest)
	ok(t, err)
	layers, err := image.Layers()
	ok(t, err)
	content, err := layers[0].Compressed()
	ok(t, err)
	if _, err := io.Copy(io.Discard, content); err != nil { // checked against its digest
		t.Error(err)
	}
	ok(t, remote.Delete(reference(t, w, ":1.0.1"), password(token)))
	w = survives(t, w, o)
	want := []standin.Repository{
		{
			Name: owner + "/" + repo,
			Tags: []standin.Tag{{Name: "1.0.0", Digest: firstDigest}, {Name: "latest", Digest: secondDigest}},
		},
	}
	if diff := cmp.Diff(want, state(t, w).Registry); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	ok(t, remote.Delete(reference(t, w, ":latest"), password(token)))
	if got := state(t, w).Registry[0].Untagged; got != 3 { // the index and its two images
		t.Errorf("%d manifests without a tag, expected 3", got)
	}
}

// pushed returns the status that refused a push, 0 for none.
func pushed(err error) int {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		return 0
	}
	return refused.StatusCode
}

// put sends a manifest by hand.
func put(ctx context.Context, w *standin.World, reference string, body io.Reader, length int64) (int, error) {
	request, err := http.NewRequestWithContext(
		ctx,
		http.MethodPut,
		"http://"+w.Registry()+"/v2/a/b/manifests/"+reference,
		body,
	)
	if err != nil {
		return 0, err
	}
	request.SetBasicAuth("x", token)
	request.ContentLength = length
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// TestManifestsThatAreNotTaken sends one that is cut short, and one with another digest
// than its own: go-containerregistry's registry accepts both.
func TestManifestsThatAreNotTaken(t *testing.T) {
	o := options(t)
	w := open(t, o)
	if _, err := put(t.Context(), w, "half", io.MultiReader(strings.NewReader("{"), broken{}), 100); err == nil {
		t.Error("half a manifest was answered")
	}
	status, err := put(t.Context(), w, "sha256:"+strings.Repeat("0", 64), strings.NewReader("{}"), 2)
	ok(t, err)
	if status != http.StatusBadRequest {
		t.Errorf("a manifest with a wrong digest is answered %d, expected 400", status)
	}
	if got := state(t, w).Registry; got != nil {
		t.Errorf("holds %v, expected nothing", got)
	}
	survives(t, w, o)
}

// TestTornJournal is killed while it writes a manifest to the journal.
func TestTornJournal(t *testing.T) {
	o := options(t)
	w := open(t, o)
	made, digest := index(t)
	ok(t, remote.WriteIndex(reference(t, w, ":1.0.0"), made, password(token)))
	ok(t, w.Close())
	file := filepath.Join(o.Dir, "registry", "manifests.jsonl")
	data, err := os.ReadFile(file)
	ok(t, err)
	ok(t, os.WriteFile(file, append(data, `{"repository":"a/b","body":"`+strings.Repeat("x", 10000)...), 0o644))
	w = open(t, o)
	ok(t, remote.Tag(reference(t, w, ":latest").(name.Tag), taggable{made}, password(token)))
	w = survives(t, w, o)
	want := []standin.Tag{{Name: "1.0.0", Digest: digest}, {Name: "latest", Digest: digest}}
	if diff := cmp.Diff(want, state(t, w).Registry[0].Tags); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type taggable struct{ v1.ImageIndex }
