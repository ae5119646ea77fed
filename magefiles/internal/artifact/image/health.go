package image

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	askTimeout = 15 * time.Second // for one answer; an emulated app is slow
	mostBytes  = 64 << 20         // of an answer; a bundle is far smaller
	breath     = time.Second      // between two looks at what should stay as it is
)

// notYetError is a failure that time may mend.
type notYetError struct{ error }

func (n notYetError) Unwrap() error { return n.error }

// poll tries until it succeeds, fails for good, or ctx ends: then the error is
// why it ended, and the last failure.
func poll(ctx context.Context, try func(context.Context) error) error {
	last := errors.New("nothing was seen")
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, breath) {
		err := try(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", context.Cause(ctx), last) // err may only be that
		}
		var later notYetError
		if !errors.As(err, &later) {
			return err
		}
		last = err
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// bound is the time that a started container has to become healthy.
func (c *container) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := time.Duration(c.Config.Timeout)
	return context.WithDeadlineCause(
		ctx,
		c.started.Add(limit),
		fmt.Errorf("not healthy within %s (verify.timeout)", limit),
	)
}

// answers waits until the container's health is that of a version.
func (c *container) answers(ctx context.Context, version string) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	return poll(ctx, func(ctx context.Context) error { return c.askHealth(ctx, version) })
}

// healthy waits until the container is healthy as a version, all its programs
// run and its frontend carries the version, and returns the programs.
func (c *container) healthy(ctx context.Context, version string) (programs []program, err error) {
	if err := c.answers(ctx, version); err != nil {
		return nil, err
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	err = poll(ctx, func(ctx context.Context) error {
		programs, err = c.programs(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return programs, poll(ctx, func(ctx context.Context) error { return c.askPage(ctx, version) })
}

// askHealth asks once. Another version, or a container that is gone, is final.
func (c *container) askHealth(ctx context.Context, version string) error {
	path := c.Config.Health
	answer, err := c.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if answer.status != http.StatusOK {
		return notYetError{answer.unexpected(path, "200")}
	}
	var health struct {
		Version *string `json:"version"`
	}
	if err := json.Unmarshal(answer.body, &health); err != nil || health.Version == nil {
		return notYetError{answer.unexpected(path, `a JSON object with a "version"`)}
	}
	if *health.Version != version {
		return fmt.Errorf("GET %s reports version %q, expected %q", path, printable(*health.Version), version)
	}
	return nil
}

// settle looks on for a while: the container must stay healthy, and its
// programs the same processes.
func (c *container) settle(ctx context.Context, version string, before []program) error {
	for end := time.Now().Add(time.Duration(c.Config.Settle)); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(breath, max(time.Until(end), 0))):
		}
		if err := c.alive(ctx); err != nil {
			return err
		}
		if err := c.askHealth(ctx, version); err != nil {
			return err
		}
	}
	after, err := c.programs(ctx)
	if err != nil {
		return err
	}
	return sameProcesses(before, after)
}

// answer is what the app said.
type answer struct {
	status int
	kind   string   // Content-Type
	at     *url.URL // where, after redirects
	body   []byte
}

// unexpected says what came instead of what was expected.
func (a answer) unexpected(path, expected string) error {
	said, _, _ := strings.Cut(strings.TrimSpace(string(a.body[:min(len(a.body), 200)])), "\n")
	return fmt.Errorf("%s answered %d %s, expected %s", path, a.status, printable(said), expected)
}

// loopback is a client for a published port: no proxy stands before it, it
// goes nowhere else, and it keeps no connection to a container that ends.
func loopback() *http.Client {
	return &http.Client{Timeout: askTimeout, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if to.URL.Host != via[0].URL.Host || len(via) > 5 {
				return http.ErrUseLastResponse
			}
			return nil
		}}
}

// ask sends one request to the app. That nobody answers is notYetError as long as
// the container runs.
func (c *container) ask(ctx context.Context, method, path string, body []byte) (answer, error) {
	if c.address == "" {
		if err := c.findPort(ctx); err != nil {
			return answer{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return answer{}, c.orGone(ctx, err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return answer{}, c.orGone(ctx, fmt.Errorf("%s %s: %w", method, path, err))
	}
	return answer{response.StatusCode, response.Header.Get("Content-Type"), response.Request.URL, read}, nil
}

// findPort asks the engine where the app's port is published. A container that
// has exited has none.
func (c *container) findPort(ctx context.Context) error {
	out, err := c.docker(ctx, "port", c.name, strconv.Itoa(c.Config.Port)+"/tcp")
	if err == nil && out == "" {
		err = errors.New("docker port names no port")
	}
	if err != nil {
		return c.orGone(ctx, err)
	}
	c.address, _, _ = strings.Cut(out, "\n")
	return c.alive(ctx) // so that a later start can be told from this one
}

// orGone is why the container does not run, if it doesn't; else err may mend.
func (c *container) orGone(ctx context.Context, err error) error {
	if gone := c.alive(ctx); gone != nil {
		return gone
	}
	return notYetError{err}
}
