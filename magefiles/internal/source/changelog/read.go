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

// Commit is a commit in git log.
type Commit struct {
	Hash    string
	Parents []string
	Author  string
	Email   string
	Time    time.Time // of the commit, UTC
	Message string
	Outside bool // whether it changes nothing in the folder whose history is read
}

// logFormat puts one field on each line, the message last. git ends each commit with a
// NUL, which no message can contain (git-log(1), -z and PRETTY FORMATS).
const logFormat = "--format=%H%n%P%n%aN%n%aE%n%ct%n%B"

// maxCommit limits the fields and message of one commit, in bytes.
const maxCommit = 16 << 20

// Log passes each commit that git log lists for the given revisions to each as it is
// read, newest first and children before parents.
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
			return Commit{}, errors.New("git log ended in the middle of a commit")
		}
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("git log reported the time %[2]q for the commit %[1]s", fields[0], fields[4])
	}
	return Commit{Hash: fields[0], Parents: strings.Fields(fields[1]), Author: fields[2], Email: fields[3],
		Time: time.Unix(seconds, 0).UTC(), Message: text}, nil
}
