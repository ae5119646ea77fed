package registry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// kinds are both kinds of registry: with the API for referrers, and without.
var kinds = map[string]bool{"with the API for referrers": true, "without it": false}

// served serves a registry, and returns the name of a repository in it.
func served(t *testing.T, api bool, around func(http.Handler) http.Handler) string {
	t.Helper()
	handler := ggcr.New(ggcr.WithReferrersSupport(api), ggcr.Logger(log.New(io.Discard, "", 0)))
	if around != nil {
		handler = around(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://") + "/ada/shop"
}

func open(t *testing.T, name string) *registry.Repository {
	t.Helper()
	opened, err := registry.Open(name, registry.Access{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// pushed pushes an image and returns its digest.
func pushed(t *testing.T, to *registry.Repository) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "image.oci")
	layer := static.NewLayer([]byte("the app"), types.OCIUncompressedLayer)
	tinyapp.WriteLayout(t, dir, "1.8.0", "0123456789abcdef", tinyapp.Image(t, "linux/amd64", layer))
	if err := to.Push(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	summary, err := image.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return summary.Digest
}

func bundle(text string) registry.Bundle {
	return registry.Bundle{
		MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", PredicateType: "https://example.org/" + text,
		Content: []byte(text),
	}
}

func noWait(context.Context) error { return nil }

func TestAttach(t *testing.T) {
	for kind, api := range kinds {
		t.Run(kind, func(t *testing.T) {
			repository := open(t, served(t, api, nil))
			subject, attached := pushed(t, repository), repository.Referrers()
			both := []registry.Bundle{bundle("a"), bundle("b")}
			for range 2 { // the second time changes nothing
				if err := attached.Attach(t.Context(), subject, both, noWait); err != nil {
					t.Fatal(err)
				}
				list, err := attached.List(t.Context(), subject)
				if err != nil || len(list) != 2 {
					t.Fatalf("%v: %+v", err, list)
				}
				got := map[string]string{}
				for _, each := range list {
					read, is, err := attached.Read(t.Context(), each.Digest)
					if err != nil || !is || read.PredicateType != each.PredicateType {
						t.Errorf("%v, %v: %+v of %+v", is, err, read, each)
					}
					got[each.PredicateType] = string(read.Content)
				}
				if got["https://example.org/a"] != "a" || got["https://example.org/b"] != "b" {
					t.Errorf("%v", got)
				}
			}
			left, err := attached.Missing(t.Context(), subject, append(both, bundle("c")))
			if err != nil || len(left) != 1 || left[0].PredicateType != "https://example.org/c" {
				t.Errorf("%v: %+v", err, left)
			}
			named, err := repository.Digest(t.Context(), strings.Replace(subject, ":", "-", 1))
			if err != nil || (named == "") != api {
				t.Errorf("%v: the index of referrers is tagged as %q", err, named)
			}
		})
	}
}

func TestMissingOfNothing(t *testing.T) {
	repository := open(t, served(t, true, nil))
	subject := "sha256:" + strings.Repeat("0", 64)
	left, err := repository.Referrers().Missing(t.Context(), subject, []registry.Bundle{bundle("a")})
	if err != nil || len(left) != 1 {
		t.Errorf("%v: %+v", err, left)
	}
	err = repository.Referrers().Attach(t.Context(), subject, left, noWait)
	if err == nil || !strings.Contains(err.Error(), "attach to ") || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

// What others attached, and what they say of it, stays.
func TestAttachKeepsOthers(t *testing.T) {
	name := served(t, false, nil)
	repository := open(t, name)
	subject := pushed(t, repository)
	host, path, _ := strings.Cut(name, "/")
	platforms, err := repository.Platforms(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	child, err := v1.NewHash(platforms["linux/amd64"])
	if err != nil {
		t.Fatal(err)
	}
	theirs := v1.Descriptor{
		MediaType: types.OCIManifestSchema1, Size: 7, ArtifactType: "application/vnd.example",
		Digest:      child,
		Annotations: map[string]string{"org.example": "theirs"},
	}
	index := v1.IndexManifest{
		SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{theirs},
		Annotations: map[string]string{"org.example": "index"},
	}
	address := "http://" + host + "/v2/" + path + "/manifests/" + strings.Replace(subject, ":", "-", 1)
	put(t, address, index)
	ours := []registry.Bundle{bundle("ours")}
	if err := repository.Referrers().Attach(t.Context(), subject, ours, noWait); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := v1.ParseIndexManifest(response.Body)
	if err != nil || len(got.Manifests) != 2 || got.Annotations["org.example"] != "index" {
		t.Fatalf("%v: %+v", err, got)
	}
	same := func(d v1.Descriptor) bool {
		return d.Digest == theirs.Digest && d.ArtifactType == theirs.ArtifactType &&
			d.Annotations["org.example"] == "theirs"
	}
	if !slices.ContainsFunc(got.Manifests, same) {
		t.Errorf("%+v", got.Manifests)
	}
}

func put(t *testing.T, address string, index v1.IndexManifest) {
	t.Helper()
	body, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", string(types.OCIImageIndex))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatal(response.Status)
	}
}

// A registry without the API may answer a question for referrers with a page, as ghcr.io
// does after a redirection.
func TestAttachWhereReferrersArePages(t *testing.T) {
	name := served(t, false, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, "<html>not found</html>")
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	repository := open(t, name)
	subject := pushed(t, repository)
	for _, text := range []string{"a", "b"} {
		if err := repository.Referrers().
			Attach(t.Context(), subject, []registry.Bundle{bundle(text)}, noWait); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := repository.Referrers().List(t.Context(), subject); err != nil || len(list) != 2 {
		t.Errorf("%v: %+v", err, list)
	}
}

// rendezvous lets writers wait for each other: nobody goes on before each of those that are
// left has come, so that no one is between its look and the writing that follows.
type rendezvous struct {
	mu      sync.Mutex
	parties int
	waiting []chan struct{}
}

func (r *rendezvous) wait(context.Context) error {
	r.mu.Lock()
	here := make(chan struct{})
	r.waiting = append(r.waiting, here)
	r.release()
	r.mu.Unlock()
	<-here
	return nil
}

func (r *rendezvous) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parties--
	r.release()
}

func (r *rendezvous) release() {
	if len(r.waiting) < r.parties {
		return
	}
	for _, each := range r.waiting {
		close(each)
	}
	r.waiting = nil
}

// Four writers that attach to the same manifest at the same time lose nothing.
func TestAttachTogether(t *testing.T) {
	const writers = 4
	each := 12 // the work grows with its square
	if testkit.All() {
		each = 50
	}
	for kind, api := range kinds {
		t.Run(kind, func(t *testing.T) {
			name := served(t, api, nil)
			subject := pushed(t, open(t, name))
			together := &rendezvous{parties: writers}
			var group sync.WaitGroup
			for writer := range writers {
				repository := open(t, name)
				group.Go(func() {
					defer together.leave()
					for i := range each {
						content := []registry.Bundle{bundle(fmt.Sprintf("%d-%d", writer, i))}
						if err := repository.Referrers().
							Attach(t.Context(), subject, content, together.wait); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			list, err := open(t, name).Referrers().List(t.Context(), subject)
			if err != nil || len(list) != writers*each {
				t.Errorf("%v: %d of %d are attached", err, len(list), writers*each)
			}
		})
	}
}

func TestIsReferrersTag(t *testing.T) {
	hex := strings.Repeat("0", 64)
	for tag, want := range map[string]bool{
		"sha256-" + hex: true, "sha256:" + hex: false, "sha256-" + hex + ".sig": false, "latest": false,
		"1.8.0-rc.1": false,
	} {
		if got := registry.IsReferrersTag(tag); got != want {
			t.Errorf("%s: %v", tag, got)
		}
	}
}
