package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

const secondaryBody = `{"message":"You have exceeded a secondary rate limit. Please wait a few ` +
	`minutes","documentation_url":` +
	`"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`

func TestWhatIsRepeated(t *testing.T) {
	soon := time.Now().Add(time.Second)
	for _, test := range []struct {
		name   string
		first  reply
		get    int // how often a GET is sent, the second time being answered well
		post   int
		status int // what a POST gets if it is not repeated; 0: an error
		open   bool
	}{
		{"fine", ok, 1, 1, 200, false},
		{"500", status(500, ""), 2, 1, 500, false},
		{"502", status(502, ""), 2, 1, 502, false},
		{"503", status(503, ""), 2, 1, 503, false},
		{"504", status(504, ""), 2, 1, 504, false},
		{"408", status(408, ""), 2, 1, 408, false},
		{"501 stays one", status(501, ""), 1, 1, 501, false},
		{"404 stays one", status(404, ""), 1, 1, 404, false},
		{"403 stays one", status(403, `{"message":"Resource not accessible"}`), 1, 1, 403, false},
		{"reset", testkit.Reset, 2, 1, 0, true},
		{"cut short", cut(200), 2, 1, 0, true},
		{"cut short after it was made", cut(201), 2, 1, 0, true},
		{"chunks cut short", cutChunked, 2, 1, 0, true},
		{"a refusal cut short", cut(422), 2, 1, 0, false},
		{"trouble cut short", cut(502), 2, 1, 0, true},
		{"429", status(429, ""), 2, 2, 0, false},
		{"429 cut short", cut(429), 2, 2, 0, false},
		{"429 with seconds", status(429, "", "Retry-After", "0.01"), 2, 2, 0, false},
		{"429 with a date", status(429, "", "Retry-After", soon.UTC().Format(http.TimeFormat)), 2, 2, 0, false},
		{
			"Discord's 429",
			status(429, `{"message":"You are being rate limited.","retry_after":0.02,"global":false}`),
			2,
			2,
			0,
			false,
		},
		{
			"Discord's bucket",
			status(
				429,
				"",
				"X-RateLimit-Reset-After",
				"0.02",
				"X-RateLimit-Remaining",
				"0",
				"X-RateLimit-Reset",
				"99999999999.1",
			),
			2,
			2,
			0,
			false,
		},
		{"403 with Retry-After", status(403, "", "Retry-After", "0.01"), 2, 2, 0, false},
		{
			"GitHub's primary limit",
			status(403, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", fmt.Sprint(soon.Unix())),
			2,
			2,
			0,
			false,
		},
		{
			"GitHub's secondary limit",
			status(403, secondaryBody, "X-RateLimit-Remaining", "4000", "X-RateLimit-Reset", "99999999999"),
			2,
			2,
			0,
			false,
		},
		{"503 with Retry-After", status(503, "", "Retry-After", "0.01"), 2, 1, 503, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			transport := New(quick())
			server := serve(t, test.first, ok)
			if code, body, err := ask(t, transport, http.MethodGet, server.URL); len(server.seen()) != test.get {
				t.Errorf("a GET was sent %d times, expected %d", len(server.seen()), test.get)
			} else if test.get == 2 && (err != nil || code != http.StatusOK || body != "fine") {
				t.Errorf("the second answer was not handed on: %v, %q, %v", code, body, err)
			}
			server = serve(t, test.first, ok)
			code, _, err := ask(t, transport, http.MethodPost, server.URL)
			for _, body := range server.seen() {
				if body != "the body" {
					t.Errorf("a POST brought %q", body)
				}
			}
			switch {
			case len(server.seen()) != test.post:
				t.Errorf("a POST was sent %d times, expected %d", len(server.seen()), test.post)
			case test.post == 2 && (err != nil || code != http.StatusOK):
				t.Errorf("the second answer was not handed on: %v, %v", code, err)
			case test.post == 1 && test.status != 0 && (err != nil || code != test.status):
				t.Errorf("expected the status %d, got %v, %v", test.status, code, err)
			case test.post == 1 && test.status == 0 && (err == nil || Unanswered(err) != test.open):
				t.Errorf("expected an error, open: %v; got %v", test.open, err)
			}
		})
	}
}

