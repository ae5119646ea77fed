package changelog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Commit is one commit as git log gives it.
type Commit struct {
	Hash    string
	Parents []string
	Author  string
	Email   string
	Time    time.Time // of the commit, UTC
	Message string
}

// logFormat has one field a line, the message last; git ends each commit with
// a NUL, which no message can hold (git-log(1), -z and PRETTY FORMATS).
const logFormat = "--format=%H%n%P%n%aN%n%aE%n%ct%n%B"

// maxCommit bounds one commit's fields and message, in bytes.
const maxCommit = 16 << 20

// Log hands the commits that git log names for the given revisions to each,
// newest first and children before parents, as they come.
func Log(ctx context.Context, repo git.Repo, revisions []string, each func(Commit) error) error {
	args := append(
		[]string{"log", "-z", "--topo-order", "--no-show-signature", "--use-mailmap", "--encoding=UTF-8", logFormat},
		revisions...)
	return repo.Stream(ctx, append(args, "--"), func(from io.Reader) error {
		scanner := bufio.NewScanner(from)
		scanner.Buffer(make([]byte, 64<<10), maxCommit)
		scanner.Split(atNUL)
		for scanner.Scan() {
			commit, err := parseCommit(scanner.Text())
			if err != nil {
				return err
			}
			if err := each(commit); err != nil {
				return err
			}
		}
		return scanner.Err()
	})
}

// atNUL splits at NUL bytes.
func atNUL(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if end := bytes.IndexByte(data, 0); end >= 0 {
		return end + 1, data[:end], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func parseCommit(text string) (Commit, error) {
	var fields [5]string
	for i := range fields {
		var more bool
		if fields[i], text, more = strings.Cut(text, "\n"); !more {
			return Commit{}, errors.New("git log gave a commit that is cut off")
		}
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("git log gave the commit %s a time of %q", fields[0], fields[4])
	}
	return Commit{Hash: fields[0], Parents: strings.Fields(fields[1]), Author: fields[2], Email: fields[3],
		Time: time.Unix(seconds, 0).UTC(), Message: text}, nil
}
