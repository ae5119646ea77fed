// Package hotfix starts a hotfix: it creates the branch at a release and cherry-picks
// the fix if it exists already. The plan decides what is released from it.
package hotfix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// Request says which hotfix to start.
type Request struct {
	App  *app.App // the target tag writes its version files and changelog
	Repo git.Repo
	From string   // tag of a stable release; "" means the highest one
	Pick []string // commits to cherry-pick, in this order

	Scratch *scratch.Run // for files that are merged
}

// Begun is a hotfix that was started.
type Begun struct {
	Branch string // hotfix/ and the tag that it leads to
	Base   string // tag that it starts at
	Tag    string // tag that it leads to
	Picked []plan.Fix
	Kept   []string // files that the target tag writes, in which a pick conflicted: they stay as on the branch
}

// Begin reads the remote's releases, creates the hotfix branch and checks it out. If something prevents that, it
// returns an error and changes nothing, with one exception: if a cherry-pick stops at a conflict, the branch and
// git's state are kept.
func (r Request) Begin(ctx context.Context) (Begun, error) {
	remote, err := r.ready(ctx)
	if err != nil {
		return Begun{}, err
	}
	base, next, err := plan.NextPatch(ctx, r.Repo, r.From)
	if err != nil {
		return Begun{}, err
	}
	begun := Begun{Branch: plan.HotfixPrefix + next.Tag(), Base: base.Name, Tag: next.Tag()}
	back, err := r.back(ctx)
	if err != nil {
		return Begun{}, err
	}
	if err := r.free(ctx, remote, begun.Branch, back); err != nil {
		return Begun{}, err
	}
	if begun.Picked, err = r.picks(ctx, base); err != nil {
		return Begun{}, err
	}
	if err := r.Repo.Committer().Begin(ctx, begun.Branch, base.Name, remote); err != nil {
		return Begun{}, err
	}
	begun.Kept, err = r.pick(ctx, begun, back)
	return begun, err
}

// ready checks that no work can be lost and that this clone has the same releases as the remote, which it returns.
func (r Request) ready(ctx context.Context) (remote string, err error) {
	if picking := r.Repo.Committer().Picking(ctx); picking != "" {
		return "", fmt.Errorf(
			"the cherry-pick of %s is not finished: git status; then git cherry-pick --continue, or --abort",
			git.Short(picking),
		)
	}
	changed, err := r.Repo.WorkTree().Status(ctx)
	if err != nil {
		return "", err
	}
	if len(changed) > 0 {
		var paths []string
		for _, change := range changed {
			paths = append(paths, change.Path)
		}
		return "", fmt.Errorf("uncommitted changes: %s; commit them, or run git stash -u", plan.List(paths, 3))
	}
	if err := plan.Whole(ctx, r.Repo); err != nil {
		return "", err
	}
	if remote, err = r.Repo.Remotes().Home(ctx); err != nil {
		return "", err
	}
	there, err := r.Repo.Remotes().Refs(ctx, remote, plan.ReleaseRefs)
	if err != nil {
		return "", err
	}
	tags, err := r.Repo.Tags(ctx, "")
	if err != nil {
		return "", err
	}
	if err := r.Repo.Remotes().Fetch(ctx, remote, plan.NewReleases(tags, there)...); err != nil {
		return "", err
	}
	if tags, err = r.Repo.Tags(ctx, ""); err != nil {
		return "", err
	}
	return remote, plan.SameReleases(remote, tags, there, "")
}

// back returns what is checked out: a branch or a commit.
func (r Request) back(ctx context.Context) (string, error) {
	branch, err := r.Repo.Branches().Current(ctx)
	if err != nil || branch != "" {
		return branch, err
	}
	head, err := r.Repo.Head(ctx)
	return head.Hash, err
}

