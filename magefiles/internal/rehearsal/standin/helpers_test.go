package standin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/openapi"
)

const (
	owner, repo = "hughkantsime", "runsodin"
	token       = "token-of-the-rehearsal"
)

// options returns those of a World over a repository with two commits and the annotated
// tag v1.0.0 on the first.
func options(t *testing.T) standin.Options {
	t.Helper()
	dir := t.TempDir()
	work, bare := filepath.Join(dir, "work"), filepath.Join(dir, "bare.git")
	for _, path := range []string{filepath.Join(work, "docs"), bare} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Git(t, work, "init", "--quiet", "--initial-branch=main")
	for _, step := range []struct{ file, text, subject, tag string }{
		{"VERSION", "1.0.0\n", "feat: a beginning", "v1.0.0"},
		{"docs/index.md", "# Docs\n", "docs: say more", ""},
	} {
		if err := os.WriteFile(filepath.Join(work, step.file), []byte(step.text), 0o644); err != nil {
			t.Fatal(err)
		}
		testkit.Git(t, work, "add", "--all")
		testkit.Git(t, work, "commit", "--quiet", "--message", step.subject)
		if step.tag != "" {
			testkit.Git(t, work, "tag", "--annotate", "--message", step.tag, step.tag)
		}
	}
	testkit.Git(t, dir, "clone", "--quiet", "--bare", work, bare)
	return standin.Options{
		Dir:        filepath.Join(dir, "state"),
		Repository: owner + "/" + repo,
		Others:     []string{"hughkantsime/docs"},
		Git:        bare,
		Token:      token,
		Run:        testkit.Runner(),
	}
}

// keeper checks, after each request that changes something and before it is answered,
// that a World opened from the same folder has the same state: a kill at that moment
// loses nothing.
type keeper struct {
	t       *testing.T
	options standin.Options
	world   atomic.Pointer[standin.World]
}

func (k *keeper) intercept(service string, next http.Handler) http.Handler {
	switch service {
	case standin.Registry:
		return next // pushes side by side, which another World would disturb
	case standin.GitHub:
		next = openapi.Contract(k.t, next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		k.check(r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // the client of a broken upload is gone
	})
}

func (k *keeper) check(r *http.Request) {
	now, err := k.world.Load().State(context.WithoutCancel(r.Context()))
	if err != nil {
		k.t.Error(err)
	}
	o := k.options
	o.Intercept = nil
	again, err := standin.Open(context.WithoutCancel(r.Context()), o)
	if err != nil {
		k.t.Error(err)
		return
	}
	later, err := again.State(context.WithoutCancel(r.Context()))
	if err := errors.Join(err, again.Close()); err != nil {
		k.t.Error(err)
	}
	if diff := cmp.Diff(now, later); diff != "" {
		k.t.Errorf("%s %s is not on disk when it is answered (-before +after):\n%s", r.Method, r.URL.Path, diff)
	}
}

// open serves a World. Requests to GitHub are checked against the contract, and every
// change must be on disk.
func open(t *testing.T, o standin.Options) *standin.World {
	t.Helper()
	keeper := &keeper{t: t, options: o}
	if o.Intercept == nil {
		o.Intercept = keeper.intercept
	}
	w, err := standin.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	keeper.world.Store(w)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// client calls a World with go-github, with the token or, for "", without.
func client(t *testing.T, w *standin.World, token string) *github.Client {
	t.Helper()
	c := github.NewClient(nil)
	if token != "" {
		c = c.WithAuthToken(token)
	}
	c, err := c.WithEnterpriseURLs(w.GitHub(), w.GitHub()+"uploads/")
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL.Path, c.UploadURL.Path = "/", "/uploads/"
	return c
}

// ok fails the test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, w *standin.World) standin.State {
	t.Helper()
	s, err := w.State(t.Context())
	ok(t, err)
	return s
}

// survives opens the World again, as after a kill, and compares the states.
func survives(t *testing.T, w *standin.World, o standin.Options) *standin.World {
	t.Helper()
	again := open(t, o)
	if diff := cmp.Diff(state(t, w), state(t, again)); diff != "" {
		t.Errorf("opened again (-before +after):\n%s", diff)
	}
	return again
}

// send sends a plain request to a path of GitHub's API, and returns the status and the
// decoded answer. A body is sent as JSON.
func send(
	t *testing.T,
	w *standin.World,
	method, path string,
	body any,
	header ...string,
) (int, http.Header, map[string]any) {
	t.Helper()
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		ok(t, err)
		content = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, w.GitHub()+path, content)
	ok(t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	ok(t, err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	ok(t, err)
	var decoded map[string]any
	_ = json.Unmarshal(data, &decoded) // a list or bare bytes are not asked for
	return answer.StatusCode, answer.Header, decoded
}

const (
	here   = "repos/" + owner + "/" + repo
	signed = "Bearer " + token
)
