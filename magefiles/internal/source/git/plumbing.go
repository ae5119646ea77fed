package git

import (
	"context"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Plumbing is a git command whose environment makes it use another index, object store or work tree than the
// repository's own (git(1), "ENVIRONMENT VARIABLES").
type Plumbing struct {
	Args  []string
	Env   []string // "GIT_INDEX_FILE=…"
	Dir   string   // working folder; "" is the repository's Dir
	Stdin []byte
}

// Plumb runs the command and returns its unchanged standard output.
func (r Repo) Plumb(ctx context.Context, command Plumbing) ([]byte, error) {
	dir := command.Dir
	if dir == "" {
		dir = r.Dir
	}
	result, err := r.Run.Run(
		ctx,
		run.Command{For: "git", Dir: dir, Stdin: command.Stdin, Timeout: 10 * time.Minute, Quiet: true,
			Env: append([]string{"LC_ALL=C"}, command.Env...), Args: append([]string{"git"}, command.Args...)},
	)
	return result.Stdout, brief(subcommand(command.Args), err)
}

// subcommand skips the options before the name of the command.
func subcommand(args []string) []string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args
}
