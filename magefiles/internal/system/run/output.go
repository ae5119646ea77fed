package run

import (
	"context"
	"fmt"
	"io"
)

type outputKey struct{}

// WithOutput returns a context whose commands show their output on out, whatever the
// runner's is. Each write is whole lines.
func WithOutput(ctx context.Context, out io.Writer) context.Context {
	return context.WithValue(ctx, outputKey{}, out)
}

// Output is where the commands of a context show their output, or else otherwise.
func Output(ctx context.Context, otherwise io.Writer) io.Writer {
	if out, ok := ctx.Value(outputKey{}).(io.Writer); ok {
		return out
	}
	return otherwise
}

// Status shows how far the work of a context is, such as "12 of 71 MB". It replaces
// what was shown before, and is shown only while the work goes on. EndStatus ends it.
func Status(ctx context.Context, format string, args ...any) {
	if out, ok := ctx.Value(outputKey{}).(interface{ Status(text string) }); ok {
		out.Status(fmt.Sprintf(format, args...))
	}
}

// EndStatus shows nothing of how far the work of a context is, until it says something else.
func EndStatus(ctx context.Context) { Status(ctx, "%s", "") }
