package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// SecretValue is the name of the random password of a verification.
const SecretValue = "secret"

var (
	// Value is a placeholder in requests to a started image. The braces of JSON have no name
	// between them.
	Value = pattern.Lazy(`\{([A-Za-z][A-Za-z0-9]*)\}`)

	valueName  = pattern.Lazy(`^[a-z][A-Za-z0-9]*$`)
	methods    = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	headerName = pattern.Lazy("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$") // RFC 9110, 5.6.2
)

// requestChecks check the requests to a started image, in order.
type requestChecks struct {
	doc      document
	known    []string // values that earlier requests have taken
	problems []error
}

func (c *requestChecks) fail(key, format string, args ...any) {
	c.problems = append(c.problems, c.doc.errorAt("$.verify."+key, format, args...))
}

// validateRequests checks the requests to a started image, and the expected answers.
func (v Verify) validateRequests(doc document) []error {
	c := &requestChecks{doc: doc, known: []string{SecretValue}}
	for i, request := range v.Before {
		c.request(fmt.Sprintf("before[%d]", i), request)
	}
	c.headers("headers", v.Headers)
	for i, answer := range v.After {
		place := fmt.Sprintf("after[%d]", i)
		c.path(place, answer.Path)
		c.status(place+".status", answer.Status)
		if answer.Has != "" {
			c.json(place+".has", answer.Has)
		}
	}
	c.values("probe.path", v.Probe.Path)
	c.json("probe.body", v.Probe.Body)
	return c.problems
}

func (c *requestChecks) request(place string, request Request) {
	c.path(place, request.Path)
	c.status(place+".status", request.Status)
	if request.Method != "" && !slices.Contains(methods, request.Method) {
		c.fail(place+".method", "unknown method %q, known are %s", request.Method, strings.Join(methods, ", "))
	}
	c.headers(place+".headers", request.Headers)
	c.values(place+".body", request.Body)
	for _, name := range slices.Sorted(maps.Keys(request.Take)) {
		switch {
		case !valueName().MatchString(name):
			c.fail(place+".take", "the name %q must be letters and digits, the first a small letter", name)
		case name == SecretValue || slices.Contains(c.known, name):
			c.fail(place+".take", "{%s} has a value already: choose another name", name)
		case strings.TrimSpace(request.Take[name]) == "":
			c.fail(place+".take", "%s: name the keys that lead to the value, such as data.access_token", name)
		}
	}
	c.known = append(c.known, slices.Sorted(maps.Keys(request.Take))...)
}

func (c *requestChecks) path(place, path string) {
	if !strings.HasPrefix(path, "/") {
		c.fail(place+".path", "%q does not begin with a slash", path)
	}
	c.values(place+".path", path)
}

func (c *requestChecks) status(place string, status int) {
	if status != 0 && (status < 200 || status > 599) {
		c.fail(place, "%d is not the status of an answer", status)
	}
}

func (c *requestChecks) headers(place string, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if !headerName().MatchString(name) || strings.ContainsAny(headers[name], "\r\n") {
			c.fail(place+"."+name, "%s is not a header of one line", http.CanonicalHeaderKey(name))
		}
		c.values(place+"."+name, headers[name])
	}
}

// json checks text that is JSON once its values are known.
func (c *requestChecks) json(place, text string) {
	c.values(place, text)
	if !json.Valid([]byte(Value().ReplaceAllString(text, "0"))) {
		what := "what the answer has"
		if strings.HasPrefix(place, "probe") {
			what = "the probe's body"
		}
		c.fail(place, "%s is not JSON", what)
	}
}

// values refuses values that no request takes.
func (c *requestChecks) values(place, text string) {
	for _, found := range Value().FindAllStringSubmatch(text, -1) {
		if !slices.Contains(c.known, found[1]) {
			c.fail(place, "unknown value %s, known here are {%s}", found[0], strings.Join(c.known, "}, {"))
		}
	}
}
