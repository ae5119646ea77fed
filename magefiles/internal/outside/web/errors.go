package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// RefusedError is a response that asks to wait longer than we do. The request was not
// executed.
type RefusedError struct {
	Host   string
	Status int           // 429 or 403
	Wait   time.Duration // how long the server asked to wait
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf(
		"%s answered %d and asks to wait %s, which is too long: try again after that",
		e.Host,
		e.Status,
		e.Wait.Round(time.Second),
	)
}

// Settled marks the error as one that leaves no doubt: the request had no effect.
func (e *RefusedError) Settled() bool { return true }

// settledError is an error of a request that is known to have had no effect.
type settledError struct{ err error }

func (e *settledError) Error() string { return e.err.Error() }
func (e *settledError) Unwrap() error { return e.err }
func (e *settledError) Settled() bool { return true }

// Unanswered reports whether it is unknown if the request of an error took effect. That
// is so unless an error in the chain has a method Settled() bool that returns true: the
// request was never sent, or it was refused. It is false for nil.
func Unanswered(err error) bool {
	var known interface{ Settled() bool }
	return err != nil && (!errors.As(err, &known) || !known.Settled())
}

// Open reports whether a response with this status leaves it unknown if the request
// took effect: the server, or a proxy before it, failed.
func Open(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout
}

// Bare removes the method and the address from an error of http.Client, since an
// address may contain a secret. errors.Is and errors.As still work. Other errors are
// returned unchanged.
func Bare(err error) error {
	var addressed *url.Error
	for errors.As(err, &addressed) && addressed.Err != nil {
		err = addressed.Err
	}
	return err
}

// pointless reports whether another attempt would fail in the same way.
func (o *outcome) pointless() bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(o.err, errOutside) || errors.As(o.err, &certificate)
}

// unsent reports whether the server cannot have seen the request.
func (o *outcome) unsent() bool { return o.err != nil && !o.sent }

// interrupted returns the error when the wait for another attempt ends early: if it was
// unknown whether the last attempt took effect, it still is.
func (o *outcome) interrupted(err error) error {
	if o.refused() || o.unsent() {
		return &settledError{err}
	}
	return err
}
