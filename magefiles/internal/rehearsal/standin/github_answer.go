package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answer is the response to a request.
type answer struct {
	status int
	body   any    // sent as JSON; may be nil
	raw    []byte // sent unchanged, as media
	media  string
	header http.Header
}

// refusal is an error response in GitHub's words.
type refusal struct {
	status  int
	message string
	errors  []object
}

func (r *refusal) Error() string { return r.message }

func notFound() error { return &refusal{status: http.StatusNotFound, message: "Not Found"} }

func unprocessable(message string) error {
	return &refusal{status: http.StatusUnprocessableEntity, message: message}
}

// invalid returns GitHub's "Validation Failed" with one reason. A code of "custom" contains
// a message.
func invalid(resource, field, code, message string) error {
	reason := object{"resource": resource, "code": code}
	if field != "" {
		reason["field"] = field
	}
	if message != "" {
		reason["message"] = message
	}
	return &refusal{http.StatusUnprocessableEntity, "Validation Failed", []object{reason}}
}

// call is one request to an endpoint.
type call struct {
	*http.Request
	ctx      context.Context // not cancelled when the client disconnects
	writer   http.ResponseWriter
	signedIn bool
}

// read decodes the JSON body. A body that was cut short has no effect.
func (c *call) read(into any) error {
	data, err := io.ReadAll(c.Body)
	if err != nil {
		return &refusal{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	if err := json.Unmarshal(data, into); err != nil {
		return &refusal{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	return nil
}

func (c *call) id(name string) (int64, error) {
	id, err := strconv.ParseInt(c.PathValue(name), 10, 64)
	if err != nil {
		return 0, notFound()
	}
	return id, nil
}

type endpoint func(*call) (answer, error)

// reply writes a response, with errors in GitHub's format
// (https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api).
func reply(w http.ResponseWriter, got answer, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
		body := object{
			"message":           no.message,
			"documentation_url": "https://docs.github.com/rest",
			"status":            strconv.Itoa(no.status),
		}
		if no.errors != nil {
			body["errors"] = no.errors
		}
		got = answer{status: no.status, body: body}
	case err != nil:
		got = answer{status: http.StatusInternalServerError, body: object{"message": "the stand-in: " + err.Error()}}
	}
	header := w.Header()
	for name, values := range got.header {
		header[name] = values
	}
	header.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	header.Set("X-RateLimit-Limit", "5000")
	header.Set("X-RateLimit-Remaining", "4999")
	header.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
	switch {
	case got.body != nil:
		header.Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(got.status)
		_ = json.NewEncoder(w).Encode(got.body) // the client may have disconnected
	case got.raw != nil:
		header.Set("Content-Type", got.media)
		w.WriteHeader(got.status)
		_, _ = w.Write(got.raw)
	default:
		w.WriteHeader(got.status)
	}
}

// page returns the part of a list that per_page and page select, and a Link header for
// the other pages
// (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
func page[T any](s *site, c *call, all []T) ([]T, http.Header) {
	query := c.URL.Query()
	size, number := positive(query.Get("per_page"), 30), positive(query.Get("page"), 1)
	size = min(size, 100)
	last := max(1, (len(all)+size-1)/size)
	var links []string
	link := func(page int, relation string) {
		next := url.Values{}
		for key, values := range query {
			next[key] = values
		}
		next.Set("page", strconv.Itoa(page))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", s.api, c.URL.EscapedPath(), next.Encode(), relation))
	}
	if number > 1 {
		link(number-1, "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if number > 1 {
		link(1, "first")
	}
	header := http.Header{}
	if links != nil {
		header.Set("Link", strings.Join(links, ", "))
	}
	from := min((number-1)*size, len(all))
	return all[from:min(from+size, len(all))], header
}

func positive(text string, fallback int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return fallback
}
