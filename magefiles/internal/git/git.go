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
		Args: append([]string{"git", "-c", "core.quotePath=false"}, args...)})
}

// Stream hands the output of a git command to read as it comes.
func (r Repo) Stream(ctx context.Context, args []string, read func(io.Reader) error) error {
	return r.Run.Stream(ctx, run.Command{For: "git", Dir: r.Dir, Timeout: 30 * time.Minute, Args: append([]string{"git"}, args...)}, read)
}

// Head returns the commit that is checked out. Outside a repository, and in
// one without a commit, the error says so.
func (r Repo) Head(ctx context.Context) (Commit, error) {
	out, err := r.git(ctx, "log", "-1", "--format=%H %ct", "HEAD")
	if err != nil {
		return Commit{}, fmt.Errorf("read the commit at HEAD of %s: %w", r.Dir, err)
	}
	hash, seconds, _ := strings.Cut(out, " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("read the commit at HEAD of %s: unexpected answer %q", r.Dir, out)
	}
	return Commit{Hash: hash, Time: time.Unix(unix, 0).UTC()}, nil
}

// TagsAtHead lists the tags, annotated and lightweight, on the commit at HEAD.
func (r Repo) TagsAtHead(ctx context.Context) ([]string, error) {
	return r.lines(ctx, "tag", "--points-at", "HEAD")
}

// Tag is a tag, annotated or lightweight, and the commit it is on.
type Tag struct{ Name, Commit string }

// Tags lists the tags whose commits are in the history of a revision.
func (r Repo) Tags(ctx context.Context, revision string) ([]Tag, error) {
	lines, err := r.lines(ctx, "for-each-ref", "--merged="+revision, "--format=%(objecttype) %(objectname) %(*objectname) %(refname:short)", "refs/tags")
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

func (r Repo) lines(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.git(ctx, args...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(out, "\n"), nil
}