// free checks that the branch does not exist yet, here or on the remote.
func (r Request) free(ctx context.Context, remote, branch, on string) error {
	if on == branch {
		return fmt.Errorf("%s exists already and is checked out: commit the fix, then releaseCheck and tag", branch)
	}
	if _, err := r.Repo.Resolve(ctx, "refs/heads/"+branch); err == nil {
		return fmt.Errorf("%s exists already: continue with git checkout %s", branch, branch)
	}
	there, err := r.Repo.Remotes().Refs(ctx, remote, "refs/heads/"+branch)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf(
			"%s exists already on %s: continue with git fetch %s %s:%s; git checkout %s",
			branch,
			remote,
			remote,
			branch,
			branch,
			branch,
		)
	}
	return err
}

// picks returns the commits to cherry-pick. They must exist, and the base must not have them.
func (r Request) picks(ctx context.Context, base git.Tag) ([]plan.Fix, error) {
	var list []plan.Fix
	for _, name := range r.Pick {
		commit, err := r.Repo.Resolve(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("-pick=%s: %w", name, err)
		}
		subject, parents, err := r.Repo.History().Subject(ctx, commit)
		switch {
		case err != nil:
			return nil, err
		case len(parents) > 1:
			return nil, fmt.Errorf(
				"-pick=%s: it is a merge; pick the commits that it merged: git log %s^1..%s",
				name,
				git.Short(commit),
				git.Short(commit),
			)
		case r.Repo.History().Contains(ctx, base.Commit, commit):
			return nil, fmt.Errorf("-pick=%s: %s already has it (%s)", name, base.Name, changelog.Plain(subject))
		}
		if fix := (plan.Fix{Commit: commit, Subject: subject}); !slices.Contains(list, fix) {
			list = append(list, fix)
		}
	}
	return list, r.Repo.Committer().Identity(ctx)
}

// pick cherry-picks the fix, and returns the files that stay as on the branch. back is what to check out to undo
// everything.
func (r Request) pick(ctx context.Context, begun Begun, back string) ([]string, error) {
	if len(begun.Picked) == 0 {
		return nil, nil
	}
	var commits []string
	for _, fix := range begun.Picked {
		commits = append(commits, fix.Commit)
	}
	kept, failed := r.pickAll(ctx, commits)
	if failed == nil || ctx.Err() != nil {
		return kept, failed
	}
	return kept, r.stopped(ctx, begun, back, failed)
}

// stopped returns the error of a cherry-pick that stopped, with how to continue and how to undo it.
func (r Request) stopped(ctx context.Context, begun Begun, back string, failed error) error {
	undo := fmt.Sprintf("git checkout %s; git branch -D %s", run.Quote(back), begun.Branch)
	at := r.Repo.Committer().Picking(ctx)
	if at == "" {
		return fmt.Errorf(
			"%s was created, but nothing was cherry-picked: %w; to undo that: %s",
			begun.Branch,
			failed,
			undo,
		)
	}
	unmerged, err := r.Repo.WorkTree().Unmerged(ctx)
	if err != nil {
		return err
	}
	what, goOn := "stopped: "+failed.Error(), "fix that; git cherry-pick --continue"
	switch {
	case len(unmerged) > 0:
		what, goOn = "stopped at a conflict in "+changelog.Plain(
			plan.List(unmerged, 3),
		), "resolve it; git add "+run.Quote(
			unmerged...)+"; git cherry-pick --continue"
	case !r.Repo.WorkTree().Staged(ctx):
		what, goOn = "changes nothing there", "git cherry-pick --skip"
	}
	subject, _, _ := r.Repo.History().Subject(ctx, at) // the base has it already
	return errors.New(strings.Join([]string{
		fmt.Sprintf(
			"%s was created; cherry-picking %s (%s) %s",
			begun.Branch,
			git.Short(at),
			changelog.Plain(subject),
			what,
		),
		"  to continue: " + goOn + "; then releaseCheck, and tag",
		"  to undo it: git cherry-pick --abort; " + undo,
	}, "\n"))
}
