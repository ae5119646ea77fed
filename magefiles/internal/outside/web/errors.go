package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// RefusedError is an answer that wants to be asked again later than we wait.
// What was asked for was not done.
type RefusedError struct {
	Host   string
	Status int           // 429 or 403
	Wait   time.Duration // what the server asked for
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf(
		"%s answered %d and asks to wait %s, which is longer than we do: run this again then",
		e.Host,
		e.Status,
		e.Wait.Round(time.Second),
	)
}

// Settled marks the error as one that leaves nothing open.
func (e *RefusedError) Settled() bool { return true }

// settledError is an error of a request that is known to have done nothing.
type settledError struct{ err error }

func (e *settledError) Error() string { return e.err.Error() }
func (e *settledError) Unwrap() error { return e.err }
func (e *settledError) Settled() bool { return true }

// Unanswered tells whether an error leaves open if its request took effect. It
// does unless something in its chain knows better: a request that was never
// sent or that was refused (an error with a method Settled() bool that says so).
// For nil it is false.
func Unanswered(err error) bool {
	var known interface{ Settled() bool }
	return err != nil && (!errors.As(err, &known) || !known.Settled())
}

// Open tells whether an answer of this status leaves open if the request took
// effect: the server, or something before it, was in trouble.
func Open(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout
}

// Bare takes the method and the address off an error of http.Client: an address
// may hold a secret. What is under it can be asked for with errors.Is and
// errors.As as before. An error without an address is returned as it is.
func Bare(err error) error {
	var addressed *url.Error
	for errors.As(err, &addressed) && addressed.Err != nil {
		err = addressed.Err
	}
	return err
}

// pointless tells whether another attempt would fail in the same way.
func (o *outcome) pointless() bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(o.err, errOutside) || errors.As(o.err, &certificate)
}

// unsent tells whether the server never saw the request.
func (o *outcome) unsent() bool { return o.err != nil && !o.sent }

// interrupted is what to return if the wait for another attempt ended early:
// what the attempt left open stays open.
func (o *outcome) interrupted(err error) error {
	if o.refused() || o.unsent() {
		return &settledError{err}
	}
	return err
}
