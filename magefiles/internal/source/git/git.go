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
	if _, err := r.git(ctx, "rev-parse", "--git-dir"); err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
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
		return Commit{}, fmt.Errorf("git reported the time %[2]q for the commit %[1]s", hash, out)
	}
	return Commit{Hash: hash, Time: time.Unix(unix, 0).UTC()}, nil
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

// Bare reports whether the repository has no work tree.
func (r Repo) Bare(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "rev-parse", "--is-bare-repository")
	return out == "true", err
}

// Between lists the commits after one revision up to another.
func (r Repo) Between(ctx context.Context, from, to string) ([]string, error) {
	return r.lines(ctx, "rev-list", "--end-of-options", from+".."+to)
}

// Shallow reports whether a shallow clone cut off the history.
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

// SameMode reports whether a file of the work tree has the same type and executable bit
// as at HEAD.
func (r Repo) SameMode(ctx context.Context, path string) (bool, error) {
	out, err := r.git(ctx, "diff", "--raw", "HEAD", "--", path)
	before, rest, _ := strings.Cut(strings.TrimPrefix(out, ":"), " ")
	return out == "" || strings.HasPrefix(rest, before+" "), err
}

// Contains reports whether a commit is in the history of a revision. It is false for an
// unknown commit.
func (r Repo) Contains(ctx context.Context, revision, commit string) bool {
	_, err := r.git(ctx, "merge-base", "--is-ancestor", commit, revision)
	return err == nil
}

// Prefix returns the path from the repository's root to Dir: "" or a path that ends
// with a slash.
func (r Repo) Prefix(ctx context.Context) (string, error) {
	return r.git(ctx, "rev-parse", "--show-prefix")
}

// Tracked reports whether git tracks a file, or anything in a folder.
func (r Repo) Tracked(ctx context.Context, path string) (bool, error) {
	out, err := r.git(ctx, "ls-files", "--", path)
	return out != "", err
}

// Status lists the differences from HEAD, including untracked files. Paths outside of
// Dir start with "/", as from the repository's root.
func (r Repo) Status(ctx context.Context) ([]Change, error) {
	if bare, err := r.Bare(ctx); err != nil || bare {
		return nil, err
	}
	prefix, err := r.Prefix(ctx)
	if err != nil {
		return nil, err
	}
	out, err := r.git(ctx, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
	if err != nil {
		return nil, err
	}
	var list []Change
	for entry := range strings.SplitSeq(out, "\x00") {
		if len(entry) < 4 {
			continue
		}
		path, inside := strings.CutPrefix(entry[3:], prefix)
		if !inside {
			path = "/" + path
		}
		list = append(list, Change{Status: strings.TrimSpace(entry[:2])[0], Path: path})
	}
	return list, nil
}

// RemoteURL returns the address of the remote called origin, or "".
func (r Repo) RemoteURL(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "config", "--get", "remote.origin.url")
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil // git-config(1): the key does not exist
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
