package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// call is a request on its way to a stand-in, or something that a run wants to
// be done in its turn.
type call struct {
	by      *run
	key     string // equal for calls of a run that nobody could tell apart
	do      func() // what is to be done, for a call that is no request
	request *http.Request
	service string
	body    []byte
	answer  chan reply // takes one
	slow    bool       // it takes long on the way
}

// reply is what a call gets.
type reply struct {
	response *http.Response
	err      error
}

// wire is how a run reaches the stand-ins. It hands each request to the
// scheduler and waits for its answer.
type wire struct {
	s   *sim
	run *run
}

var (
	errKilled = errors.New("the run was killed")
	errReset  = errors.New("connection reset by peer")
)

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	body, err := take(request.Body)
	if err != nil {
		return nil, err
	}
	if w.run.dead.Load() {
		return nil, errKilled
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	c := &call{by: w.run, request: request, service: serviceOf(request.URL), body: body, answer: make(chan reply, 1)}
	c.key = fmt.Sprintf("%s %s %s %x", c.service, request.Method, target(request.URL), sha256.Sum256(body))
	w.s.submit(c)
	select {
	case got := <-c.answer:
		return got.response, got.err
	case <-ctx.Done():
		w.s.withdraw(c)
		return nil, context.Cause(ctx)
	}
}

func take(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(body)
	return data, errors.Join(err, body.Close())
}

// uploads matches the random part of where a blob goes.
var uploads = regexp.MustCompile(`/blobs/uploads/\d+`)

// target returns a path and query, without what is random in it.
func target(u *url.URL) string {
	path := u.Path
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return uploads.ReplaceAllString(path, "/blobs/uploads/…")
}

// serviceOf reports which stand-in an address leads to.
func serviceOf(u *url.URL) string {
	switch u.Port() {
	case "1001":
		return standin.Registry
	case "1003":
		return standin.Discord
	case "1004":
		return standin.Chats
	}
	return standin.GitHub
}

// recorded is a stand-in's answer.
type recorded struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header { return r.header }
func (r *recorded) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorded) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(data)
}

// serve lets a stand-in answer.
func (s *sim) serve(c *call) *recorded {
	request := c.request.WithContext(noContext)
	address := *c.request.URL
	address.Scheme, address.Host = "", "" // a server sees a path only
	request.URL, request.RequestURI = &address, address.RequestURI()
	request.Body = io.NopCloser(bytes.NewReader(c.body))
	answer := &recorded{header: http.Header{}}
	s.handlers[c.service].ServeHTTP(answer, request)
	answer.WriteHeader(http.StatusOK)
	return answer
}

// whole returns an answer as it was given.
func whole(c *call, got *recorded) reply {
	length := int64(got.body.Len())
	if said, err := strconv.ParseInt(got.header.Get("Content-Length"), 10, 64); err == nil {
		length = said
	}
	body := io.NopCloser(bytes.NewReader(got.body.Bytes()))
	if c.request.Method == http.MethodHead {
		body = http.NoBody
	}
	return reply{
		response: &http.Response{
			StatusCode:    got.status,
			Status:        fmt.Sprintf("%d %s", got.status, http.StatusText(got.status)),
			Proto:         "HTTP/1.1",
			ProtoMajor:    1,
			ProtoMinor:    1,
			Header:        got.header.Clone(),
			Body:          body,
			ContentLength: length,
			Request:       c.request,
		},
	}
}

// cut returns an answer of which half is missing; one without a body is lost.
func cut(c *call, got *recorded) reply {
	answer := whole(c, got)
	if got.body.Len() == 0 {
		return reply{err: io.ErrUnexpectedEOF}
	}
	half := bytes.NewReader(got.body.Bytes()[:got.body.Len()/2])
	answer.response.Body = io.NopCloser(io.MultiReader(half, broken{}))
	return answer
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// says returns an answer that a server, or something before it, gives by itself.
func says(c *call, status int, header http.Header, body string) reply {
	got := &recorded{status: status, header: header}
	if got.header == nil {
		got.header = http.Header{}
	}
	got.header.Set("Content-Type", "application/json")
	got.body.WriteString(body)
	return whole(c, got)
}

// later gives an answer after a while.
func later(c *call, answer reply, after time.Duration) {
	time.AfterFunc(after, func() { c.answer <- answer })
}
