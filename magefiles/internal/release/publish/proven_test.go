package publish_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// proven watches every request of a release for the one thing that must hold
// after each: a tag in the registry names a digest that a stored record says is
// healthy. Tags change only by the requests that it sees.
type proven struct {
	mu      sync.Mutex
	digests map[string]bool // nil: nothing is checked yet
	pending []string        // digests that a tree says are healthy
}

func (p *proven) copied() *proven {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &proven{digests: maps.Clone(p.digests)}
}

// watch returns a service with every write watched. A record counts when it has
// arrived whole, and a tag when the request is made: it may take effect although
// its answer is lost.
func (p *proven) watch(t testing.TB, service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
		} else {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		}
		_, reference, isManifest := strings.Cut(r.URL.Path, "/manifests/")
		if service == standin.Registry && isManifest && r.Method == http.MethodPut &&
			!strings.Contains(reference, ":") && !registry.IsReferrersTag(reference) {
			p.tagged(t, reference, body)
		}
		next.ServeHTTP(w, r)
		switch path := r.URL.Path; {
		case service != standin.GitHub || err != nil:
		case strings.HasSuffix(path, "/git/trees"):
			p.written(body)
		case strings.Contains(path, "/git/refs"):
			p.recorded()
		}
	})
}

// broken is the rest of a body that was cut off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func (p *proven) tagged(t testing.TB, tag string, manifest []byte) {
	digest, _, err := v1.SHA256(bytes.NewReader(manifest))
	if err != nil {
		panic(fmt.Sprint("hash from memory: ", err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.digests != nil && !p.digests[digest.String()] {
		t.Errorf("the tag %s was given to %s, which no record says is healthy", tag, digest)
	}
}

// written remembers a state that is in a tree. It counts when a ref is moved.
func (p *proven) written(content []byte) {
	var tree struct {
		Tree []struct{ Path, Content string }
	}
	var record publish.State
	if json.Unmarshal(content, &tree) != nil || len(tree.Tree) != 1 || tree.Tree[0].Path != publish.StateFile ||
		json.Unmarshal([]byte(tree.Tree[0].Content), &record) != nil || record.Image == nil || !record.Proven {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, image := range record.All() {
		p.pending = append(p.pending, image.Digest)
	}
}

func (p *proven) recorded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, digest := range p.pending {
		if p.digests != nil {
			p.digests[digest] = true
		}
	}
	p.pending = nil
}
