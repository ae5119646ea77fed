// Package openapi checks the requests and responses between a client and GitHub, or its
// stand-in, against GitHub's published OpenAPI description. It is for tests.
package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Contract passes requests on to next. It reports to t, with method, path and
// reason, each request or response that violates the description, and each
// response that allows a write without a token. Wrap the stand-in itself; a
// handler that injects faults belongs around this one.
//
// The description is fetched from npm once, into the user's cache folder. If that
// fails, so does the test.
func Contract(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	description, err := loaded()
	if err != nil {
		t.Fatalf("load GitHub's API description: %v", err)
	}
	return hold(t, description, next)
}

// loaded is the description, read once for all tests.
var loaded = sync.OnceValues(func() (*description, error) { return load(context.Background()) })

func hold(t testing.TB, description *description, next http.Handler) http.Handler {
	c := &contract{t: t, description: description, next: next}
	t.Cleanup(c.end)
	return c
}

type contract struct {
	t           testing.TB
	description *description
	next        http.Handler
	mu          sync.Mutex
	ended       bool // whether the test has ended: a late response does not matter
}

func (c *contract) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

func (c *contract) report(r *http.Request, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.t.Errorf(
			"contract: %s %s: %s",
			r.Method,
			r.URL.Path,
			strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "),
		)
	}
}

func (c *contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/downloads/") {
		c.next.ServeHTTP(w, r) // not part of the API: redirects lead there
		return
	}
	route, parameters := c.description.find(r)
	if route == nil {
		c.report(r, "GitHub's API has no such endpoint, or it is missing in the list of those in use (paths)")
		c.next.ServeHTTP(w, r)
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: parameters,
		Options: &openapi3filter.Options{SkipSettingDefaults: true, ExcludeRequestBody: isUpload(r)}}
	if whole := c.request(input); !whole {
		c.next.ServeHTTP(w, r)
		return
	}
	recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
	c.next.ServeHTTP(recorded, r)
	c.answer(input, recorded)
}

func isUpload(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, uploads) }

// request checks a request, unless its body was cut short, and makes the body readable
// again.
func (c *contract) request(input *openapi3filter.RequestValidationInput) (whole bool) {
	r := input.Request
	if !isUpload(r) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		defer func() { r.Body = io.NopCloser(bytes.NewReader(body)) }()
	}
	if r.Header.Get("User-Agent") == "" {
		c.report(r, "the request has no User-Agent")
	}
	for name := range r.URL.Query() {
		if !takes(input.Route, name) {
			c.report(r, "the request has a parameter that is not described: %s", name)
		}
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		c.report(r, "the request: %v", err)
	}
	return true
}

// takes reports whether an operation has a query parameter.
func takes(route *routers.Route, name string) bool {
	for _, all := range []openapi3.Parameters{route.Operation.Parameters, route.PathItem.Parameters} {
		if all.GetByInAndName(openapi3.ParameterInQuery, name) != nil {
			return true
		}
	}
	return false
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// answer checks a response. An error need not be described for the endpoint, since GitHub's description lacks many,
// but it must have the format of an error.
func (c *contract) answer(input *openapi3filter.RequestValidationInput, got *recorder) {
	r := input.Request
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	if writes && r.Header.Get("Authorization") == "" && got.status < 300 {
		c.report(r, "the answer %d grants a write to who shows no token", got.status)
	}
	if input.Route.Operation.Responses.Status(got.status) == nil {
		if err := refusal(got); err != nil {
			c.report(r, "the answer %d: %v", got.status, err)
		}
		return
	}
	isJSON := strings.HasPrefix(got.Header().Get("Content-Type"), "application/json")
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 got.status,
		Header:                 got.Header(),
		Body: io.NopCloser(
			bytes.NewReader(got.body.Bytes()),
		),
		Options: &openapi3filter.Options{ExcludeResponseBody: !isJSON && got.media(r)},
	}
	if err := openapi3filter.ValidateResponse(r.Context(), answer); err != nil {
		c.report(r, "the answer %d: %v", got.status, err)
	}
}

// media reports whether a response has one of the raw media types that the request
// asked for
// (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types).
func (r *recorder) media(request *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header().Get("Content-Type"), ";")
	bare := strings.TrimSuffix(strings.TrimPrefix(kind, "application/vnd.github."), "+json")
	return bare != kind &&
		strings.Contains(strings.ReplaceAll(request.Header.Get("Accept"), ".v3", ""), "application/vnd.github."+bare)
}

// refusal checks an error's body
// (https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api).
func refusal(got *recorder) error {
	if got.status < 400 {
		return fmt.Errorf("the description has no such status")
	}
	var body struct {
		Message       string `json:"message"`
		Documentation string `json:"documentation_url"`
	}
	if err := json.Unmarshal(got.body.Bytes(), &body); err != nil || body.Message == "" || body.Documentation == "" {
		return fmt.Errorf("an error has a message and a documentation_url, this is %.200q", got.body.String())
	}
	return nil
}

// recorder keeps a copy of a response.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader passes the status on.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(data []byte) (int, error) {
	r.body.Write(data)
	return r.ResponseWriter.Write(data)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
