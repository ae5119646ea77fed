package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// call is a request to the app.
type call struct {
	method, path string
	headers      map[string]string // besides those of every request
	body         []byte
	kind         string // Content-Type of the body
}

// prepare makes the requests of verify.before or, with again, those that are repeated after an upgrade.
func (s *service) prepare(ctx context.Context, again bool) error {
	for i, request := range s.Config.Before {
		if again && request.Once {
			continue
		}
		if err := s.request(ctx, request); err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			return fmt.Errorf("verify.before[%d]: %w", i, err)
		}
	}
	return nil
}

// request makes one of these requests. If values are taken from the answer, it is not shown.
func (s *service) request(ctx context.Context, request app.Request) error {
	path, _ := s.values.in(request.Path, plainly)
	body, kind := s.values.body(request.Body)
	method := request.Method
	switch {
	case method != "":
	case body == nil:
		method = http.MethodGet
	default:
		method = http.MethodPost
	}
	answer, err := s.send(ctx, call{method, path, request.Headers, body, kind})
	if err != nil {
		return err
	}
	expected := "a status from 200 to 299"
	if request.Status != 0 {
		expected = fmt.Sprint(request.Status)
	}
	good := answer.status >= 200 && answer.status <= 299
	switch {
	case good && request.Status != 0 && answer.status != request.Status:
		return fmt.Errorf("%s %s answered %d, expected %s", method, request.Path, answer.status, expected)
	case !good && answer.status != request.Status:
		s.values.hide(secretsIn(answer.body)...)
		return fmt.Errorf("%s %w", method, answer.unexpected(request.Path, expected))
	}
	if err := s.values.take(request.Take, answer.body); err != nil {
		return fmt.Errorf("%s %s answered %d: %w", method, request.Path, answer.status, err)
	}
	return nil
}

// setHeaders sets the headers of a request whose placeholders all have values.
func (s *service) setHeaders(request *http.Request, headers map[string]string) {
	for name, text := range headers {
		value, all := s.values.in(text, plainly)
		if all {
			if secretKey().MatchString(name) {
				_, credential, _ := strings.Cut(value, " ") // after the scheme, such as Bearer
				s.values.hide(value, credential)
			}
			request.Header.Set(name, value)
		}
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
}

// answersAfter makes the requests of verify.after.
func (s *service) answersAfter(ctx context.Context) error {
	for i, expected := range s.Config.After {
		if err := s.answersOne(ctx, expected); err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			return fmt.Errorf("verify.after[%d]: GET %w", i, err)
		}
	}
	return nil
}

func (s *service) answersOne(ctx context.Context, expected app.Answer) error {
	path, _ := s.values.in(expected.Path, plainly)
	answer, err := s.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if expected.Status != 0 {
		status = expected.Status
	}
	s.values.hide(secretsIn(answer.body)...)
	if answer.status != status {
		return answer.unexpected(expected.Path, fmt.Sprint(status))
	}
	if expected.Has == "" {
		return nil
	}
	text, _ := s.values.in(expected.Has, inJSON)
	var found, wanted any
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		return fmt.Errorf("read verify.after: %w", err)
	}
	if json.Unmarshal(answer.body, &found) != nil || !holds(found, wanted) {
		return answer.unexpected(expected.Path, "JSON that has "+expected.Has)
	}
	return nil
}
