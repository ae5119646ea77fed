// Package web is the way to the servers that a release talks with: how long
// they are waited for, which requests are sent once more, and what is known of
// a request that failed.
//
// What a server refused to act on, and what never reached it, may be sent
// again whatever it was. A question (GET, HEAD) may be asked again at any time.
// Everything else is sent once: when its answer is lost, whoever sent it looks
// at what is there before acting again.
package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// Policy is how long to wait and how often to try. What is zero has the value
// that its comment names.
type Policy struct {
	// Patience is how long a server may be silent: before its answer begins, and
	// within a body that is being sent or received. 30 seconds.
	Patience time.Duration
	// Attempts is how often a request is sent that may be repeated. 4.
	Attempts int
	// Pause is before the second attempt, and doubles with each further one. 1 second.
	Pause time.Duration
	// Longest is the longest wait that a server is granted when it asks for one;
	// a longer one is an error (RefusedError). 2 minutes.
	Longest time.Duration
	// FinalIfUnreachable makes a failure to reach the server final: its name can't be
	// resolved, it refuses the connection, or there is no way to it. Such a
	// request is sent once. It is for a look that its caller can do without.
	FinalIfUnreachable bool
}

// An Option changes what New returns.
type Option func(*transport)

// LoopbackOnly refuses every address that is not this machine's loopback,
// before its name is looked up: what is rehearsed reaches nothing outside.
func LoopbackOnly() Option { return func(t *transport) { t.loopbackOnly = true } }

// Proxy says which proxy a request goes through (as http.Transport's Proxy
// does). Without it there is none, and with LoopbackOnly there never is.
func Proxy(choose func(*http.Request) (*url.URL, error)) Option {
	return func(t *transport) { t.proxy = choose }
}

// Notice is told, in one line without secrets, of each wait that a server asked for.
func Notice(tell func(line string)) Option { return func(t *transport) { t.notice = tell } }

// Through sends requests through another transport than the network's, and
// draws the random part of a pause, which is below most, by jitter. It is for
// tests that have to come out the same each time.
func Through(under http.RoundTripper, jitter func(most time.Duration) time.Duration) Option {
	return func(t *transport) { t.asking, t.acting, t.jitter = under, under, jitter }
}

// New returns a transport that follows policy. It can be used by several
// goroutines at once, and by any number of clients.
//
// A body that is not larger than 8 MB is read before RoundTrip returns, so that
// one that is cut short is an error there; a larger one is streamed.
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
	acting http.RoundTripper // for the rest: a connection for each request
}

// RoundTrip sends a request, and again if that is safe and promises more.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		got := t.once(request)
		wait, again := t.judge(request, got, attempt)
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
					"%s takes no more requests for now: waiting %s",
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

// judge tells whether a request may be sent again, and after which wait.
func (t *transport) judge(request *http.Request, got outcome, attempt int) (wait time.Duration, again bool) {
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

// anew is a request with its body from the beginning.
func anew(request *http.Request) (*http.Request, error) {
	next := request.WithContext(request.Context())
	if request.Body == nil || request.Body == http.NoBody {
		return next, nil
	}
	if request.GetBody == nil {
		return nil, fmt.Errorf("the body cannot be had again")
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
