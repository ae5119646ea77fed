package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// Paths below are relative to Dir, with forward slashes; those outside of it
// are none of a Repo's business.

// Change is a file that differs between two revisions.
type Change struct {
	Status byte // A added, M modified, D deleted, T another type (git-diff(1), --name-status), ? not tracked
	Path   string
}

// Changes lists the files that differ between two revisions, in order of their
// paths. A renamed file is one deleted and one added.
func (r Repo) Changes(ctx context.Context, from, to string) ([]Change, error) {
	out, err := r.git(ctx, "diff", "--name-status", "-z", "--no-renames", "--relative", from, to, "--", ".")
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

// maxFile bounds what is read of one file of a revision, in bytes.
const maxFile = 32 << 20

// File reads a file as it is in a revision. One that is not there is nil.
func (r Repo) File(ctx context.Context, revision, path string) ([]byte, error) {
	listed, err := r.git(ctx, "ls-tree", "-z", revision, "--", path)
	if err != nil || listed == "" {
		return nil, err
	}
	data := []byte{}
	err = r.Stream(ctx, []string{"cat-file", "blob", revision + ":./" + path}, func(from io.Reader) error {
		data, err = io.ReadAll(io.LimitReader(from, maxFile))
		return err
	})
	return data, err
}

// Match is a line that Grep found.
type Match struct {
	Path string
	Line int // from 1
	Text string
}

// Grep lists the lines of a revision's text files that match a POSIX extended
// regular expression, in the files that the pathspecs name
// (gitglossary(7), pathspec).
func (r Repo) Grep(ctx context.Context, revision, pattern string, pathspecs ...string) ([]Match, error) {
	args := []string{"grep", "-I", "-n", "-z", "--full-name", "-E", "-e", pattern, revision, "--"}
	prefix, err := r.git(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	var list []Match
	err = r.Stream(ctx, append(args, pathspecs...), func(from io.Reader) error {
		scanner := bufio.NewScanner(from)
		scanner.Buffer(nil, maxFile)
		for scanner.Scan() {
			// revision:path NUL line NUL text
			fields := bytes.SplitN(bytes.TrimPrefix(scanner.Bytes(), []byte(revision+":")), []byte{0}, 3)
			if len(fields) != 3 {
				continue
			}
			line, err := strconv.Atoi(string(fields[1]))
			if err != nil {
				continue
			}
			list = append(list, Match{Path: strings.TrimPrefix(string(fields[0]), prefix), Line: line, Text: string(fields[2])})
		}
		return scanner.Err()
	})
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return nil, nil // git-grep(1): nothing matches
	}
	return list, err
}
