package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// ErrProtected is what Advance meets if rules of the repository forbid a push.
var ErrProtected = errors.New("the branch is protected")

// ErrMoved is what Advance meets if the branch is no longer where it was.
var ErrMoved = errors.New("the branch has moved on")

// What a token needs, in the words of
// https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
const (
	contentsRead  = "contents: read"
	contentsWrite = "contents: write"
	actionsRead   = "actions: read"
	actionsWrite  = "actions: write"
	pullsRead     = "pull requests: read"
	pullsWrite    = "pull requests: write"
)

// answerError is an answer that is not the one that was hoped for.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string { return e.text }

// Settled tells whether the answer leaves nothing open (web.Unanswered).
func (e *answerError) Settled() bool { return !web.Open(e.status) }

// Status is the HTTP status that GitHub answered with, 0 if it is not known:
// there was no answer, or the error is another.
func Status(err error) int {
	var answer *answerError
	var refused *web.RefusedError
	switch {
	case errors.As(err, &answer):
		return answer.status
	case errors.As(err, &refused):
		return refused.Status
	}
	return statusOf(err)
}

// statusOf is the status of an error of go-github.
func statusOf(err error) int {
	if answer := answerOf(err); answer != nil && answer.Response != nil {
		return answer.Response.StatusCode
	}
	return 0
}

// answerOf is the answer in an error of go-github, nil if it is another error.
func answerOf(err error) *gh.ErrorResponse {
	var (
		plain   *gh.ErrorResponse
		rate    *gh.RateLimitError
		abuse   *gh.AbuseRateLimitError
		factor  *gh.TwoFactorAuthError
		pending *gh.AcceptedError
	)
	switch {
	case errors.As(err, &plain):
		return plain
	case errors.As(err, &rate):
		return &gh.ErrorResponse{Response: rate.Response, Message: rate.Message}
	case errors.As(err, &abuse):
		return &gh.ErrorResponse{Response: abuse.Response, Message: abuse.Message}
	case errors.As(err, &factor):
		return (*gh.ErrorResponse)(factor)
	case errors.As(err, &pending):
		return &gh.ErrorResponse{
			Response: &http.Response{StatusCode: http.StatusAccepted},
			Message:  "it is still at work; run this again",
		}
	}
	return nil
}

// fail words an error: what was asked for, what came back, and, if it is about
// rights, which permission is needed.
func (c *Client) fail(err error, need, format string, args ...any) error {
	action := fmt.Sprintf(format, args...)
	answer := answerOf(err)
	if answer == nil {
		return fmt.Errorf("%s: %w", action, web.Bare(err))
	}
	status := answer.Response.StatusCode
	text := fmt.Sprintf(
		"%s: GitHub answered %d: %s%s%s",
		action,
		status,
		message(answer),
		fields(answer),
		c.hint(answer.Response, need),
	)
	return &answerError{status: status, text: c.clean(text)}
}

// say is a failure of ours, with the status that it comes from.
func (c *Client) say(status int, format string, args ...any) error {
	return &answerError{status: status, text: c.clean(fmt.Sprintf(format, args...))}
}

// clean is foreign text in one line, without the token.
func (c *Client) clean(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if c.session.token != "" {
		text = strings.ReplaceAll(text, c.session.token, "***")
	}
	return text
}

func message(answer *gh.ErrorResponse) string {
	if said := strings.TrimSpace(answer.Message); said != "" {
		return said
	}
	return http.StatusText(answer.Response.StatusCode)
}

// fields are the fields that GitHub complains about, as " (tag_name already_exists, …)".
func fields(answer *gh.ErrorResponse) string {
	var said []string
	for _, each := range answer.Errors {
		words := strings.Fields(each.Field + " " + each.Code)
		if each.Message != "" && (each.Code == "" || each.Code == "custom") {
			words = []string{each.Message}
		}
		if len(words) > 0 {
			said = append(said, strings.Join(words, " "))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}

// hint says what to do about an answer.
func (c *Client) hint(response *http.Response, need string) string {
	status := response.StatusCode
	if named := response.Header.Get("X-Accepted-Github-Permissions"); named != "" {
		need = strings.ReplaceAll(named, "=", ": ")
	}
	switch {
	case status == http.StatusUnauthorized && c.session.token != "":
		return "; GITHUB_TOKEN is not accepted: it is mistyped, expired or withdrawn"
	case status == http.StatusUnauthorized, status == http.StatusForbidden && c.session.token == "":
		return "; set GITHUB_TOKEN, with " + need
	case status == http.StatusForbidden:
		return "; GITHUB_TOKEN needs " + need
	case status == http.StatusNotFound && c.session.token == "":
		return "; it is not there or not public: set GITHUB_TOKEN, with " + need
	case status == http.StatusNotFound:
		return "; it is not there or not visible with this token: GITHUB_TOKEN needs " + need
	case status >= http.StatusInternalServerError:
		return "; run this again (https://www.githubstatus.com tells of troubles)"
	}
	return ""
}
