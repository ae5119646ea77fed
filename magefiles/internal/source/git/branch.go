package git

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Branches reads the branches of a repository.
type Branches struct{ repo Repo }

// Current returns the branch that is checked out, or "" when HEAD is detached.
func (b Branches) Current(ctx context.Context) (string, error) {
	out, err := b.repo.git(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-symbolic-ref(1): HEAD is not a branch
	}
	return out, err
}

// mains returns the names to try for the default branch. The branch that the remote calls its default comes first.
func (b Branches) mains(ctx context.Context, remote string) []string {
	names := []string{"main", "master"}
	if head, err := b.repo.git(ctx, "symbolic-ref", "--quiet", "--short", "refs/remotes/"+remote+"/HEAD"); err == nil {
		names = append([]string{strings.TrimPrefix(head, remote+"/")}, names...)
	}
	return names
}

// Default returns the default branch, if this clone has it; otherwise the current
// one, or "".
func (b Branches) Default(ctx context.Context) (string, error) {
	for _, name := range b.mains(ctx, b.repo.Remotes().home(ctx)) {
		if _, err := b.repo.Resolve(ctx, "refs/heads/"+name); err == nil {
			return name, nil
		}
	}
	return b.Current(ctx)
}

// Main returns the default branch as the remote has it or, otherwise, as this clone has
// it: origin/main, or main. It is "" when unknown. known is its name if the caller
// knows it, or "".
func (b Branches) Main(ctx context.Context, known string) string {
	home := b.repo.Remotes().home(ctx)
	names := b.mains(ctx, home)
	if known != "" {
		names = []string{known}
	}
	for _, side := range []struct{ refs, shown string }{
		{"refs/remotes/" + home + "/", home + "/"},
		{"refs/heads/", ""},
	} {
		for _, name := range names {
			if _, err := b.repo.Resolve(ctx, side.refs+name); err == nil {
				return side.shown + name
			}
		}
	}
	return ""
}

// Branch is a branch and the commit at its tip.
type Branch struct{ Name, Commit string }

// Containing lists, sorted, the local and remote branches that contain a commit, by
// their names without the remote.
func (b Branches) Containing(ctx context.Context, commit string) ([]Branch, error) {
	lines, err := b.repo.lines(
		ctx,
		"for-each-ref",
		"--contains="+commit,
		"--format=%(objectname) %(refname)",
		"refs/heads",
		"refs/remotes",
	)
	var list []Branch
	for _, line := range lines {
		tip, ref, _ := strings.Cut(line, " ")
		name, here := strings.CutPrefix(ref, "refs/heads/")
		if !here {
			_, name, _ = strings.Cut(strings.TrimPrefix(ref, "refs/remotes/"), "/")
		}
		list = append(list, Branch{name, tip})
	}
	slices.SortFunc(list, func(a, b Branch) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}
