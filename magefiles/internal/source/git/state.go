package git

import (
	"context"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// State is all that commands that read history depend on: HEAD and its branch,
// what differs from HEAD, all refs, and the remote. Two equal ones mean that
// such a command answers the same.
func (r Repo) State(ctx context.Context) (map[string]string, error) {
	commands := map[string][]string{
		"status": {"status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--untracked-files=normal",
			"--no-renames"},
		"refs":   {"for-each-ref", "--format=%(objectname) %(refname)"},
		"places": {"rev-parse", "--is-shallow-repository", "--show-prefix"},
		"remote": {"config", "--get-regexp", "^remote\\."},
	}
	var mu sync.Mutex
	state := map[string]string{}
	group, grouped := errgroup.WithContext(ctx)
	for name, args := range commands {
		group.Go(func() error {
			out, err := r.git(grouped, args...)
			if err != nil && name != "remote" { // there may be none
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			state[name] = out
			return nil
		})
	}
	err := group.Wait()
	if err == nil && !strings.Contains(state["status"], noCommit) {
		return state, nil
	}
	if _, why := r.Head(ctx); why != nil { // it says in words what is wrong
		return nil, why
	}
	return state, err
}

// noCommit is what git-status(1) says of a branch without a commit.
const noCommit = "# branch.oid (initial)"
