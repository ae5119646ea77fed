package standin

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// bare is the git repository behind GitHub.
type bare struct {
	dir string
	run *run.Runner
}

// command runs git in the repository and returns what it prints, as it is.
func (b bare) command(ctx context.Context, input []byte, env []string, args ...string) (string, error) {
	result, err := b.run.Run(ctx, run.Command{For: "stand-in", Dir: b.dir, Quiet: true, Timeout: time.Minute, Stdin: input,
		Env: append([]string{"LC_ALL=C"}, env...), Args: append([]string{"git", "--git-dir=" + b.dir, "-c", "core.quotePath=false", "-c", "gc.auto=0"}, args...)})
	return string(result.Stdout), err
}

func (b bare) output(ctx context.Context, args ...string) (string, error) {
	out, err := b.command(ctx, nil, nil, args...)
	return strings.TrimSuffix(out, "\n"), err
}

// object returns the hash of what a revision names, peeled to a kind; "" when
// there is no such thing.
func (b bare) object(ctx context.Context, revision, kind string) string {
	hash, err := b.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{"+kind+"}")
	if err != nil || strings.HasPrefix(hash, "^") {
		return ""
	}
	return hash
}

// inside finds a file or folder in a commit; kind is git's, "" when there is
// no such path.
func (b bare) inside(ctx context.Context, commit, file string) (hash, kind string) {
	hash, err := b.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", commit+":"+file)
	if err != nil {
		return "", ""
	}
	kind, err = b.output(ctx, "cat-file", "-t", hash)
	if err != nil {
		return "", ""
	}
	return hash, kind
}

func (b bare) commit(ctx context.Context, revision string) string {
	return b.object(ctx, revision, "commit")
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f]{4,40}$`)

// anyCommit resolves what GitHub's API takes for a commit: a branch, a tag,
// heads/…, tags/… or a hash. Other spellings of git's are none.
func (b bare) anyCommit(ctx context.Context, name string) string {
	if name == "" || path.Clean(name) != name || strings.ContainsAny(name, "^~:?*[\\@ ") {
		return ""
	}
	candidates := []string{"refs/heads/" + name, "refs/tags/" + name, "refs/" + name}
	if hexadecimal.MatchString(name) {
		candidates = append(candidates, name)
	}
	for _, candidate := range candidates {
		if hash := b.commit(ctx, candidate); hash != "" {
			return hash
		}
	}
	return ""
}

// details are what a commit says.
type details struct {
	Hash, Tree, Message      string
	Parents                  []string
	Author, AuthorMail       string
	Committer, CommitterMail string
	Authored, Committed      time.Time
}

func (b bare) details(ctx context.Context, hash string) (details, error) {
	const format = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
	out, err := b.output(ctx, "-c", "log.showSignature=false", "log", "-1", "--no-show-signature", "--format="+format, hash, "--")
	if err != nil {
		return details{}, err
	}
	fields := strings.SplitN(out, "\x00", 10)
	if len(fields) != 10 {
		return details{}, fmt.Errorf("git describes the commit %s in %d fields, expected 10", hash, len(fields))
	}
	return details{Hash: fields[0], Tree: fields[1], Parents: strings.Fields(fields[2]), Author: fields[3], AuthorMail: fields[4],
		Authored: unix(fields[5]), Committer: fields[6], CommitterMail: fields[7], Committed: unix(fields[8]),
		Message: strings.TrimRight(fields[9], "\n")}, nil
}

func unix(text string) time.Time {
	seconds, _ := strconv.ParseInt(text, 10, 64) // git prints a number
	return time.Unix(seconds, 0).UTC()
}

// entryOf is a line of a tree.
type entryOf struct {
	mode, kind, hash, size, path string
}

// list is a tree's content.
func (b bare) list(ctx context.Context, tree string, recursive bool) ([]entryOf, error) {
	args := []string{"ls-tree", "-z", "--long"}
	if recursive {
		args = append(args, "-r", "-t")
	}
	out, err := b.output(ctx, append(args, tree)...)
	if err != nil {
		return nil, err
	}
	var entries []entryOf
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		info, name, _ := strings.Cut(line, "\t")
		if fields := strings.Fields(info); len(fields) == 4 {
			entries = append(entries, entryOf{fields[0], fields[1], fields[2], fields[3], name})
		}
	}
	return entries, nil
}

// refs are the refs below a prefix and the objects they name, in order of name.
func (b bare) refs(ctx context.Context, prefix string) ([][2]string, error) {
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
