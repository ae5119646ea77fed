package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// witness is a test that records its failures.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

// exchange is one request and the answer that a handler gives.
type exchange struct {
	method, path, body string
	header             http.Header
	status             int
	answer             any
	media              string // of the answer; "" means JSON
}

func (e exchange) run(t *testing.T, description *description) []string {
	t.Helper()
	w := &witness{TB: t}
	got := ""
	handler := hold(w, description, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = string(body)
		out.Header().Set("Content-Type", "application/json; charset=utf-8")
		if e.media != "" {
			out.Header().Set("Content-Type", e.media)
		}
		out.WriteHeader(e.status)
		if text, bare := e.answer.(string); bare {
			_, err = io.WriteString(out, text)
		} else if e.answer != nil {
			err = json.NewEncoder(out).Encode(e.answer)
		}
		if err != nil {
			t.Error(err)
		}
	}))
	request := httptest.NewRequestWithContext(t.Context(), e.method, e.path, strings.NewReader(e.body))
	request.Header.Set("User-Agent", "test")
	request.Header.Set("Authorization", "Bearer x")
	if e.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range e.header {
		request.Header[name] = values
	}
	handler.ServeHTTP(httptest.NewRecorder(), request)
	if got != e.body {
		t.Errorf("the handler reads %q, expected %q", got, e.body)
	}
	return w.said
}

// ref returns an answer that keeps the contract.
func ref() object {
	return object{"ref": "refs/heads/main", "node_id": "x", "url": "https://api.github.com/x",
		"object": object{"type": "commit", "sha": strings.Repeat("0", 40), "url": "https://api.github.com/y"}}
}

