package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func listen(address string) net.Listener {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		panic(err)
	}
	return listener
}

func TestUnanswered(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		open bool
	}{
		"none":            {nil, false},
		"broken off":      {io.ErrUnexpectedEOF, true},
		"never sent":      {&url.Error{Op: "Post", URL: "https://x/secret", Err: &settledError{io.EOF}}, false},
		"refused":         {fmt.Errorf("post: %w", &RefusedError{}), false},
		"a caller's stop": {context.Canceled, true},
	} {
		if got := Unanswered(test.err); got != test.open {
			t.Errorf("%s: %v", name, got)
		}
	}
	for status, open := range map[int]bool{
		200: false,
		404: false,
		408: true,
		422: false,
		429: false,
		500: true,
		502: true,
		504: true,
	} {
		if Open(status) != open {
			t.Errorf("%d: %v", status, Open(status))
		}
	}
}

func TestBareHidesTheAddress(t *testing.T) {
	client := &http.Client{Transport: New(quick())}
	address := "http://" + closedPort(t) + "/webhooks/1/s3cr3t?token=s3cr3t"
	for name, err := range map[string]error{
		"sent":    send(t, client, address),
		"wrapped": fmt.Errorf("look: %w", send(t, client, address)),
		"twice":   &url.Error{Op: "Get", URL: address, Err: &url.Error{Op: "parse", URL: address, Err: io.EOF}},
	} {
		bare := Bare(err)
		if !strings.Contains(err.Error(), "s3cr3t") || strings.Contains(bare.Error(), "s3cr3t") {
			t.Errorf("%s: %v", name, bare)
		}
		var reason *net.OpError
		if name != "twice" && !errors.As(bare, &reason) || Unanswered(bare) != Unanswered(err) {
			t.Errorf("%s: the reason is lost: %v", name, bare)
		}
	}
	if Bare(nil) != nil || Bare(io.EOF) != io.EOF { //nolint:errorlint // it must be the same
		t.Error("what has no address is not left as it is")
	}
}

func send(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err == nil {
		_ = response.Body.Close()
		t.Fatal("somebody answered")
	}
	return err
}

func TestLoopbackOnly(t *testing.T) {
	proxy := serve(t, ok)
	through := Proxy(func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) })
	once := Policy{Pause: time.Hour, Longest: time.Hour} // a second attempt would take the test's time
	transport := New(once, LoopbackOnly(), through)
	for _, outside := range []string{
		"http://192.0.2.1/",
		"https://api.github.com/",
		"http://[2001:db8::1]/",
		"http://0.0.0.0:1/",
		"http://127.0.0.1.example.org/",
	} {
		_, _, err := ask(t, transport, http.MethodPost, outside)
		if !errors.Is(err, errOutside) || Unanswered(err) || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: %v", outside, err)
		}
	}
	if len(proxy.seen()) != 0 {
		t.Error("the proxy was asked")
	}
	server := serve(t, ok)
	for _, inside := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		if _, body, err := ask(t, transport, http.MethodGet, inside); body != "fine" {
			t.Errorf("%s: %v", inside, err)
		}
	}
	if err := checkLoopback("tcp", "192.0.2.1:80", nil); !errors.Is(err, errOutside) {
		t.Errorf("a name that stands for an address outside: %v", err)
	}
	if _, body, err := ask(t, New(quick(), through), http.MethodGet, "http://example.invalid/"); body != "fine" {
		t.Errorf("through the proxy: %v", err)
	}
}

func TestAnUntrustedCertificateIsNotTriedAgain(t *testing.T) {
	var greeted atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			greeted.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	_, _, err := ask(t, New(quick()), http.MethodPost, server.URL)
	if err == nil || Unanswered(err) || !strings.Contains(err.Error(), "certificate") || greeted.Load() != 1 {
		t.Errorf("%v after %d connections", err, greeted.Load())
	}
}
