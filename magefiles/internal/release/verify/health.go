package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

const (
	askTimeout = 15 * time.Second // for one response; an emulated app is slow
	mostBytes  = 64 << 20         // of a response; a bundle is far smaller
	breath     = time.Second      // between two checks of a healthy container
)

// notYetError is a failure that may go away with time.
type notYetError struct{ error }

func (n notYetError) Unwrap() error { return n.error }

// poll calls try until it succeeds, fails permanently, or ctx ends. In the last case
// the error contains why ctx ended and the last failure.
func poll(ctx context.Context, try func(context.Context) error) error {
	last := errors.New("no attempt was made")
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, breath) {
		err := try(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", context.Cause(ctx), last) // err may only say that ctx ended
		}
		var later notYetError
		if !errors.As(err, &later) {
			return err
		}
		last = err
		run.Status(ctx, "not yet: %v", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// bound limits ctx to the time in which a started container must become healthy.
func (s *service) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	limit, key := time.Duration(s.Config.Timeout), "verify.timeout"
	if s.foreign() { // an emulated app starts slowly
		limit, key = 2*limit, "twice verify.timeout, under emulation"
	}
	return context.WithDeadlineCause(
		ctx,
		s.started.Add(limit),
		fmt.Errorf("not healthy within %s (%s)", limit, key),
	)
}

// answers waits until the container reports that it is healthy as a version.
func (s *service) answers(ctx context.Context, version string) error {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	return poll(ctx, func(ctx context.Context) error { return s.askHealth(ctx, version) })
}

// healthy waits until the container reports a version, all its programs run and its
// frontend contains the version. It returns the programs.
func (s *service) healthy(ctx context.Context, version string) (programs []program, err error) {
	if err := s.answers(ctx, version); err != nil {
		return nil, err
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	err = poll(ctx, func(ctx context.Context) error {
		programs, err = s.programs(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return programs, poll(ctx, func(ctx context.Context) error { return s.askPage(ctx, version) })
}

// askHealth asks once. A wrong version or a stopped container is a permanent failure.
func (s *service) askHealth(ctx context.Context, version string) error {
	path := s.Config.Health
	answer, err := s.ask(ctx, http.MethodGet, path, nil)
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

// staysUp watches a healthy container for verify.settle: it must stay healthy, and its
// programs must stay the same processes.
func (s *service) staysUp(ctx context.Context, version string, before []program) error {
	for end := time.Now().Add(time.Duration(s.Config.Settle)); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(breath, max(time.Until(end), 0))):
		}
		if err := s.alive(ctx); err != nil {
			return err
		}
		if err := s.askHealth(ctx, version); err != nil {
			return err
		}
	}
	after, err := s.programs(ctx)
	if err != nil {
		return err
	}
	return sameProcesses(before, after)
}

// answer is a response of the app.
type answer struct {
	status int
	kind   string   // Content-Type
	at     *url.URL // final address, after redirects
	body   []byte
}

// unexpected says what the response was and what was expected.
func (a answer) unexpected(path, expected string) error {
	said, _, _ := strings.Cut(strings.TrimSpace(string(a.body[:min(len(a.body), 200)])), "\n")
	return fmt.Errorf("%s answered %d %s, expected %s", path, a.status, printable(said), expected)
}

// loopback returns a client for a published port. It uses no proxy, follows no redirects to other hosts, keeps no
// connection to a container that will stop, and returns the cookies that it was given, as in a session.
func loopback() *http.Client {
	cookies, _ := cookiejar.New(nil) // never fails
	return &http.Client{Timeout: askTimeout, Transport: &http.Transport{DisableKeepAlives: true}, Jar: cookies,
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if to.URL.Host != via[0].URL.Host || len(via) > 5 {
				return http.ErrUseLastResponse
			}
			return nil
		}}
}

// ask sends one request to the app, with JSON as its body.
func (s *service) ask(ctx context.Context, method, path string, body []byte) (answer, error) {
	return s.send(ctx, call{method: method, path: path, body: body, kind: "application/json"})
}

// send sends one request to the app. A missing response is a notYetError as long as the
// container runs.
func (s *service) send(ctx context.Context, c call) (answer, error) {
	if s.address == "" {
		if err := s.findPort(ctx); err != nil {
			return answer{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, c.method, "http://"+s.address+c.path, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	if c.body != nil {
		request.Header.Set("Content-Type", c.kind)
	}
	s.setHeaders(request, s.Config.Headers)
	s.setHeaders(request, c.headers)
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}, s.orGone(ctx, fmt.Errorf("%s %s: %w", c.method, c.path, bare(err)))
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return answer{}, s.orGone(ctx, fmt.Errorf("%s %s: %w", c.method, c.path, err))
	}
	return answer{response.StatusCode, response.Header.Get("Content-Type"), response.Request.URL, read}, nil
}

// bare returns the innermost cause of a request's error, without addresses, which differ each time.
func bare(err error) error {
	err = web.Bare(err)
	var connection *net.OpError
	if errors.As(err, &connection) {
		err = connection.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// findPort asks the engine for the address of the app's published port. A container
// that has exited has none.
func (s *service) findPort(ctx context.Context) error {
	out, err := s.docker(ctx, "port", s.name, strconv.Itoa(s.Config.Port)+"/tcp")
	if err == nil && out == "" {
		err = errors.New("docker port names no port")
	}
	if err != nil {
		return s.orGone(ctx, err)
	}
	s.address, _, _ = strings.Cut(out, "\n")
	return s.alive(ctx) // records this start, so that a restart is noticed
}

// orGone returns why the container has stopped; if it still runs, err is a notYetError.
func (c *container) orGone(ctx context.Context, err error) error {
	if gone := c.alive(ctx); gone != nil {
		return gone
	}
	return notYetError{err}
}
