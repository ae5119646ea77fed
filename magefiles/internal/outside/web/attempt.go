package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// inMemory is the largest body that is read before RoundTrip returns.
const inMemory = 8 << 20

// errSilent is the cause when an attempt is cancelled for lack of progress.
var errSilent = errors.New("no progress")

// outcome is the result of one attempt: a response or an error.
type outcome struct {
	response *http.Response
	body     []byte // of the response, unless it is streamed
	err      error
	status   int         // status of the response, even if its body is broken; 0 without one
	header   http.Header // header of the response, likewise
	sent     bool        // a connection was established, so the server may have seen the request
}

// once sends a request a single time.
func (t *transport) once(request *http.Request) outcome {
	ctx, cancel := context.WithCancelCause(request.Context())
	watch := watchFor(t.policy.Patience, func() { cancel(errSilent) })
	var sent atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true); watch.progress() },
	})
	way := t.way(request)
	response, err := way.RoundTrip(watched(request.WithContext(traced), watch)) //nolint:bodyclose // take does
	got := outcome{sent: sent.Load()}
	if err == nil {
		watch.progress()
		got.response, got.status, got.header = response, response.StatusCode, response.Header
		err = got.take(watch, cancel)
	}
	if err != nil {
		watch.stop()
		silent := errors.Is(context.Cause(ctx), errSilent)
		cancel(nil)
		got.response, got.err = nil, t.say(request, got, silent, err)
	}
	return got
}

// way selects the connection pool of a request. A server may close a kept-alive
// connection at the moment when a request is written, and then it is unknown whether
// the request took effect. So requests that change something use new connections.
func (t *transport) way(request *http.Request) http.RoundTripper {
	if isQuestion(request) {
		return t.asking
	}
	return t.acting
}

// say describes why an attempt failed, without the address, which may contain a secret.
func (t *transport) say(request *http.Request, got outcome, silent bool, err error) error {
	host := request.URL.Host
	switch {
	case silent && !got.sent:
		return &settledError{fmt.Errorf("%s could not be reached within %s", host, t.policy.Patience)}
	case silent:
		return fmt.Errorf("%s sent no data for %s", host, t.policy.Patience)
	case !got.sent:
		return &settledError{fmt.Errorf("reach %s: %w", host, Bare(err))}
	case got.status != 0 && !Open(got.status) && got.status >= 400:
		return &settledError{fmt.Errorf("%s answered %d, cut short: %w", host, got.status, err)}
	case got.status != 0:
		return fmt.Errorf("%s answered %d, cut short: %w", host, got.status, err)
	}
	return fmt.Errorf("%s closed the connection without an answer: %w", host, Bare(err))
}

// take reads the response's body, or the start of one that is streamed.
func (o *outcome) take(watch *watch, cancel context.CancelCauseFunc) error {
	source := &watchedBody{ReadCloser: o.response.Body, watch: watch}
	done := func() { watch.stop(); cancel(nil) }
	if o.response.ContentLength > inMemory && o.response.Body != http.NoBody {
		watch.stop()
		o.response.Body = &stream{Reader: source, body: source, done: done, watch: watch}
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(source, inMemory+1))
	if err != nil {
		_ = source.Close()
		return err
	}
	if len(head) > inMemory {
		watch.stop()
		o.response.Body = &stream{
			Reader: io.MultiReader(bytes.NewReader(head), source),
			body:   source,
			done:   done,
			watch:  watch,
		}
		return nil
	}
	done()
	o.body = head
	o.response.Body = io.NopCloser(bytes.NewReader(head))
	return source.Close()
}

// discard closes a response that is not returned.
func (o *outcome) discard() {
	if o.response != nil {
		_ = o.response.Body.Close()
	}
}

// watch cancels an attempt that makes no progress.
type watch struct {
	timer *time.Timer
	after time.Duration
}

func watchFor(after time.Duration, giveUp func()) *watch {
	return &watch{timer: time.AfterFunc(after, giveUp), after: after}
}

func (w *watch) progress() { w.timer.Reset(w.after) }
func (w *watch) stop()     { w.timer.Stop() }

// watched returns a request whose body reports its progress.
func watched(request *http.Request, watch *watch) *http.Request {
	if request.Body == nil || request.Body == http.NoBody {
		return request
	}
	request.Body = &watchedBody{ReadCloser: request.Body, watch: watch}
	if again := request.GetBody; again != nil {
		request.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			return &watchedBody{ReadCloser: body, watch: watch}, err
		}
	}
	return request
}

type watchedBody struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.watch.progress()
	}
	return n, err
}

// stream is a body that is too large to be read at once. Only the time spent waiting
// for the server counts, not that of the reader between two reads.
type stream struct {
	io.Reader
	body  io.Closer
	done  func()
	watch *watch
}

func (s *stream) Read(p []byte) (int, error) {
	s.watch.progress()
	defer s.watch.stop()
	return s.Reader.Read(p)
}

func (s *stream) Close() error {
	err := s.body.Close()
	s.done()
	return err
}