func TestAttemptsEnd(t *testing.T) {
	policy := quick()
	policy.Attempts = 3
	for name, test := range map[string]struct {
		always reply
		status int
	}{
		"trouble": {status(502, "bad"), 502},
		"refused": {status(429, "bad"), 429},
		"reset":   {testkit.Reset, 0},
	} {
		server := serve(t, test.always)
		code, body, err := ask(t, New(policy), http.MethodGet, server.URL)
		if len(server.seen()) != 3 {
			t.Errorf("%s: asked %d times", name, len(server.seen()))
		}
		if test.status != 0 && (err != nil || code != test.status || body != "bad") {
			t.Errorf("%s: %v, %q, %v", name, code, body, err)
		}
		if test.status == 0 && (!errors.Is(err, syscall.ECONNRESET) || strings.Contains(err.Error(), "http://")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTooLongAWaitIsAnError(t *testing.T) {
	for _, first := range []reply{
		status(429, "", "Retry-After", "3600"),
		status(429, `{"retry_after": 3600.5}`),
		status(429, "", "Retry-After", "1e300"),
		status(
			403,
			"",
			"X-RateLimit-Remaining",
			"0",
			"X-RateLimit-Reset",
			fmt.Sprint(time.Now().Add(time.Hour).Unix()),
		),
	} {
		server := serve(t, first)
		_, _, err := ask(t, New(quick()), http.MethodPost, server.URL)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Wait < 59*time.Minute || Unanswered(err) || len(server.seen()) != 1 {
			t.Errorf("%v after %d requests", err, len(server.seen()))
		}
	}
	server := serve(t, status(503, "", "Retry-After", "3600"))
	if code, _, err := ask(
		t,
		New(quick()),
		http.MethodGet,
		server.URL,
	); err != nil || code != 503 ||
		len(server.seen()) != 1 {
		t.Errorf("a 503 that asks for an hour: %v, %v after %d requests", code, err, len(server.seen()))
	}
}

func TestBodyThatCannotBeHadAgain(t *testing.T) {
	server := serve(t, status(429, "later"), ok)
	request, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		server.URL,
		io.NopCloser(strings.NewReader("once")),
	)
	if err != nil {
		t.Fatal(err)
	}
	response, err := New(quick()).RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusTooManyRequests || len(server.seen()) != 1 {
		t.Fatalf("%v, %v after %d requests", response, err, len(server.seen()))
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); string(body) != "later" || err != nil {
		t.Errorf("the refusal is not whole: %q, %v", body, err)
	}
}

func TestNoAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		first     reply
		get, post int
	}{
		"silent":             {testkit.Stall, 2, 1},
		"stuck in its body":  {stuck(10), 2, 1},
		"stuck in a big one": {stuck(inMemory - 10), 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for method, want := range map[string]int{http.MethodGet: test.get, http.MethodPost: test.post} {
				server := serve(t, test.first)
				_, _, err := ask(t, New(impatient()), method, server.URL)
				if err == nil || !Unanswered(err) ||
					!strings.Contains(err.Error(), "sent no data for 500ms") && name != "stuck in a big one" {
					t.Errorf("%s: %v", method, err)
				}
				if name != "stuck in a big one" && len(server.seen()) != want {
					t.Errorf("%s was sent %d times, expected %d", method, len(server.seen()), want)
				}
			}
		})
	}
}

