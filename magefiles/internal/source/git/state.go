package git

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// State is everything that a command that reads history depends on: HEAD and its branch, what differs from HEAD,
// all refs, and the remotes. If the Parts of two states are the same, such a command gives the same result.
type State struct {
	Parts  map[string]string // git's output: status, rev-parse and remote
	Places Places
}

// Places are the folders of a repository.
type Places struct {
	GitDir  string // of the work tree
	Objects string // the object store
	Root    string // of the work tree
	Prefix  string // path from Root to Repo.Dir: "" or with a slash at its end
}

// places are the options with which git-rev-parse(1) prints the Places, in this order, and whether the clone is
// shallow.
var places = []string{
	"--absolute-git-dir", "--git-path", "objects", "--show-toplevel", "--show-prefix", "--is-shallow-repository",
}

// State asks git for the state. It returns the places even if the history cannot be read. Starting a git process
// takes longer than its work, so one git-rev-parse prints the places and all refs: first the hashes of all refs,
// then their names.
func (r Repo) State(ctx context.Context) (State, error) {
	var status, parsed, remote string
	state := State{}
	group, grouped := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		state.Places, parsed, err = r.WorkTree().places(ctx, "--all", "--symbolic-full-name", "--all")
		return err
	})
	group.Go(func() error {
		remote, _ = r.git(grouped, "config", "-z", "--get-regexp", "^remote\\.") // an error means that there is none
		return nil
	})
	group.Go(func() (err error) { // takes the longest; the goroutine that was created last begins first
		status, err = r.git(grouped, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z",
			"--untracked-files=normal", "--no-renames")
		return err
	})
	err := group.Wait()
	if err == nil && !strings.Contains(status, noCommit) {
		state.Parts = map[string]string{"status": status, "rev-parse": parsed, "remote": remote}
		return state, nil
	}
	if _, why := r.Head(ctx); why != nil { // its error says in words what is wrong
		return state, why
	}
	return state, err
}

// noCommit is what git-status(1) prints if the branch has no commit.
const noCommit = "# branch.oid (initial)"

// Origin returns the address of the remote called origin, or "".
func (s State) Origin() (address string) {
	for entry := range strings.SplitSeq(s.Parts["remote"], "\x00") { // git-config(1), -z
		if value, is := strings.CutPrefix(entry, "remote.origin.url\n"); is {
			address = value // the last one applies
		}
	}
	return address
}

// Places asks git where the repository is.
func (w WorkTree) Places(ctx context.Context) (Places, error) {
	found, _, err := w.places(ctx)
	return found, err
}

// places also returns git's whole output, which includes the answers to further options.
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
