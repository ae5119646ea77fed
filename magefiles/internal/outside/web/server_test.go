package web

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A reply is a server's reaction to one request.
type reply func(w http.ResponseWriter, r *http.Request)

// scripted is a server that gives the replies in turn and then repeats the last one.
type scripted struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string // what the requests brought, in order
}

func serve(t *testing.T, replies ...reply) *scripted {
	t.Helper()
	s := &scripted{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.bodies = append(s.bodies, string(body))
		next := replies[min(len(s.bodies), len(replies))-1]
		s.mu.Unlock()
		next(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *scripted) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bodies
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") }

// status answers with a status, headers (name, value, …) and a body.
func status(code int, body string, headers ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

// cut sends less than it announces.
func cut(code int) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn := hijack(w)
		_, _ = io.WriteString(conn, "HTTP/1.1 "+strconv.Itoa(code)+" Cut\r\nContent-Length: 100\r\n\r\n{\"half\":")
		_ = conn.Close()
	}
}

// cutChunked ends a chunked body without its last chunk.
func cutChunked(w http.ResponseWriter, _ *http.Request) {
	conn := hijack(w)
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
	_ = conn.Close()
}

// stuck stops within a body, after n bytes.
func stuck(n int) reply {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(2*n))
		_, _ = w.Write(bytes.Repeat([]byte("x"), n))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

// quick returns a policy with the shortest waits.
func quick() Policy {
	return Policy{Patience: 10 * time.Second, Pause: time.Millisecond, Longest: 2 * time.Second}
}

// impatient gives up on servers that stall.
func impatient() Policy {
	return Policy{Patience: 500 * time.Millisecond, Pause: time.Millisecond, Attempts: 2}
}

// ask sends a request, with a body if it is not a question, and reads the answer.
func ask(t *testing.T, transport http.RoundTripper, method, url string) (status int, answer string, err error) {
	t.Helper()
	var body io.Reader = http.NoBody
	if method != http.MethodGet && method != http.MethodHead {
		body = strings.NewReader("the body")
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return exchange(transport, request)
}

func exchange(transport http.RoundTripper, request *http.Request) (status int, answer string, err error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// closedPort returns an address without a listener.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // only to learn a free port
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
