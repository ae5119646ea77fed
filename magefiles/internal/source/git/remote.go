package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

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

// Remote returns the remote that a branch is pushed to: its own, else origin. It fails
// if the remote does not exist.
func (r Repo) Remote(ctx context.Context, branch string) (string, error) {
	remote, err := r.git(ctx, "config", "--get", "branch."+branch+".remote")
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
func (r Repo) Home(ctx context.Context) (string, error) {
	remote := r.home(ctx)
	return remote, r.has(ctx, remote)
}

func (r Repo) home(ctx context.Context) string {
	for _, name := range []string{"main", "master"} {
		remote, err := r.git(ctx, "config", "--get", "branch."+name+".remote")
		if err == nil && r.has(ctx, remote) == nil {
			return remote
		}
	}
	return "origin"
}

// has fails when the remote does not exist.
func (r Repo) has(ctx context.Context, remote string) error {
	if _, err := r.git(ctx, "remote", "get-url", "--", remote); err != nil {
		return fmt.Errorf("there is no remote called %s: git remote add %s ADDRESS", remote, remote)
	}
	return nil
}

// Upstream returns the remote branch that a branch follows, or "".
func (r Repo) Upstream(ctx context.Context, branch string) (string, error) {
	if remote, err := r.git(ctx, "config", "--get", "branch."+branch+".remote"); err == nil && remote == "." {
		return "", nil // a branch of this repository
	}
	out, err := r.git(ctx, "config", "--get", "branch."+branch+".merge")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-config(1): the key does not exist
	}
	return strings.TrimPrefix(out, "refs/heads/"), err
}

// RemoteRefs asks a remote for some of its refs, by full name or pattern, such as
// refs/heads/main and refs/tags/v*. It returns their commits; for an annotated tag, the
// tagged commit. Refs that the remote does not have are left out.
func (r Repo) RemoteRefs(ctx context.Context, remote string, names ...string) (map[string]string, error) {
	args := []string{"ls-remote", "--quiet", "--", remote}
	for _, name := range names {
		args = append(args, name, name+"^{}")
	}
	out, err := r.ask(ctx, transfer, args...)
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

// Commit stages the named files and commits what is staged; without files it makes an
// empty commit. The repository's hooks and signing apply.
func (r Repo) Commit(ctx context.Context, message string, files []string) error {
	args := []string{"commit", "--quiet", "-m", message}
	if len(files) == 0 {
		args = append(args, "--allow-empty")
	} else if _, err := r.git(ctx, append([]string{"add", "--"}, files...)...); err != nil {
		return err
	}
	_, err := r.ask(ctx, run.DefaultTimeout, args...)
	return err
}

// Fetch fetches a remote's branches and the named tags.
func (r Repo) Fetch(ctx context.Context, remote string, tags ...string) error {
	if _, err := r.ask(ctx, transfer, "fetch", "--quiet", "--no-tags", "--", remote); err != nil || len(tags) == 0 {
		return err
	}
	args := []string{"fetch", "--quiet", "--no-tags", "--", remote}
	for _, tag := range tags {
		args = append(args, "refs/tags/"+tag+":refs/tags/"+tag)
	}
	_, err := r.ask(ctx, transfer, args...)
	return err
}

// Begin creates a branch at a tag, to be pushed to a remote, and checks it out. Git
// refuses during a merge, a rebase or the like.
func (r Repo) Begin(ctx context.Context, branch, tag, remote string) error {
	if _, err := r.ask(ctx, transfer, "switch", "--quiet", "--no-track", "-c", branch, "refs/tags/"+tag); err != nil {
		return err
	}
	_, err := r.git(ctx, "config", "branch."+branch+".remote", remote)
	return err
}

// Pick cherry-picks commits in order; each message names the original. At a conflict
// git stops and keeps its state.
func (r Repo) Pick(ctx context.Context, commits []string) error {
	_, err := r.ask(ctx, run.DefaultTimeout, append([]string{"cherry-pick", "-x"}, commits...)...)
	return err
}

// Picking returns the commit whose cherry-pick is in progress, or "".
func (r Repo) Picking(ctx context.Context) string {
	commit, _ := r.git(ctx, "rev-parse", "--verify", "--quiet", "CHERRY_PICK_HEAD") // fails when there is none
	return commit
}

// Unmerged lists the files with conflicts, as pathspecs relative to the repository's
// root (gitglossary(7), pathspec).
func (r Repo) Unmerged(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, "diff", "--name-only", "-z", "--diff-filter=U")
	files := strings.FieldsFunc(out, func(c rune) bool { return c == 0 })
	if prefix, prefixErr := r.Prefix(ctx); prefixErr == nil && prefix != "" {
		for i := range files {
			files[i] = ":/" + files[i]
		}
	}
	return files, err
}

// Staged reports whether something is staged.
func (r Repo) Staged(ctx context.Context) bool {
	_, err := r.git(ctx, "diff", "--cached", "--quiet", "HEAD")
	return err != nil
}

// Tag creates an annotated tag on HEAD.
func (r Repo) Tag(ctx context.Context, name, message string) error {
	_, err := r.ask(ctx, run.DefaultTimeout, "tag", "-a", "-m", message, "--", name, "HEAD")
	return err
}

// Push pushes HEAD as a branch together with a tag, atomically.
func (r Repo) Push(ctx context.Context, remote, branch, tag string) error {
	_, err := r.ask(
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

// Identity fails when git has no identity to commit with.
func (r Repo) Identity(ctx context.Context) error {
	if _, err := r.git(ctx, "var", "GIT_COMMITTER_IDENT"); err != nil {
		return errors.New(
			"git does not know who you are: git config --global user.name NAME; git config --global user.email ADDRESS",
		)
	}
	return nil
}
