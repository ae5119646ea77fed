// Materialise makes a git repository of the bundled sample app with its history, in a folder that does not exist yet:
// go run ./magefiles/internal/rehearsal/materialise DIR.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := materialise(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "materialise:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing to do any more
	}
}

func materialise(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: materialise DIR")
	}
	if _, err := os.Lstat(args[0]); err == nil {
		return fmt.Errorf("%s exists already", args[0])
	}
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
	return rehearsal.Materialise(ctx, runner, args[0])
}