// A slow reader is not the server's fault; a server that stops within a streamed body
// is.
func TestStreams(t *testing.T) {
	const size = inMemory + 1<<20
	for _, chunked := range []bool{false, true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !chunked {
				w.Header().Set("Content-Length", fmt.Sprint(size))
			}
			_, _ = io.CopyN(w, zeros{}, size)
		}))
		defer server.Close()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := New(impatient()).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(response.Body, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(impatient().Patience + 200*time.Millisecond)
		if n, err := io.Copy(io.Discard, response.Body); n != size-10 || err != nil {
			t.Errorf("chunked %v: %d bytes, %v", chunked, n, err)
		}
		_ = response.Body.Close()
	}
	server := serve(t, stuck(size))
	if _, body, err := ask(t, New(impatient()), http.MethodGet, server.URL); err == nil || len(body) > size {
		t.Errorf("stuck in a stream: %d bytes, %v", len(body), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A body that takes longer to send than the server's patience is progress; one that the
// server does not read is not.
func TestSlowUpload(t *testing.T) {
	server := serve(t, ok)
	slow := &slowly{left: 4, pause: impatient().Patience * 2 / 5}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, slow)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := exchange(New(impatient()), request); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	deaf := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer deaf.Close()
	defer close(over)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err = http.NewRequestWithContext(ctx, http.MethodPost, deaf.URL, io.LimitReader(zeros{}, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	if code, _, err := exchange(New(impatient()), request); err == nil || ctx.Err() != nil {
		t.Errorf("an upload that nobody takes: %v, %v", code, err)
	}
}

type slowly struct {
	left  int
	pause time.Duration
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.pause)
	s.left--
	return copy(p, "x"), nil
}

func TestNeverSent(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		_, _, err := ask(t, New(quick()), method, "http://"+closedPort(t))
		if !errors.Is(err, syscall.ECONNREFUSED) || Unanswered(err) {
			t.Errorf("%s: %v", method, err)
		}
	}
	// The server comes up later: a POST still arrives.
	address := closedPort(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	defer server.Close()
	policy := quick()
	policy.Attempts, policy.Pause = 10, 50*time.Millisecond
	go func() {
		_ = server.Listener.Close()
		time.Sleep(20 * time.Millisecond)
		_ = http.Serve(listen(address), http.HandlerFunc(ok)) //nolint:gosec // a test's server
	}()
	if code, body, err := ask(t, New(policy), http.MethodPost, "http://"+address); err != nil || body != "fine" {
		t.Errorf("%v, %q, %v", code, body, err)
	}
}

// A request that did not reach the server is sent again, unless the policy says that
// this is final.
func TestUnreachable(t *testing.T) {
	refused := func(context.Context, string, string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(t.Context(), "tcp", closedPort(t))
	}
	unresolved := func(answer net.DNSError) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &answer}
		}
	}
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"connection refused": refused,
		"no such host":       unresolved(net.DNSError{Err: "no such host", Name: "registry.invalid", IsNotFound: true}),
		"server misbehaving": unresolved(net.DNSError{
			Err:         "server misbehaving",
			Name:        "registry.invalid",
			IsTemporary: true,
		}),
	} {
		for final, want := range map[bool]int32{false: 4, true: 1} {
			policy := quick()
			policy.FinalIfUnreachable = final
			sender := New(policy)
			var dials atomic.Int32
			asking := sender.(*transport).asking.(*http.Transport)
			asking.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				dials.Add(1)
				return dial(ctx, network, address)
			}
			_, _, err := ask(t, sender, http.MethodGet, "http://registry.invalid/v2/")
			if err == nil || !strings.Contains(err.Error(), name) || Unanswered(err) || dials.Load() != want {
				t.Errorf("%s, final: %v: %v after %d attempts", name, final, err, dials.Load())
			}
		}
	}
}

// A server that closes the connection after each answer must not make a later POST
// uncertain: requests that change something use new connections.
func TestEachActHasItsConnection(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RemoteAddr)
	}))
	defer server.Close()
	transport := New(quick())
	addresses := map[string]bool{}
	for _, method := range []string{
		http.MethodGet,
		http.MethodPost,
		http.MethodPost,
		http.MethodGet,
		http.MethodPatch,
	} {
		_, address, err := ask(t, transport, method, server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if !addresses[address] {
			connections.Add(1)
		}
		addresses[address] = true
	}
	if connections.Load() != 4 {
		t.Errorf("%d connections, expected one for both questions and one for each act", connections.Load())
	}
}

func TestCancelled(t *testing.T) {
	for name, test := range map[string]struct {
		first reply
		open  bool
	}{
		"while it waits to ask again": {status(429, "", "Retry-After", "60"), false},
		"while it waits for answer":   {testkit.Stall, true},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			time.AfterFunc(50*time.Millisecond, cancel)
			test.first(w, r)
		})
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		policy := quick()
		policy.Longest = time.Hour
		code, _, err := exchange(New(policy), request)
		if !errors.Is(err, context.Canceled) || Unanswered(err) != test.open {
			t.Errorf("%s: %v, %v, open: %v", name, code, err, Unanswered(err))
		}
	}
}

func TestNoticeNamesNoAddress(t *testing.T) {
	var lines []string
	server := serve(t, status(429, "", "Retry-After", "0.01"), ok)
	transport := New(quick(), Notice(func(line string) { lines = append(lines, line) }))
	if _, _, err := ask(t, transport, http.MethodPost, server.URL+"/secret"); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "waiting 10ms") || strings.Contains(lines[0], "secret") {
		t.Errorf("%q", lines)
	}
}
