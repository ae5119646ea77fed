//go:build scenario

package targets_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// TestScenarioDraftChanged: a draft that no key has signed is checked before anything of it is made public, with what a
// stand-in for GitHub has attested. One whose files were changed meanwhile stays one.
func TestScenarioDraftChanged(t *testing.T) {
	t.Parallel()
	var changed atomic.Pointer[[2]string] // a file that GitHub serves, and what it serves instead
	s := newScene(t, script{pretended: true, around: func(service string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			change := changed.Load()
			if service != standin.GitHub || change == nil || !strings.Contains(r.URL.Path, "/downloads/") {
				next.ServeHTTP(w, r)
				return
			}
			seen := httptest.NewRecorder()
			next.ServeHTTP(seen, r)
			content := seen.Body.Bytes()
			if string(content) == change[0] {
				content = []byte(change[1])
			}
			maps.Copy(w.Header(), seen.Header())
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			w.WriteHeader(seen.Code)
			_, _ = w.Write(content)
		})
	}})
	key, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	sums := readFile(t, filepath.Join(s.dir(), "dist", "checksums.txt"))
	bundle, err := key.Sign(signature.Of("sbom.spdx.json", strings.Fields(sums)[0], signature.Provenance, nil))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s.dir(), "dist/provenance.sigstore.json", string(bundle))
	other, err := key.Sign(signature.Of("", s.digest(t), signature.Provenance, nil))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s.dir(), "dist/image.provenance.sigstore.json", string(other))
	if published := s.run(t, "publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	s.prove(t)
	for wanted, change := range map[string][2]string{
		"file sbom.spdx.json: its SHA-256 is ":           {"{}\n", "[]\n"},
		"file checksums.txt: its SHA-256 is ":            {sums, strings.Repeat("0", 64) + sums[64:]},
		"file provenance.sigstore.json: its SHA-256 is ": {string(bundle), string(other)},
	} {
		changed.Store(&change)
		refused := s.run(t, "postRelease")
		if refused.code == 0 || !strings.Contains(refused.stderr, wanted) ||
			!strings.Contains(refused.stderr, "v1.7.3 is not what was published: nothing was made public") {
			t.Errorf("postRelease: exit code %d, and nothing says %q: %s", refused.code, wanted, refused.stderr)
		}
		if state := s.state(t); tagged(state, "1.7.3") != "" || tagged(state, "latest") == s.digest(t) ||
			badge(state) != "v1.7.2" || !releaseOf(t, state, "v1.7.3").Draft {
			t.Errorf("%s: something is public:\n%+v", wanted, state)
		}
	}
	changed.Store(nil)
	promoted := s.run(t, "postRelease")
	if promoted.code != 0 || !inOrder(promoted.stdout, "checks of what was published, all well",
		"not applicable: signatures: no key has signed the release",
		"not applicable: provenance: it is that of a stand-in") {
		t.Errorf("postRelease: exit code %d, %s%s", promoted.code, promoted.stdout, promoted.stderr)
	}
	if state := s.state(t); tagged(state, "latest") != s.digest(t) || badge(state) != "v1.7.3" {
		t.Errorf("it is not public:\n%+v", state)
	}
}

// digest returns the digest of the image that dist has.
func (s *scene) digest(t *testing.T) string {
	t.Helper()
	built, err := image.Inspect(filepath.Join(s.dir(), "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	return built.Digest
}
