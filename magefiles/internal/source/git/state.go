package git

import "context"

// State is all that commands that read history depend on: HEAD and its branch,
// what differs from HEAD, all refs, and the remote. Two equal ones mean that
// such a command answers the same.
func (r Repo) State(ctx context.Context) (map[string]string, error) {
	if _, err := r.Head(ctx); err != nil {
		return nil, err
	}
	state := map[string]string{}
	for name, args := range map[string][]string{
		"status": {"status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--no-renames"},
		"refs":   {"for-each-ref", "--format=%(objectname) %(refname)"},
		"places": {"rev-parse", "--is-shallow-repository", "--show-prefix"},
		"remote": {"config", "--get-regexp", "^remote\\."},
	} {
		out, err := r.git(ctx, args...)
		if err != nil && name != "remote" { // there may be none
			return nil, err
		}
		state[name] = out
	}
	return state, nil
}
