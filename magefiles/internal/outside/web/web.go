// Package web is the HTTP transport for the servers that a release talks to. It
// decides how long to wait for them, which requests to retry, and what is known
// about a request that failed.
//
// A request that the server refused to execute, or that never reached it, may be
// sent again. A question (GET, HEAD) may be asked again at any time. Any other
// request is sent once: if its response is lost, the caller has to look at the
// server's state before it acts again.
package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// Policy says how long to wait and how often to try. A zero field has the default that
// its comment names.
type Policy struct {
	// Patience is how long a server may be silent: before its response starts, and
	// within a body that is being sent or received. 30 seconds.
	Patience time.Duration
	// Attempts is how often a request that may be repeated is sent. 4.
	Attempts int
	// Pause is the wait before the second attempt; it doubles for each further one. 1
	// second.
	Pause time.Duration
	// Longest is the longest wait that a server may ask for; a longer one is an error
	// (RefusedError). 2 minutes.
	Longest time.Duration
	// FinalIfUnreachable disables retries when the server cannot be reached: its name
	// cannot be resolved, it refuses the connection, or there is no route to it. It is
	// for optional requests.
	FinalIfUnreachable bool
}

// An Option changes what New returns.
type Option func(*transport)

// LoopbackOnly refuses every address that is not on this machine's loopback, before
// looking up its name. A rehearsal uses it to reach nothing else.
func LoopbackOnly() Option { return func(t *transport) { t.loopbackOnly = true } }

// Proxy selects the proxy of a request, as http.Transport's Proxy does. Without this
// option there is none; LoopbackOnly disables it.
func Proxy(choose func(*http.Request) (*url.URL, error)) Option {
	return func(t *transport) { t.proxy = choose }
}

// Notice is called with one line, without secrets, for each wait that a server asks
// for.
func Notice(tell func(line string)) Option { return func(t *transport) { t.notice = tell } }

// Through sends requests through another transport than the network's, and gets the
// random part of a pause, at most most, from jitter. It makes tests deterministic.
func Through(under http.RoundTripper, jitter func(most time.Duration) time.Duration) Option {
	return func(t *transport) { t.asking, t.acting, t.jitter = under, under, jitter }
}

// New returns a transport that follows policy. It is safe for concurrent use by
// any number of clients.
//
// A body of at most 8 MB is read before RoundTrip returns, which fails if the
// body is cut short; a larger body is streamed.
func New(policy Policy, options ...Option) http.RoundTripper {
	t := &transport{policy: policy.orDefaults(), notice: func(string) {}, jitter: rand.N[time.Duration]}
	for _, option := range options {
		option(t)
	}
	if t.asking == nil {
		t.asking, t.acting = t.dialing(false), t.dialing(true)
	}
	return t
}

func (p Policy) orDefaults() Policy {
	if p.Patience <= 0 {
		p.Patience = 30 * time.Second
	}
	if p.Attempts <= 0 {
		p.Attempts = 4
	}
	if p.Pause <= 0 {
		p.Pause = time.Second
	}
	if p.Longest <= 0 {
		p.Longest = 2 * time.Minute
	}
	return p
}

type transport struct {
	policy       Policy
	loopbackOnly bool
	proxy        func(*http.Request) (*url.URL, error)
	notice       func(string)
	jitter       func(most time.Duration) time.Duration

	asking http.RoundTripper // for questions: keeps its connections
	acting http.RoundTripper // for other requests: a new connection each
}

// RoundTrip sends a request, and retries it when that is safe and useful.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		got := t.once(request)
		wait, again := t.retry(request, got, attempt)
		if got.refused() && wait > t.policy.Longest {
			got.discard()
			return nil, &RefusedError{Host: request.URL.Host, Status: got.status, Wait: wait}
		}
		if !again || attempt >= t.policy.Attempts || wait > t.policy.Longest {
			return got.response, got.err
		}
		next, err := anew(request)
		if err != nil {
			return got.response, got.err
		}
		got.discard()
		if got.refused() {
			t.notice(
				fmt.Sprintf(
					"%s accepts no more requests for now: waiting %s",
					request.URL.Host,
					wait.Round(time.Millisecond),
				),
			)
		}
		if err := t.pause(request.Context(), wait); err != nil {
			return nil, got.interrupted(err)
		}
		request = next
	}
}

// retry decides whether a request is sent again, and after which wait.
func (t *transport) retry(request *http.Request, got outcome, attempt int) (wait time.Duration, again bool) {
	asked, hinted := got.asked(time.Now())
	doubled := t.policy.Pause << min(attempt-1, 10)
	wait = min(doubled+t.jitter(doubled/4+1), t.policy.Longest)
	switch {
	case got.refused() && hinted:
		return asked, true
	case got.secondary():
		// "wait for at least one minute before retrying": a minute at the usual pause.
		// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
		return min(60*doubled, t.policy.Longest), true
	case got.refused():
		return wait, true
	case got.pointless() || request.Context().Err() != nil || t.policy.FinalIfUnreachable && got.unsent():
		return 0, false
	case got.unsent():
		return wait, true
	case isQuestion(request) && got.trouble():
		if hinted {
			wait = asked
		}
		return wait, true
	}
	return 0, false
}

func isQuestion(request *http.Request) bool {
	return request.Method == http.MethodGet || request.Method == http.MethodHead || request.Method == ""
}

// anew returns a request with its body from the start.
func anew(request *http.Request) (*http.Request, error) {
	next := request.WithContext(request.Context())
	if request.Body == nil || request.Body == http.NoBody {
		return next, nil
	}
	if request.GetBody == nil {
		return nil, fmt.Errorf("the body cannot be read again")
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	next.Body = body
	return next, nil
}

func (t *transport) pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
