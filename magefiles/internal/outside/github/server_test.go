package github

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

const token = "ghp_canary0123456789"

// asked is a request as a server saw it.
type asked struct{ method, path, query, auth, accept, contentType, body string }

// fake is a GitHub with the answers of a test.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	asked []asked
}

// serve answers requests by "METHOD /path", without the query. Any other request fails
// the test.
func serve(t *testing.T, answers map[string]http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.asked = append(f.asked, asked{
			r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Accept"),
			r.Header.Get("Content-Type"), strings.TrimSpace(string(body)),
		})
		f.mu.Unlock()
		answer := answers[r.Method+" "+r.URL.EscapedPath()]
		if answer == nil {
			t.Errorf("unexpected: %s %s", r.Method, r.URL)
			answer = says(http.StatusTeapot, "")
		}
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) all() []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) last() asked {
	asked := f.all()
	return asked[len(asked)-1]
}

// bodies returns the bodies of all requests with this method, one per line.
func (f *fake) bodies(method string) string {
	var lines []string
	for _, each := range f.all() {
		if each.method == method {
			lines = append(lines, each.path+" "+each.body)
		}
	}
	return strings.Join(lines, "\n")
}

func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func (f *fake) client(t *testing.T) *Client { return f.as(t, token) }

func (f *fake) as(t *testing.T, token string) *Client {
	t.Helper()
	policy := web.Policy{Pause: time.Millisecond, Attempts: 2, Longest: time.Second}
	c, err := New(f.URL, token, Repository{"ada", "app"}, web.New(policy, web.LoopbackOnly()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
