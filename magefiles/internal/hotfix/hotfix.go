// Package hotfix begins a hotfix: its branch, at a release, with the fix
// cherry-picked if it is there already. What is released of it is the plan's to
// decide.
package hotfix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
)

// Hotfix is what a hotfix is begun with.
type Hotfix struct {
	Repo git.Repo
	From string   // tag of a stable release; "" for the highest one
	Pick []string // commits to cherry-pick, in this order
}

// Begun is a hotfix that is begun.
type Begun struct {
	Branch string // hotfix/ and the tag that it leads to
	Base   string // tag that it begins at
	Tag    string // that it leads to
	Picked []plan.Fix
}

// Begin fetches the remote's tags, makes the hotfix's branch and checks it out.
// What stands in the way is an error, and nothing was done then; but where a
// cherry-pick stops at a conflict, the branch is there and git's state is kept.
func (h Hotfix) Begin(ctx context.Context) (Begun, error) {
	if err := h.ready(ctx); err != nil {
		return Begun{}, err
	}
	base, next, err := plan.NextPatch(ctx, h.Repo, h.From)
	if err != nil {
		return Begun{}, err
	}
	begun := Begun{Branch: plan.HotfixPrefix + next.Tag(), Base: base.Name, Tag: next.Tag()}
	if err := h.free(ctx, begun.Branch); err != nil {
		return Begun{}, err
	}
	if begun.Picked, err = h.picks(ctx, base); err != nil {
		return Begun{}, err
	}
	back, err := h.Repo.Branch(ctx)
	if err != nil {
		return Begun{}, err
	}
	if err := h.Repo.Begin(ctx, begun.Branch, base.Name); err != nil {
		return Begun{}, err
	}
	return begun, h.pick(ctx, begun, back)
}

// ready makes sure that nothing can be lost, and fetches.
func (h Hotfix) ready(ctx context.Context) error {
	if picking := h.Repo.Picking(ctx); picking != "" {
		return fmt.Errorf("the cherry-pick of %s is not ended yet: git status; then git cherry-pick --continue, or --abort", git.Short(picking))
	}
	changed, err := h.Repo.Status(ctx)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		var paths []string
		for _, change := range changed {
			paths = append(paths, change.Path)
		}
		return fmt.Errorf("the tree is not clean: %s; commit it, or git stash -u", plan.List(paths, 3))
	}
	if err := plan.Whole(ctx, h.Repo); err != nil {
		return err
	}
	remote, err := h.remote(ctx)
	if err != nil {
		return err
	}
	return h.Repo.Fetch(ctx, remote)
}

func (h Hotfix) remote(ctx context.Context) (string, error) {
	branch, err := h.Repo.Branch(ctx)
	if err != nil {
		return "", err
	}
	return h.Repo.Remote(ctx, branch)
}

// free makes sure that there is no such branch yet, here or on the remote.
func (h Hotfix) free(ctx context.Context, branch string) error {
	if _, err := h.Repo.Resolve(ctx, "refs/heads/"+branch); err == nil {
		return fmt.Errorf("%s is begun already: go on with git checkout %s, or begin anew after git branch -D %s", branch, branch, branch)
	}
	remote, err := h.remote(ctx)
	if err != nil {
		return err
	}
	there, err := h.Repo.RemoteRefs(ctx, remote, "refs/heads/"+branch)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf("%s is begun already, on %s: go on with git checkout %s", branch, remote, branch)
	}
	return err
}

// picks are the commits to cherry-pick: known ones that the base does not have.
func (h Hotfix) picks(ctx context.Context, base git.Tag) ([]plan.Fix, error) {
	var list []plan.Fix
	for _, name := range h.Pick {
		commit, err := h.Repo.Resolve(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("-pick=%s: %w", name, err)
		}
		subject, parents, err := h.Repo.Subject(ctx, commit)
		switch {
		case err != nil:
			return nil, err
		case len(parents) > 1:
			return nil, fmt.Errorf("-pick=%s: it is a merge; pick the commits that it brought: git log %s^1..%s", name, git.Short(commit), git.Short(commit))
		case h.Repo.Contains(ctx, base.Commit, commit):
			return nil, fmt.Errorf("-pick=%s: %s has it already (%s)", name, base.Name, subject)
		}
		if fix := (plan.Fix{Commit: commit, Subject: subject}); !slices.Contains(list, fix) {
			list = append(list, fix)
		}
	}
	return list, h.Repo.Identity(ctx)
}

// pick cherry-picks the fix. back is the branch to go back to, "" for none.
func (h Hotfix) pick(ctx context.Context, begun Begun, back string) error {
	if len(begun.Picked) == 0 {
		return nil
	}
	var commits []string
	for _, fix := range begun.Picked {
		commits = append(commits, fix.Commit)
	}
	err := h.Repo.Pick(ctx, commits)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if back == "" {
		back = "--detach " + begun.Base
	}
	undo := fmt.Sprintf("git cherry-pick --abort; git checkout %s; git branch -D %s", back, begun.Branch)
	at := h.Repo.Picking(ctx)
	if at == "" {
		return fmt.Errorf("%s is begun, but nothing is picked: %w; to undo it: %s", begun.Branch, err, strings.TrimPrefix(undo, "git cherry-pick --abort; "))
	}
	subject, _, _ := h.Repo.Subject(ctx, at) // it is there: it was picked
	unmerged, err := h.Repo.Unmerged(ctx)
	if err != nil {
		return err
	}
	if len(unmerged) == 0 {
		return fmt.Errorf("%s is begun, and %s (%s) changes nothing there: git cherry-pick --skip; or undo it all: %s",
			begun.Branch, git.Short(at), subject, undo)
	}
	return errors.New(strings.Join([]string{
		fmt.Sprintf("%s is begun, and picking %s (%s) stopped at a conflict in %s", begun.Branch, git.Short(at), subject, plan.List(unmerged, 3)),
		"  to go on:   mend it; git add " + strings.Join(unmerged, " ") + "; git cherry-pick --continue",
		"  to undo it: " + undo}, "\n"))
}
