package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// ErrProtected is Advance's error if rules of the repository forbid a push.
var ErrProtected = errors.New("the branch is protected")

// ErrMoved is the error of Advance and Append if the branch or record has moved in the
// meantime.
var ErrMoved = errors.New("it has moved on")

// ErrBurned is the error of CreateDraft and Edit if the tag belonged to an immutable
// release that was deleted: GitHub never lets a release have it again.
// https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases
var ErrBurned = errors.New("an immutable release had this tag, and was deleted: GitHub does not let another have it")

// Permissions that a token needs, in the words of
// https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
const (
	contentsRead  = "contents: read"
	contentsWrite = "contents: write"
	actionsRead   = "actions: read"
	actionsWrite  = "actions: write"
	pullsRead     = "pull requests: read"
	pullsWrite    = "pull requests: write"
)

// answerError is an unexpected response.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string { return e.text }

// Settled reports whether the response leaves no doubt about the effect of the request
// (web.Unanswered).
func (e *answerError) Settled() bool { return !web.Open(e.status) }

// Status returns the HTTP status of GitHub's response, 0 if there was no response or
// the error has another cause.
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

// statusOf returns the status in an error of go-github.
func statusOf(err error) int {
	if answer := answerOf(err); answer != nil && answer.Response != nil {
		return answer.Response.StatusCode
	}
	return 0
}

// isMissing reports whether an error says that a commit or ref does not exist. GitHub answers
// 404, but 409 in an empty repository, and 422 for a commit. Both have other meanings, too.
func isMissing(err error) bool {
	answer := answerOf(err)
	switch statusOf(err) {
	case http.StatusNotFound:
		return true
	case http.StatusConflict:
		return strings.HasPrefix(answer.Message, "Git Repository is empty")
	case http.StatusUnprocessableEntity:
		return strings.HasPrefix(answer.Message, "No commit found")
	}
	return false
}

// answerOf returns the response in an error of go-github, nil for any other error.
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
			Message:  "it is still working on this; try again",
		}
	}
	return nil
}

// fail describes an error: what was requested, what came back and, for a missing
// permission, which one.
func (c *connection) fail(err error, need, format string, args ...any) error {
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

// say wraps one of our own errors with the status that caused it.
func (c *connection) say(status int, format string, args ...any) error {
	return &answerError{status: status, text: c.clean(fmt.Sprintf(format, args...))}
}

// clean turns foreign text into one line without the token.
func (c *connection) clean(text string) string {
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

// fields lists the fields that GitHub rejects, as " (tag_name already_exists, …)".
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

// hint says how to fix the cause of a response.
func (c *connection) hint(response *http.Response, need string) string {
	status := response.StatusCode
	if named := response.Header.Get("X-Accepted-Github-Permissions"); named != "" {
		need = strings.ReplaceAll(named, "=", ": ")
	}
	switch {
	case status == http.StatusUnauthorized && c.session.token != "":
		return "; GITHUB_TOKEN is not accepted: it is mistyped, expired or revoked"
	case status == http.StatusUnauthorized, status == http.StatusForbidden && c.session.token == "":
		return "; set GITHUB_TOKEN, with " + need
	case status == http.StatusForbidden:
		return "; GITHUB_TOKEN needs " + need
	case status == http.StatusNotFound && c.session.token == "":
		return "; it does not exist or is not public: set GITHUB_TOKEN, with " + need
	case status == http.StatusNotFound:
		return "; it does not exist or is not visible with this token: GITHUB_TOKEN needs " + need
	case status >= http.StatusInternalServerError:
		return "; try again later (see https://www.githubstatus.com)"
	}
	return ""
}
