// Package git reads and changes a repository with the git command.
package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Repo is a git work tree. Its commands are grouped by subject: History, Branches,
// WorkTree, Content, Remotes and Committer.
type Repo struct {
	Dir string
	Run *run.Runner
}

// History returns the history of the repository's commits.
func (r Repo) History() History { return History{r} }

// Branches returns the repository's branches.
func (r Repo) Branches() Branches { return Branches{r} }

// WorkTree returns the files that are checked out.
func (r Repo) WorkTree() WorkTree { return WorkTree{r} }

// Content returns the files of the repository's revisions.
func (r Repo) Content() Content { return Content{r} }

// Remotes returns the repository's remotes.
func (r Repo) Remotes() Remotes { return Remotes{r} }

// Committer returns what adds commits, branches and tags to the repository.
func (r Repo) Committer() Committer { return Committer{r} }

// Commit is one commit.
type Commit struct {
	Hash string
	Time time.Time // committer date, UTC
}

func (r Repo) git(ctx context.Context, args ...string) (string, error) {
	out, err := r.Run.Output(ctx, run.Command{For: "git", Dir: r.Dir, Timeout: time.Minute, Env: []string{"LC_ALL=C"},
		Args: append([]string{"git", "-c", "core.quotePath=false", "-c", "log.showSignature=false"}, args...)})
	return out, brief(args, err)
}

// failure is the error of a git command as one line.
type failure struct {
	text string
	err  error
}

func (f failure) Error() string { return f.text }

// Unwrap returns the command's own error.
func (f failure) Unwrap() error { return f.err }

// ErrNoRepository means that a folder is not in a git repository.
var ErrNoRepository = errors.New("not in a git repository")

// Is reports whether git said that there is no repository.
func (f failure) Is(target error) bool {
	return target == ErrNoRepository && strings.Contains(f.text, "not a git repository")
}

// brief reduces git's output to one line.
func brief(args []string, err error) error {
	var failed *run.Error
	switch {
	case !errors.As(err, &failed):
		return err
	case errors.Is(err, exec.ErrNotFound):
		return failure{"git is not installed, or not in PATH: https://git-scm.com/downloads", err}
	case failed.Cause != nil:
		return failure{"git " + args[0] + ": " + failed.Cause.Error(), err}
	}
	said := strings.Join(strings.FieldsFunc(failed.Tail, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	return failure{"git " + args[0] + ": " + cmp.Or(said, fmt.Sprintf("exit code %d", failed.Code)), err}
}

// Stream passes the output of a git command to read while it runs. git writes large
// chunks, not one commit at a time (git(1), GIT_FLUSH).
func (r Repo) Stream(ctx context.Context, args []string, read func(io.Reader) error) error {
	return brief(
		args,
		r.Run.Stream(
			ctx,
			run.Command{For: "git", Dir: r.Dir, Timeout: 30 * time.Minute, Env: []string{"GIT_FLUSH=0", "LC_ALL=C"},
				Args: append([]string{"git"}, args...)},
			read,
		),
	)
}

// Head returns the commit that is checked out. The error says if this is not a
// repository, or one without a commit.
func (r Repo) Head(ctx context.Context) (Commit, error) {
	out, err := r.git(ctx, "log", "-1", "--format=%H %ct", "HEAD", "--")
	if err != nil {
		return Commit{}, r.noHead(ctx, err)
	}
	hash, seconds, _ := strings.Cut(out, " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("git reported %q for the commit that is checked out", out)
	}
	return Commit{Hash: hash, Time: time.Unix(unix, 0).UTC()}, nil
}

// noHead returns an error that says why no commit is checked out.
func (r Repo) noHead(ctx context.Context, failed error) error {
	if _, err := r.git(ctx, "rev-parse", "--git-dir"); err != nil {
		if errors.Is(err, ErrNoRepository) {
			return fmt.Errorf("%s is %w", r.Dir, ErrNoRepository)
		}
		return err
	}
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return fmt.Errorf("the repository %s has no commit yet: there is nothing to release", r.Dir)
	}
	return failed
}

// Tag is a tag and the commit it is on.
type Tag struct {
	Name, Commit string
	Annotated    bool
}

// Tags lists the tags whose commits are in the history of a revision; for "" all tags.
func (r Repo) Tags(ctx context.Context, revision string) ([]Tag, error) {
	args := []string{
		"for-each-ref",
		"--format=%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname:lstrip=2)",
		"refs/tags",
	}
	if revision != "" {
		args = append(args, "--merged="+revision)
	}
	lines, err := r.lines(ctx, args...)
	if err != nil {
		return nil, err
	}
	tags := make([]Tag, 0, len(lines))
	for _, line := range lines {
		fields := strings.SplitN(line, " ", 5)
		if len(fields) != 5 {
			continue
		}
		tag := Tag{Name: fields[4], Commit: fields[0], Annotated: fields[1] == "tag"}
		if tag.Annotated {
			tag.Commit = fields[2]
		}
		kind := fields[1]
		if tag.Annotated {
			kind = fields[3]
		}
		if kind == "tag" { // a tag of a tag
			if tag.Commit, err = r.Resolve(ctx, "refs/tags/"+tag.Name); err == nil {
				kind = "commit"
			}
		}
		if kind == "commit" { // a tag of something other than a commit
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// Short abbreviates a hash.
func Short(hash string) string { return hash[:min(len(hash), 7)] }

// Resolve returns the hash of the commit that a revision names. It refuses a name that
// looks like an option.
func (r Repo) Resolve(ctx context.Context, revision string) (string, error) {
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil || strings.HasPrefix(out, "^") {
		return "", fmt.Errorf("there is no commit called %q in %s", revision, r.Dir)
	}
	return out, nil
}

func (r Repo) lines(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.git(ctx, args...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(out, "\n"), nil
}