func TestContract(t *testing.T) {
	description, err := load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := "/repos/o/r"
	lacking := ref()
	delete(lacking, "node_id")
	wrong := object{"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
	for name, test := range map[string]struct {
		exchange
		want string // in what is reported; "" means nothing is
	}{
		"fine": {
			exchange{method: "GET", path: at + "/git/ref/heads/a/b", status: 200, answer: ref()},
			"",
		},
		"answer lacks a field": {
			exchange{method: "GET", path: at + "/git/ref/heads/main", status: 200, answer: lacking},
			`contract: GET /repos/o/r/git/ref/heads/main: the answer 200`,
		},
		"answer names the field": {
			exchange{method: "GET", path: at + "/git/ref/heads/main", status: 200, answer: lacking},
			`"node_id" is missing`,
		},
		"answer of another type": {
			exchange{method: "GET", path: at + "/releases/latest", status: 200, answer: []string{}},
			"the answer 200",
		},
		"answer is no JSON": {
			exchange{method: "GET", path: at + "/git/ref/heads/main", status: 200, answer: "x", media: "text/plain"},
			"Content-Type",
		},
		"status of another": {
			exchange{method: "GET", path: at + "/git/ref/heads/main", status: 204},
			"no such status",
		},
		"described refusal": {
			exchange{method: "GET", path: at + "/git/ref/heads/main", status: 404, answer: wrong},
			"",
		},
		"refusal not described": {
			exchange{method: "PATCH", path: at + "/releases/1", body: `{}`, status: 422, answer: wrong},
			"",
		},
		"refusal without reason": {
			exchange{method: "PATCH", path: at + "/releases/1", body: `{}`, status: 422, answer: object{}},
			"has a message",
		},
		"raw as asked": {
			exchange{
				method: "GET",
				path:   at + "/contents/a/b",
				status: 200,
				answer: "x",
				media:  "application/vnd.github.raw+json",
				header: http.Header{"Accept": {"application/vnd.github.v3.raw"}},
			},
			"",
		},
		"raw unasked": {
			exchange{
				method: "GET",
				path:   at + "/contents/a/b",
				status: 200,
				answer: "x",
				media:  "application/vnd.github.raw+json",
			},
			"Content-Type",
		},
		"request lacks a field": {
			exchange{
				method: "POST",
				path:   at + "/git/refs",
				body:   `{"ref":"refs/heads/a"}`,
				status: 201,
				answer: ref(),
			},
			`"sha" is missing`,
		},
		"request of another type": {
			exchange{
				method: "PATCH",
				path:   at + "/git/refs/heads/a",
				body:   `{"sha":"0","force":"false"}`,
				status: 200,
				answer: ref(),
			},
			"the request",
		},
		"request with make_latest of no kind": {
			exchange{
				method: "PATCH",
				path:   at + "/releases/1",
				body:   `{"make_latest":true}`,
				status: 404,
				answer: wrong,
			},
			"the request",
		},
		"request with a misspelt field": {
			exchange{
				method: "PATCH",
				path:   at + "/releases/1",
				body:   `{"make_lastest":"true"}`,
				status: 404,
				answer: wrong,
			},
			"make_lastest",
		},
		"request is no JSON": {
			exchange{method: "POST", path: at + "/git/refs", body: `{"ref":`, status: 400, answer: wrong},
			"the request",
		},
		"parameter that is not described": {
			exchange{method: "GET", path: at + "/releases?perpage=3", status: 200, answer: []string{}},
			"perpage",
		},
		"parameter of another type": {
			exchange{method: "GET", path: at + "/releases?per_page=many", status: 200, answer: []string{}},
			"per_page",
		},
		"no such endpoint": {
			exchange{method: "GET", path: at + "/release", status: 404, answer: wrong},
			"no such endpoint",
		},
		"no such method": {
			exchange{method: "PUT", path: at + "/releases/1", status: 404, answer: wrong},
			"no such endpoint",
		},
		"upload to the API's host": {
			exchange{method: "POST", path: at + "/releases/1/assets?name=a", status: 404, answer: wrong},
			"no such endpoint",
		},
		"upload without a name": {
			exchange{
				method: "POST",
				path:   "/uploads" + at + "/releases/1/assets",
				body:   "x",
				status: 422,
				answer: wrong,
			},
			`"name"`,
		},
		"upload of any kind": {
			exchange{
				method: "POST",
				path:   "/uploads" + at + "/releases/1/assets?name=a",
				body:   "x",
				header: http.Header{"Content-Type": {"application/gzip"}},
				status: 422,
				answer: wrong,
			},
			"",
		},
		"write without a token": {
			exchange{
				method: "POST",
				path:   at + "/dispatches",
				body:   `{"event_type":"x"}`,
				header: http.Header{"Authorization": nil},
				status: 204,
			},
			"no token",
		},
		"no user agent": {
			exchange{
				method: "GET",
				path:   at + "/git/ref/heads/main",
				header: http.Header{"User-Agent": nil},
				status: 200,
				answer: ref(),
			},
			"User-Agent",
		},
		"where downloads are": {
			exchange{
				method: "GET",
				path:   "/downloads/1?x=y",
				status: 200,
				answer: "bytes",
				media:  "application/octet-stream",
			},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			said := strings.Join(test.run(t, description), "\n")
			if test.want == "" && said != "" || !strings.Contains(said, test.want) {
				t.Errorf("reported %q, expected %q", said, test.want)
			}
		})
	}
}

// TestCutRequest checks that an interrupted request reaches the handler as such, and
// does not count as a breach of the contract.
func TestCutRequest(t *testing.T) {
	w := &witness{TB: t}
	var read error
	handler := Contract(
		w,
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, read = io.ReadAll(r.Body) }),
	)
	request := httptest.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		"/repos/o/r/git/refs",
		io.MultiReader(strings.NewReader("{"), broken{io.ErrUnexpectedEOF}),
	)
	handler.ServeHTTP(httptest.NewRecorder(), request)
	if !errors.Is(read, io.ErrUnexpectedEOF) || len(w.said) > 0 {
		t.Errorf("read %v, reported %q", read, w.said)
	}
}

// TestOtherPackage checks that only what was pinned is unpacked.
func TestOtherPackage(t *testing.T) {
	dir := t.TempDir()
	file, to := filepath.Join(dir, "x.tgz"), filepath.Join(dir, "x.json")
	if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 10), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unpack(file, integrity, to); err == nil || !strings.Contains(err.Error(), "is not the pinned one") {
		t.Error(err)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("was unpacked")
	}
}
