package git

import (
	"context"
	"errors"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Committer adds commits, branches and tags. The repository's hooks and signing apply.
type Committer struct{ repo Repo }

// Commit stages the named files and commits what is staged; without files it makes an
// empty commit. The repository's hooks and signing apply.
func (c Committer) Commit(ctx context.Context, message string, files []string) error {
	args := []string{"commit", "--quiet", "-m", message}
	if len(files) == 0 {
		args = append(args, "--allow-empty")
	} else if _, err := c.repo.git(ctx, append([]string{"add", "--"}, files...)...); err != nil {
		return err
	}
	_, err := c.repo.ask(ctx, run.DefaultTimeout, args...)
	return err
}

// Begin creates a branch at a tag, to be pushed to a remote, and checks it out. Git
// refuses during a merge, a rebase or the like.
func (c Committer) Begin(ctx context.Context, branch, tag, remote string) error {
	if _, err := c.repo.ask(
		ctx,
		transfer,
		"switch",
		"--quiet",
		"--no-track",
		"-c",
		branch,
		"refs/tags/"+tag,
	); err != nil {
		return err
	}
	_, err := c.repo.git(ctx, "config", "branch."+branch+".remote", remote)
	return err
}

// Pick cherry-picks commits in order; each message names the original. At a conflict
// git stops and keeps its state.
func (c Committer) Pick(ctx context.Context, commits []string) error {
	_, err := c.repo.ask(ctx, run.DefaultTimeout, append([]string{"cherry-pick", "-x"}, commits...)...)
	return err
}

// Picking returns the commit whose cherry-pick is in progress, or "".
func (c Committer) Picking(ctx context.Context) string {
	commit, _ := c.repo.git(ctx, "rev-parse", "--verify", "--quiet", "CHERRY_PICK_HEAD") // fails when there is none
	return commit
}

// Tag creates an annotated tag on HEAD.
func (c Committer) Tag(ctx context.Context, name, message string) error {
	_, err := c.repo.ask(ctx, run.DefaultTimeout, "tag", "-a", "-m", message, "--", name, "HEAD")
	return err
}

// Who returns the identity to commit with, such as Ada <ada@example.org>, or "" if git has none.
func (c Committer) Who(ctx context.Context) string {
	identity, err := c.repo.git(ctx, "var", "GIT_COMMITTER_IDENT") // followed by the time
	who, _, found := strings.Cut(identity, ">")
	if err != nil || !found {
		return ""
	}
	return who + ">"
}

// Identity returns an error if git has no identity to commit with.
func (c Committer) Identity(ctx context.Context) error {
	if _, err := c.repo.git(ctx, "var", "GIT_COMMITTER_IDENT"); err != nil {
		return errors.New(
			"git does not know who you are: git config --global user.name NAME; git config --global user.email ADDRESS",
		)
	}
	return nil
}
