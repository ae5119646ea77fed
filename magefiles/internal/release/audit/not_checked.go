package audit

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// notCheckedError is that of what could not be checked.
type notCheckedError struct{ error }

func (n *notCheckedError) Unwrap() error { return n.error }

// NotChecked marks an error that keeps something from being checked, and shows nothing wrong. It is nil for nil.
func NotChecked(err error) error {
	if err == nil {
		return nil
	}
	return &notCheckedError{err}
}

// answered marks an error if a service has not answered, or refused to. What it does not have, or
// what it answered, is what the error is about otherwise.
func answered(err error) error {
	var (
		refused     *registry.RefusedError
		network     net.Error
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusNotFound:
		return err
	case errors.As(err, &refused), errors.As(err, &network), errors.As(err, &certificate), github.Status(err) != 0,
		errors.Is(err, context.Canceled), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return NotChecked(err)
	}
	return err
}
