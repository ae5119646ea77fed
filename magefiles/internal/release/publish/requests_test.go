package publish_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// counted is a transport that keeps the requests that were sent through it.
type counted struct {
	next http.RoundTripper

	mu   sync.Mutex
	sent []string
}

func (c *counted) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent = append(c.sent, request.Method+" "+request.URL.RequestURI())
	c.mu.Unlock()
	return c.next.RoundTrip(request)
}

// manyReleases adds published releases of old versions to what GitHub has.
func (s stage) manyReleases(t *testing.T, n int) {
	t.Helper()
	book := filepath.Join(s.dir, "world", "github", "github.json")
	content, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	var ledger map[string]any
	if err := json.Unmarshal(content, &ledger); err != nil {
		t.Fatal(err)
	}
	releases, _ := ledger["releases"].([]any)
	first, _ := releases[0].(map[string]any)
	var old []any
	for i := range n {
		release := maps.Clone(first)
		release["id"] = 1_000_000 + i
		release["tag"] = fmt.Sprintf("v0.%d.%d", i/100, i%100)
		release["name"] = release["tag"]
		old = append(old, release)
	}
	ledger["releases"] = append(old, releases...)
	if content, err = json.Marshal(ledger); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(book, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// count plays a whole release, with its outcome, and gives the requests that it made.
func (s stage) count(t *testing.T, b build) []string {
	t.Helper()
	world := s.open(t, nil)
	sent := &counted{next: web.New(impatient, web.LoopbackOnly())}
	r, err := releasedThrough(sent, addressesOf(world), b, &said{})
	if err != nil {
		t.Fatal(err)
	}
	if err := all(t.Context(), r, b.Built, publish.NoOverride); err != nil {
		t.Fatal(err)
	}
	found, err := r.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rows := found.Outcome(); rows[0][1] != "published" {
		t.Errorf("%q", rows)
	}
	s.close(t, world)
	return sent.sent
}

// A rerun of a finished release makes few requests, however many releases there are by then,
// also when another is the highest.
func TestRequestsOfARerun(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1500} {
		for _, tag := range []string{"v1.7.3", "v1.6.9"} {
			t.Run(fmt.Sprint(tag, " among ", n, " releases"), func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				s.config.Publish.Tags = []string{"latest"}
				if tag == "v1.7.3" {
					s.config.Publish.Tags = []string{"latest", "X.Y"}
				}
				s.commit(t, "feat: more", tag)
				b := s.build(t, tag)
				first := s.count(t, b)
				if n > 0 {
					s.manyReleases(t, n)
				}
				again := s.count(t, b)
				t.Logf("%d requests for the first run, %d for the rerun", len(first), len(again))
				if len(again) > 12 {
					t.Errorf(
						"a rerun made %d requests, expected 12 at most:\n%s",
						len(again),
						strings.Join(again, "\n"),
					)
				}
			})
		}
	}
}
