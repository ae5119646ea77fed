package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// errOutside is the refusal of an address that is not this machine's own.
var errOutside = errors.New("only this machine's loopback may be reached in a rehearsal")

// dialing makes the transport underneath, with a connection for each request or
// with connections that are kept.
func (t *transport) dialing(anew bool) *http.Transport {
	dialer := &net.Dialer{Timeout: t.policy.Patience, KeepAlive: 30 * time.Second}
	under := &http.Transport{
		Proxy:                 t.proxy,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		DisableKeepAlives:     anew,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       30 * time.Second,
		TLSHandshakeTimeout:   t.policy.Patience,
		ExpectContinueTimeout: time.Second,
	}
	if t.loopbackOnly {
		dialer.Control = atHome
		under.Proxy, under.DialContext = nil, t.dialHome(dialer)
	}
	return under
}

// dialHome dials only what is written as loopback, so that not even a name is
// looked up elsewhere.
func (t *transport) dialHome(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("%s: %w", address, errOutside)
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// atHome checks the address that a name stood for.
func atHome(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s: %w", address, errOutside)
	}
	return nil
}
