package standin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// bare is a bare git repository on disk, accessed with git itself.
type bare struct {
	dir  string
	run  *run.Runner
	read *reader
}

func newBare(dir string, runner *run.Runner) bare {
	return bare{dir, runner, &reader{dir: dir, run: runner}}
}

// command runs git in the repository and returns its unchanged output.
func (b bare) command(ctx context.Context, input []byte, env []string, args ...string) (string, error) {
	result, err := b.run.Run(
		ctx,
		run.Command{
			For:     "stand-in",
			Dir:     b.dir,
			Quiet:   true,
			Timeout: time.Minute,
			Stdin:   input,
			Env: append(
				[]string{"LC_ALL=C"},
				env...),
			Args: append(
				[]string{"git", "--git-dir=" + b.dir, "-c", "core.quotePath=false", "-c", "gc.auto=0",
					"-c", "core.fsync=none"}, // what is written survives a killed process, not a power failure
				args...),
		},
	)
	return string(result.Stdout), err
}

func (b bare) output(ctx context.Context, args ...string) (string, error) {
	out, err := b.command(ctx, nil, nil, args...)
	return strings.TrimSuffix(out, "\n"), err
}

// Object implements Git.
func (b bare) Object(_ context.Context, revision, kind string) string {
	hash, _, _, _ := b.read.object(revision + "^{" + kind + "}") // the only error is that it cannot be read
	return hash
}

// Kind implements Git.
func (b bare) Kind(_ context.Context, hash string) (string, error) {
	_, kind, _, err := b.read.object(hash)
	if err == nil && kind == "" {
		err = fmt.Errorf("git has no object %s", hash)
	}
	return kind, err
}

// Inside implements Git.
func (b bare) Inside(_ context.Context, commit, file string) (hash, kind string) {
	hash, kind, _, _ = b.read.object(commit + ":" + file)
	return hash, kind
}

// Includes implements Git.
func (b bare) Includes(ctx context.Context, commit, ancestor string) bool {
	_, err := b.output(ctx, "merge-base", "--is-ancestor", ancestor, commit)
	return err == nil
}

// Commit implements Git.
func (b bare) Commit(ctx context.Context, hash string) (Commit, error) {
	full, kind, content, err := b.read.object(hash)
	if err != nil {
		return Commit{}, err
	}
	if kind == "commit" {
		if parsed, ok := parseCommit(string(content)); ok {
			parsed.Hash = full
			return parsed, nil
		}
	}
	return b.converted(ctx, hash)
}

// converted returns a commit in UTF-8, whatever its own encoding is.
func (b bare) converted(ctx context.Context, hash string) (Commit, error) {
	const format = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
	out, err := b.output(
		ctx,
		"-c",
		"log.showSignature=false",
		"log",
		"-1",
		"--no-show-signature",
		"--format="+format,
		hash,
		"--",
	)
	if err != nil {
		return Commit{}, err
	}
	fields := strings.SplitN(out, "\x00", 10)
	if len(fields) != 10 {
		return Commit{}, fmt.Errorf("git describes the commit %s in %d fields, expected 10", hash, len(fields))
	}
	return Commit{
		Hash:          fields[0],
		Tree:          fields[1],
		Parents:       strings.Fields(fields[2]),
		Author:        fields[3],
		AuthorMail:    fields[4],
		Authored:      unix(fields[5]),
		Committer:     fields[6],
		CommitterMail: fields[7],
		Committed:     unix(fields[8]),
		Message:       strings.TrimRight(fields[9], "\n"),
	}, nil
}

func unix(text string) time.Time {
	seconds, _ := strconv.ParseInt(text, 10, 64) // git prints a number
	return time.Unix(seconds, 0).UTC()
}

// Blob implements Git.
func (b bare) Blob(_ context.Context, hash string) ([]byte, error) {
	_, kind, content, err := b.read.object(hash)
	if err == nil && kind != "blob" {
		err = fmt.Errorf("git has no blob %s", hash)
	}
	return content, err
}

// Tree implements Git.
func (b bare) Tree(ctx context.Context, tree string, recursive bool) ([]TreeEntry, error) {
	args := []string{"ls-tree", "-z", "--long"}
	if recursive {
		args = append(args, "-r", "-t")
	}
	out, err := b.output(ctx, append(args, tree)...)
	if err != nil {
		return nil, err
	}
	var entries []TreeEntry
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		info, name, _ := strings.Cut(line, "\t")
		if fields := strings.Fields(info); len(fields) == 4 {
			entries = append(entries, TreeEntry{fields[0], fields[1], fields[2], fields[3], name})
		}
	}
	return entries, nil
}

// Refs implements Git.
func (b bare) Refs(ctx context.Context, prefix string) ([][2]string, error) {
	out, err := b.output(ctx, "for-each-ref", "--format=%(refname) %(objectname)", prefix)
	if err != nil {
		return nil, err
	}
	var all [][2]string
	for line := range strings.Lines(out) {
		if name, hash, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			all = append(all, [2]string{strings.TrimPrefix(name, prefix), hash})
		}
	}
	return all, nil
}
