// Package git asks a repository by the git command what a release needs to know.
package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// Repo is a git work tree.
type Repo struct {
	Dir string
	Run *run.Runner
}

// Commit is one commit.
type Commit struct {
	Hash string
	Time time.Time // committer date, UTC
}

func (r Repo) git(ctx context.Context, args ...string) (string, error) {
	return r.Run.Output(ctx, run.Command{For: "git", Dir: r.Dir, Timeout: time.Minute,
		Args: append([]string{"git", "-c", "core.quotePath=false", "-c", "log.showSignature=false"}, args...)})
}

// Stream hands the output of a git command to read as it comes. git writes it
// in large pieces, not commit by commit (git(1), GIT_FLUSH).
func (r Repo) Stream(ctx context.Context, args []string, read func(io.Reader) error) error {
	return r.Run.Stream(ctx, run.Command{For: "git", Dir: r.Dir, Timeout: 30 * time.Minute, Env: []string{"GIT_FLUSH=0"},
		Args: append([]string{"git"}, args...)}, read)
}

// Head returns the commit that is checked out. Outside a repository, and in
// one without a commit, the error says so.
func (r Repo) Head(ctx context.Context) (Commit, error) {
	if _, err := r.git(ctx, "rev-parse", "--git-dir"); err != nil {
		var failed *run.Error
		if errors.As(err, &failed) && failed.Code == notARepository {
			return Commit{}, fmt.Errorf("%s is not in a git repository", r.Dir)
		}
		return Commit{}, err
	}
	hash, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		return Commit{}, fmt.Errorf("the repository %s has no commit yet: there is nothing to release", r.Dir)
	}
	out, err := r.git(ctx, "log", "-1", "--format=%ct", hash)
	if err != nil {
		return Commit{}, err
	}
	unix, err := strconv.ParseInt(out, 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("git gave the commit %s a time of %q", hash, out)
	}
	return Commit{Hash: hash, Time: time.Unix(unix, 0).UTC()}, nil
}

// notARepository is how git ends outside of one.
const notARepository = 128

// Tag is a tag, annotated or lightweight, and the commit it is on.
type Tag struct{ Name, Commit string }

// Tags lists the tags whose commits are in the history of a revision; for ""
// all of them.
func (r Repo) Tags(ctx context.Context, revision string) ([]Tag, error) {
	args := []string{"for-each-ref", "--format=%(objecttype) %(objectname) %(*objectname) %(refname:lstrip=2)", "refs/tags"}
	if revision != "" {
		args = append(args, "--merged="+revision)
	}
	lines, err := r.lines(ctx, args...)
	if err != nil {
		return nil, err
	}
	tags := make([]Tag, 0, len(lines))
	for _, line := range lines {
		fields := strings.Split(line, " ")
		if len(fields) != 4 {
			continue
		}
		commit := fields[1]
		if fields[0] == "tag" {
			commit = fields[2]
		}
		tags = append(tags, Tag{Name: fields[3], Commit: commit})
	}
	return tags, nil
}

// Resolve returns the hash of the commit that a revision names. What looks
// like an option is refused.
func (r Repo) Resolve(ctx context.Context, revision string) (string, error) {
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("there is no commit called %q in %s", revision, r.Dir)
	}
	return out, nil
}

// Shallow tells whether history was cut off by a shallow clone.
func (r Repo) Shallow(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return out == "true", err
}

// Files lists the files of the work tree below Dir that git tracks or would
// track, relative to Dir, with forward slashes.
func (r Repo) Files(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(c rune) bool { return c == 0 }), nil
}

// Status lists what differs from HEAD, as git status --porcelain prints it.
func (r Repo) Status(ctx context.Context) ([]string, error) {
	return r.lines(ctx, "status", "--porcelain", "--untracked-files=normal")
}

// RemoteURL returns the address of the remote called origin, or "".
func (r Repo) RemoteURL(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "config", "--get", "remote.origin.url")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-config(1): the key is not there
	}
	return out, err
}

// Branch is the branch that is checked out, or "" when HEAD is detached.
func (r Repo) Branch(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-symbolic-ref(1): HEAD is not a branch
	}
	return out, err
}

func (r Repo) lines(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.git(ctx, args...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(out, "\n"), nil
}
