package git

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"slices"
	"strings"
)

// History reads the commits of a repository.
type History struct{ repo Repo }

// Subject returns the first line of a commit's message and the commit's parents.
func (h History) Subject(ctx context.Context, commit string) (subject string, parents []string, err error) {
	out, err := h.repo.git(ctx, "log", "-1", "--format=%P%x09%s", "--end-of-options", commit)
	hashes, subject, _ := strings.Cut(out, "\t")
	return subject, strings.Fields(hashes), err
}

// Trailers lists the values of a trailer in the messages of the commits after one
// revision up to another (git-interpret-trailers(1)).
func (h History) Trailers(ctx context.Context, key, from, to string) ([]string, error) {
	lines, err := h.repo.lines(
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
func (h History) Absent(ctx context.Context, branch, from, to string) ([]string, error) {
	args := []string{"cherry", branch, to}
	if from != "" {
		args = append(args, from)
	}
	lines, err := h.repo.lines(ctx, args...)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, line := range lines {
		commit, absent := strings.CutPrefix(line, "+ ")
		if !absent {
			continue
		}
		picked, err := h.picked(ctx, branch, commit, to)
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
func (h History) picked(ctx context.Context, branch, commit, head string) (bool, error) {
	message, err := h.repo.git(ctx, "log", "-1", "--format=%B", commit)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(message) {
		if came := pickLine.FindStringSubmatch(
			strings.TrimSpace(line),
		); came != nil &&
			h.Contains(ctx, branch, came[1]) {
			return true, nil
		}
	}
	there, err := h.repo.git(
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
func (h History) Shared(ctx context.Context, branch, from, to string) ([]string, error) {
	own, err := h.Between(ctx, from, to)
	if err != nil {
		return nil, err
	}
	road, err := h.repo.lines(ctx, "rev-list", "--first-parent", "--end-of-options", from+".."+branch)
	return slices.DeleteFunc(own, func(commit string) bool { return !slices.Contains(road, commit) }), err
}

// Between lists the commits after one revision up to another.
func (h History) Between(ctx context.Context, from, to string) ([]string, error) {
	return h.repo.lines(ctx, "rev-list", "--end-of-options", from+".."+to)
}

// Touching returns which of the commits that git log lists for revisions change files below Dir. A merge counts if
// it brings such a change to its first parent.
func (h History) Touching(ctx context.Context, revisions []string) (map[string]bool, error) {
	args := append([]string{"log", "--diff-merges=first-parent", "--no-renames", "--relative", "--name-only",
		"--format=" + commitMark + "%H"}, revisions...)
	touching, commit := map[string]bool{}, ""
	return touching, h.repo.Stream(ctx, append(args, "--"), func(from io.Reader) error {
		scanner := bufio.NewScanner(from)
		for scanner.Scan() {
			if hash, is := strings.CutPrefix(scanner.Text(), commitMark); is {
				commit = hash
			} else if scanner.Text() != "" {
				touching[commit] = true
			}
		}
		return scanner.Err()
	})
}

// commitMark begins a line with a commit's hash. No line with a file name begins like this, since git would quote
// the name.
const commitMark = "\x01"

// Shallow reports whether a shallow clone cut off the history.
func (h History) Shallow(ctx context.Context) (bool, error) {
	out, err := h.repo.git(ctx, "rev-parse", "--is-shallow-repository")
	return out == "true", err
}

// Contains reports whether a commit is in the history of a revision. It is false for an
// unknown commit.
func (h History) Contains(ctx context.Context, revision, commit string) bool {
	_, err := h.repo.git(ctx, "merge-base", "--is-ancestor", commit, revision)
	return err == nil
}
