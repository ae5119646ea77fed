package git

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Branch returns the branch that is checked out, or "" when HEAD is detached.
func (r Repo) Branch(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-symbolic-ref(1): HEAD is not a branch
	}
	return out, err
}

// mains are the names of the default branch to try. The branch that the remote calls
// its default comes first.
func (r Repo) mains(ctx context.Context, remote string) []string {
	names := []string{"main", "master"}
	if head, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "refs/remotes/"+remote+"/HEAD"); err == nil {
		names = append([]string{strings.TrimPrefix(head, remote+"/")}, names...)
	}
	return names
}

// DefaultBranch returns the default branch, if this clone has it; otherwise the current
// one, or "".
func (r Repo) DefaultBranch(ctx context.Context) (string, error) {
	for _, name := range r.mains(ctx, r.home(ctx)) {
		if _, err := r.Resolve(ctx, "refs/heads/"+name); err == nil {
			return name, nil
		}
	}
	return r.Branch(ctx)
}

// Main returns the default branch as the remote has it or, otherwise, as this clone has
// it: origin/main, or main. It is "" when unknown. known is its name if the caller
// knows it, or "".
func (r Repo) Main(ctx context.Context, known string) string {
	home := r.home(ctx)
	names := r.mains(ctx, home)
	if known != "" {
		names = []string{known}
	}
	for _, side := range []struct{ refs, shown string }{
		{"refs/remotes/" + home + "/", home + "/"},
		{"refs/heads/", ""},
	} {
		for _, name := range names {
			if _, err := r.Resolve(ctx, side.refs+name); err == nil {
				return side.shown + name
			}
		}
	}
	return ""
}

// Branch is a branch and the commit at its tip.
type Branch struct{ Name, Commit string }

// BranchesWith lists, sorted, the local and remote branches that contain a commit, by
// their names without the remote.
func (r Repo) BranchesWith(ctx context.Context, commit string) ([]Branch, error) {
	lines, err := r.lines(
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

// Subject returns the first line of a commit's message and the commit's parents.
func (r Repo) Subject(ctx context.Context, commit string) (subject string, parents []string, err error) {
	out, err := r.git(ctx, "log", "-1", "--format=%P%x09%s", "--end-of-options", commit)
	hashes, subject, _ := strings.Cut(out, "\t")
	return subject, strings.Fields(hashes), err
}

// Trailers lists the values of a trailer in the messages of the commits after one
// revision up to another (git-interpret-trailers(1)).
func (r Repo) Trailers(ctx context.Context, key, from, to string) ([]string, error) {
	lines, err := r.lines(
		ctx,
		"log",
		"--format=%(trailers:key="+key+",valueonly,unfold)",
		"--end-of-options",
		from+".."+to,
	)
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" }), err
}

// Absent lists, oldest first, the commits after one revision up to another whose change
// another branch does not have: neither with the same patch id (git-cherry(1)), nor as
// a cherry-pick that names the commit (git-cherry-pick(1), -x). Merges are left out.
// With from "", it lists everything that the branch lacks.
func (r Repo) Absent(ctx context.Context, branch, from, to string) ([]string, error) {
	args := []string{"cherry", branch, to}
	if from != "" {
		args = append(args, from)
	}
	lines, err := r.lines(ctx, args...)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, line := range lines {
		commit, absent := strings.CutPrefix(line, "+ ")
		if !absent {
			continue
		}
		picked, err := r.picked(ctx, branch, commit, to)
		if err != nil {
			return nil, err
		}
		if !picked {
			list = append(list, commit)
		}
	}
	return list, nil
}

const pickedFrom = "(cherry picked from commit "

// pickLine is the line that git-cherry-pick(1) adds with -x.
var pickLine = regexp.MustCompile("^" + regexp.QuoteMeta(pickedFrom) + `([0-9a-f]{40}|[0-9a-f]{64})\)$`)

// picked reports whether a commit was cherry-picked from a branch or to it.
func (r Repo) picked(ctx context.Context, branch, commit, head string) (bool, error) {
	message, err := r.git(ctx, "log", "-1", "--format=%B", commit)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(message) {
		if came := pickLine.FindStringSubmatch(
			strings.TrimSpace(line),
		); came != nil &&
			r.Contains(ctx, branch, came[1]) {
			return true, nil
		}
	}
	there, err := r.git(
		ctx,
		"log",
		"-1",
		"--format=%H",
		"--fixed-strings",
		"--grep="+pickedFrom+commit+")",
		head+".."+branch,
	)
	return there != "", err
}

// Shared lists the commits after one revision up to another that are on a branch's own
// line of first parents.
func (r Repo) Shared(ctx context.Context, branch, from, to string) ([]string, error) {
	own, err := r.Between(ctx, from, to)
	if err != nil {
		return nil, err
	}
	road, err := r.lines(ctx, "rev-list", "--first-parent", "--end-of-options", from+".."+branch)
	return slices.DeleteFunc(own, func(commit string) bool { return !slices.Contains(road, commit) }), err
}
