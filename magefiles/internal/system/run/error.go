package run

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Named prefixes an error with the name of a target, unless the error is a command's,
// which names its target itself.
func Named(target string, err error) error {
	var failed *Error
	if err == nil || errors.As(err, &failed) && failed.Command.For != "" {
		return err
	}
	return fmt.Errorf("%s: %w", target, err)
}

// Unnamed returns a command's error without the name of its target, for a message that is
// prefixed with it as a whole.
func Unnamed(err error) error {
	var failed *Error
	if !errors.As(err, &failed) {
		return err
	}
	unnamed := *failed
	unnamed.Command.For = ""
	return &unnamed
}

// Error means that a command could not be started, was stopped, or failed.
type Error struct {
	Command Command
	Code    int    // exit code; -1 when it did not exit by itself
	Tail    string // the lines of its output that say why it failed, or the last ones
	Cause   error  // context.Canceled, a timeout, or why it did not start; nil after a plain exit
}

func (e *Error) Error() string {
	name := e.Command.Args[0]
	if e.Command.For != "" {
		name = e.Command.For + ": " + name
	}
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", name, e.Cause)
	}
	text := fmt.Sprintf("%s exited with code %d", name, e.Code)
	if e.Tail != "" {
		text += ":\n" + e.Tail
	}
	return text
}

// Unwrap returns the cause, so that errors.Is(err, context.Canceled) works.
func (e *Error) Unwrap() error { return e.Cause }

func failure(ctx context.Context, cmd Command, result Result, err error) *Error {
	failed := &Error{Command: cmd, Code: result.Code, Tail: tail(cmd, result)}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		failed.Code, failed.Cause = -1, context.Cause(ctx)
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
	default:
		failed.Code, failed.Cause = -1, err
	}
	return failed
}

// tail returns the part of the output that says why the command failed, or its end,
// preferring error lines.
func tail(cmd Command, result Result) string {
	if cmd.Reason != nil {
		if reason := cmd.Reason(string(result.Stdout) + string(result.Stderr)); reason != "" {
			return reason
		}
	}
	text := strings.TrimSpace(string(result.Stderr))
	if text == "" {
		text = strings.TrimSpace(string(result.Stdout))
	}
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
