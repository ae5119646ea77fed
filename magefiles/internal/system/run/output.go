package run

import (
	"bytes"
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

// Output returns where the commands of a context show their output, or else otherwise.
func Output(ctx context.Context, otherwise io.Writer) io.Writer {
	if out, ok := ctx.Value(outputKey{}).(io.Writer); ok {
		return out
	}
	return otherwise
}

// Log adds whole lines to the log of the step that a context is of, and shows them only
// where all output is shown.
func Log(ctx context.Context, lines []byte) {
	if out, ok := ctx.Value(outputKey{}).(interface{ Log(lines []byte) }); ok {
		out.Log(lines)
	}
}

// log passes both streams of a command, each line with the name of its target, to the
// log of its step.
func (r *Runner) log(ctx context.Context, cmd Command, result Result) {
	var lines bytes.Buffer
	for _, stream := range [][]byte{result.Stdout, result.Stderr} {
		prefixer := NewPrefixer(writer{r, &lines}, cmd.For)
		_, _ = prefixer.Write(stream) // a buffer takes everything
		_ = prefixer.Close()
	}
	if lines.Len() > 0 {
		Log(ctx, lines.Bytes())
	}
}

// Status shows the progress of a context's work, such as "12 of 71 MB". It replaces
// what was shown before, and is shown only while the work goes on. EndStatus ends it.
func Status(ctx context.Context, format string, args ...any) {
	if out, ok := ctx.Value(outputKey{}).(interface{ Status(text string) }); ok {
		out.Status(fmt.Sprintf(format, args...))
	}
}

// EndStatus removes the status of a context's work.
func EndStatus(ctx context.Context) { Status(ctx, "%s", "") }
