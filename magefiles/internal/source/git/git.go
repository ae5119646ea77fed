// Package git asks a repository by the git command what a release needs to know.
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

// failure is a git command's error in one line.
type failure struct {
	text string
	err  error
}

func (f failure) Error() string { return f.text }

// Unwrap gives the command's own error.
func (f failure) Unwrap() error { return f.err }

// brief says in one line what git said in many.
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

// Stream hands the output of a git command to read as it comes. git writes it
// in large pieces, not commit by commit (git(1), GIT_FLUSH).
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

// Head returns the commit that is checked out. Outside a repository, and in
// one without a commit, the error says so.
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
		return Commit{}, fmt.Errorf("git gave the commit %s a time of %q", hash, out)
	}
	return Commit{Hash: hash, Time: time.Unix(unix, 0).UTC()}, nil
}

// Tag is a tag and the commit it is on.
type Tag struct {
	Name, Commit string
	Annotated    bool
}

// Tags lists the tags whose commits are in the history of a revision; for ""
// all of them.
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
		if kind == "tag" { // the tag of a tag
			if tag.Commit, err = r.Resolve(ctx, "refs/tags/"+tag.Name); err == nil {
				kind = "commit"
			}
		}
		if kind == "commit" { // some tag a file
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// Short is a hash as people read it.
func Short(hash string) string { return hash[:min(len(hash), 7)] }

// Resolve returns the hash of the commit that a revision names. What looks
// like an option is refused.
func (r Repo) Resolve(ctx context.Context, revision string) (string, error) {
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil || strings.HasPrefix(out, "^") {
		return "", fmt.Errorf("there is no commit called %q in %s", revision, r.Dir)
	}
	return out, nil
}

// Bare tells whether the repository has no work tree.
func (r Repo) Bare(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "rev-parse", "--is-bare-repository")
	return out == "true", err
}

// Between lists the commits after one revision up to another.
func (r Repo) Between(ctx context.Context, from, to string) ([]string, error) {
	return r.lines(ctx, "rev-list", "--end-of-options", from+".."+to)
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

// SameMode tells whether a file of the work tree may be executed just as the
// one at HEAD, and is of its type.
func (r Repo) SameMode(ctx context.Context, path string) (bool, error) {
	out, err := r.git(ctx, "diff", "--raw", "HEAD", "--", path)
	before, rest, _ := strings.Cut(strings.TrimPrefix(out, ":"), " ")
	return out == "" || strings.HasPrefix(rest, before+" "), err
}

// Contains tells whether a commit is in the history of a revision. One that is
// not here at all is not.
func (r Repo) Contains(ctx context.Context, revision, commit string) bool {
	_, err := r.git(ctx, "merge-base", "--is-ancestor", commit, revision)
	return err == nil
}

// Prefix is what leads from the repository's root to Dir: "" or a path that
// ends with a slash.
func (r Repo) Prefix(ctx context.Context) (string, error) {
	return r.git(ctx, "rev-parse", "--show-prefix")
}

// Tracked tells whether git tracks a file, or anything in a folder.
func (r Repo) Tracked(ctx context.Context, path string) (bool, error) {
	out, err := r.git(ctx, "ls-files", "--", path)
	return out != "", err
}

// Status lists what differs from HEAD, files that git doesn't track included.
// Paths outside of Dir begin with "/", as from the repository's root.
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
