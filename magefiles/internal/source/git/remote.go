package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Remotes reads the remotes of a repository, fetches from them and pushes to them.
type Remotes struct{ repo Repo }

// transfer is the timeout of commands that access another repository.
const transfer = 5 * time.Minute

// ask runs a git command that may prompt for a password.
func (r Repo) ask(ctx context.Context, timeout time.Duration, args ...string) (string, error) {
	out, err := r.Run.Output(
		ctx,
		run.Command{
			For:         "git",
			Dir:         r.Dir,
			Timeout:     timeout,
			Interactive: true,
			Args:        append([]string{"git"}, args...),
		},
	)
	return out, brief(args, err)
}

// Of returns the remote that a branch is pushed to: its own, else origin. It fails
// if the remote does not exist.
func (r Remotes) Of(ctx context.Context, branch string) (string, error) {
	remote, err := r.repo.git(ctx, "config", "--get", "branch."+branch+".remote")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 || remote == "." {
		remote, err = "origin", nil // git-config(1): the key does not exist; "." is this repository itself
	}
	if err != nil {
		return "", err
	}
	return remote, r.has(ctx, remote)
}

// Home returns the remote that main or master follows, else origin. It fails if the
// remote does not exist.
func (r Remotes) Home(ctx context.Context) (string, error) {
	remote := r.home(ctx)
	return remote, r.has(ctx, remote)
}

func (r Remotes) home(ctx context.Context) string {
	for _, name := range []string{"main", "master"} {
		remote, err := r.repo.git(ctx, "config", "--get", "branch."+name+".remote")
		if err == nil && r.has(ctx, remote) == nil {
			return remote
		}
	}
	return "origin"
}

// has fails when the remote does not exist.
func (r Remotes) has(ctx context.Context, remote string) error {
	if _, err := r.repo.git(ctx, "remote", "get-url", "--", remote); err != nil {
		return fmt.Errorf("there is no remote called %s: git remote add %s ADDRESS", remote, remote)
	}
	return nil
}

// Upstream returns the remote branch that a branch follows, or "".
func (r Remotes) Upstream(ctx context.Context, branch string) (string, error) {
	if remote, err := r.repo.git(ctx, "config", "--get", "branch."+branch+".remote"); err == nil && remote == "." {
		return "", nil // a branch of this repository
	}
	out, err := r.repo.git(ctx, "config", "--get", "branch."+branch+".merge")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-config(1): the key does not exist
	}
	return strings.TrimPrefix(out, "refs/heads/"), err
}

// Refs asks a remote for some of its refs, by full name or pattern, such as
// refs/heads/main and refs/tags/v*. It returns their commits; for an annotated tag, the
// tagged commit. Refs that the remote does not have are left out.
func (r Remotes) Refs(ctx context.Context, remote string, names ...string) (map[string]string, error) {
	args := []string{"ls-remote", "--quiet", "--", remote}
	for _, name := range names {
		args = append(args, name, name+"^{}")
	}
	out, err := r.repo.ask(ctx, transfer, args...)
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", remote, strings.Join(names, ", "), err)
	}
	refs := map[string]string{}
	for line := range strings.Lines(out) {
		hash, name, found := strings.Cut(strings.TrimSpace(line), "\t")
		if !found {
			continue
		}
		if peeled, annotated := strings.CutSuffix(name, "^{}"); annotated {
			refs[peeled] = hash // follows the tag itself
			continue
		}
		refs[name] = hash
	}
	return refs, nil
}

// Fetch fetches a remote's branches and the named tags.
func (r Remotes) Fetch(ctx context.Context, remote string, tags ...string) error {
	if _, err := r.repo.ask(
		ctx,
		transfer,
		"fetch",
		"--quiet",
		"--no-tags",
		"--",
		remote,
	); err != nil ||
		len(tags) == 0 {
		return err
	}
	args := []string{"fetch", "--quiet", "--no-tags", "--", remote}
	for _, tag := range tags {
		args = append(args, "refs/tags/"+tag+":refs/tags/"+tag)
	}
	_, err := r.repo.ask(ctx, transfer, args...)
	return err
}

// Push pushes HEAD as a branch together with a tag, atomically.
func (r Remotes) Push(ctx context.Context, remote, branch, tag string) error {
	_, err := r.repo.ask(
		ctx,
		transfer,
		"push",
		"--quiet",
		"--atomic",
		"--no-follow-tags",
		"--",
		remote,
		"HEAD:refs/heads/"+branch,
		"refs/tags/"+tag,
	)
	return err
}

// URL returns the address of the remote called origin, or "".
func (r Remotes) URL(ctx context.Context) (string, error) {
	out, err := r.repo.git(ctx, "config", "--get", "remote.origin.url")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-config(1): the key does not exist
	}
	return out, err
}
