package git

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// State is all that commands that read history depend on: HEAD and its branch,
// what differs from HEAD, all refs, and the remotes. Where two have the same parts,
// such a command answers the same.
type State struct {
	Parts  map[string]string // what git says, by subject
	Places Places
}

// Places are where a repository is.
type Places struct {
	GitDir  string // of the work tree
	Objects string // folder of the object store
	Root    string // of the work tree
	Prefix  string // path from Root to Dir: "" or with a slash at its end
}

// places are the options for which git-rev-parse(1) says the Places, in this order, and whether history is cut off.
var places = []string{
	"--absolute-git-dir", "--git-path", "objects", "--show-toplevel", "--show-prefix", "--is-shallow-repository",
}

// State asks git for the state. The places are known even where the history cannot be read. Each program that is
// started takes longer than what it does, so that one says the places and all refs: first their objects, then their
// names.
func (r Repo) State(ctx context.Context) (State, error) {
	var status, refs, remote string
	state := State{}
	group, grouped := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		state.Places, refs, err = r.WorkTree().places(grouped, "--all", "--symbolic-full-name", "--all")
		return err
	})
	group.Go(func() error {
		remote, _ = r.git(grouped, "config", "-z", "--get-regexp", "^remote\\.") // there may be none
		return nil
	})
	group.Go(func() (err error) { // takes longest, and the goroutine that was created last begins first
		status, err = r.git(grouped, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z",
			"--untracked-files=normal", "--no-renames")
		return err
	})
	err := group.Wait()
	if err == nil && !strings.Contains(status, noCommit) {
		state.Parts = map[string]string{"status": status, "refs": refs, "remote": remote}
		return state, nil
	}
	if _, why := r.Head(ctx); why != nil { // it says in words what is wrong
		return state, why
	}
	return state, err
}

// noCommit is what git-status(1) says of a branch without a commit.
const noCommit = "# branch.oid (initial)"

// Origin is the address of the remote called origin, or "".
func (s State) Origin() (address string) {
	for entry := range strings.SplitSeq(s.Parts["remote"], "\x00") { // git-config(1), -z
		if value, is := strings.CutPrefix(entry, "remote.origin.url\n"); is {
			address = value // the last one holds
		}
	}
	return address
}

// Places asks git where the repository is.
func (w WorkTree) Places(ctx context.Context) (Places, error) {
	found, _, err := w.places(ctx)
	return found, err
}

// places also returns all that git says, which includes what further options ask for.
func (w WorkTree) places(ctx context.Context, further ...string) (found Places, said string, err error) {
	if said, err = w.repo.git(ctx, slices.Concat([]string{"rev-parse"}, places, further)...); err != nil {
		return found, said, err
	}
	lines := strings.SplitN(said, "\n", len(places))
	if len(lines) < len(places)-1 {
		return found, said, fmt.Errorf("git says of %s: %q", w.repo.Dir, said)
	}
	found = Places{GitDir: lines[0], Objects: lines[1], Root: lines[2], Prefix: lines[3]}
	if !filepath.IsAbs(found.Objects) {
		found.Objects = filepath.Join(w.repo.Dir, found.Objects)
	}
	return found, said, nil
}
