package git

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Content reads the files of revisions.
type Content struct{ repo Repo }

// Paths below are relative to Dir, with forward slashes; files outside of Dir are
// ignored.

// Change is a file that differs between two revisions.
type Change struct {
	Status byte // A added, M modified, D deleted, T another type (git-diff(1), --name-status), ? not tracked
	Path   string
}

// Changes lists the files that differ between two revisions, sorted by path. A renamed
// file is one deleted and one added.
func (c Content) Changes(ctx context.Context, from, to string) ([]Change, error) {
	out, err := c.repo.git(ctx, "diff", "--name-status", "-z", "--no-renames", "--relative", from, to, "--", ".")
	if err != nil {
		return nil, err
	}
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	var list []Change
	for i := 0; i+1 < len(fields); i += 2 {
		list = append(list, Change{Status: fields[i][0], Path: fields[i+1]})
	}
	return list, nil
}

// maxFile limits the size of one file of a revision, in bytes.
const maxFile = 32 << 20

// File returns the content of a file in a revision, nil if it does not exist.
func (c Content) File(ctx context.Context, revision, path string) ([]byte, error) {
	listed, err := c.repo.git(ctx, "ls-tree", "-z", revision, "--", path)
	fields := strings.Fields(listed) // mode, type, hash, name
	if err != nil || len(fields) < 3 || fields[1] != "blob" {
		return nil, err
	}
	data := []byte{}
	err = c.repo.Stream(ctx, []string{"cat-file", "blob", fields[2]}, func(from io.Reader) error {
		data, err = io.ReadAll(io.LimitReader(from, maxFile))
		return err
	})
	return data, err
}

// Files lists the files of a revision.
func (c Content) Files(ctx context.Context, revision string) ([]string, error) {
	out, err := c.repo.git(ctx, "ls-tree", "-r", "-z", "--name-only", revision)
	return strings.FieldsFunc(out, func(c rune) bool { return c == 0 }), err
}

// UsesLFS reports whether the attributes of a revision put files into Git LFS (git-lfs(1)).
func (c Content) UsesLFS(ctx context.Context, revision string) (bool, error) {
	_, err := c.repo.git(ctx, "grep", "--quiet", "--no-recurse-submodules", "--extended-regexp",
		`^[^#].*[[:space:]]filter=lfs([[:space:]]|$)`, revision, "--", ":(top,glob)**/.gitattributes")
	var ended *run.Error
	if errors.As(err, &ended) && ended.Cause == nil && ended.Code == 1 { // git-grep(1): no line matches
		return false, nil
	}
	return err == nil, err
}
