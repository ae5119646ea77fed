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

// errOutside is the error for an address that is not on this machine.
var errOutside = errors.New("only this machine's loopback may be reached in a rehearsal")

// dialing returns the transport underneath, with a new connection for each request or
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
		dialer.Control = checkLoopback
		under.Proxy, under.DialContext = nil, t.dialLoopback(dialer)
	}
	return under
}

// dialLoopback dials loopback addresses only, without looking up any other name.
func (t *transport) dialLoopback(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
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

// checkLoopback checks the address that a name resolved to.
func checkLoopback(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s: %w", address, errOutside)
	}
	return nil
}
