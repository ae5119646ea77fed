package standin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// PutBlob implements Git.
func (b bare) PutBlob(ctx context.Context, content []byte) (string, error) {
	if content == nil {
		content = []byte{} // nil would mean no input
	}
	hash, err := b.command(ctx, content, nil, "hash-object", "-w", "--stdin")
	return strings.TrimSpace(hash), err
}

// PutTree implements Git.
func (b bare) PutTree(ctx context.Context, base string, changes []TreeEntry) (string, error) {
	// Requests run one at a time, so an existing index is left from a killed one.
	file := filepath.Join(b.dir, "stand-in-index")
	defer os.Remove(file)
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	index := []string{"GIT_INDEX_FILE=" + file}
	if base != "" {
		if _, err := b.command(ctx, nil, index, "read-tree", base); err != nil {
			return "", err
		}
	}
	var lines strings.Builder
	for _, e := range changes {
		if e.Hash == "" {
			e.Mode, e.Hash = "0", strings.Repeat("0", 40)
		}
		fmt.Fprintf(&lines, "%s %s\t%s\x00", e.Mode, e.Hash, e.Path)
	}
	if _, err := b.command(ctx, []byte(lines.String()), index, "update-index", "-z", "--index-info"); err != nil {
		return "", unprocessable("tree.path contains a malformed path component")
	}
	tree, err := b.command(ctx, nil, index, "write-tree")
	if err != nil {
		return "", unprocessable("tree.sha does not exist")
	}
	return strings.TrimSpace(tree), nil
}

// PutCommit implements Git.
func (b bare) PutCommit(ctx context.Context, c Commit) (string, error) {
	args := []string{"commit-tree", c.Tree}
	for _, parent := range c.Parents {
		args = append(args, "-p", parent)
	}
	hash, err := b.command(ctx, []byte(c.Message), []string{
		"GIT_AUTHOR_NAME=" + c.Author,
		"GIT_AUTHOR_EMAIL=" + c.AuthorMail,
		fmt.Sprintf("GIT_AUTHOR_DATE=@%d +0000", c.Authored.Unix()),
		"GIT_COMMITTER_NAME=" + c.Committer,
		"GIT_COMMITTER_EMAIL=" + c.CommitterMail,
		fmt.Sprintf("GIT_COMMITTER_DATE=@%d +0000", c.Committed.Unix()),
	}, args...)
	return strings.TrimSpace(hash), err
}

// SetRef implements Git.
func (b bare) SetRef(ctx context.Context, ref, hash, before string) error {
	args := []string{"update-ref", ref, hash, before}
	if hash == "" {
		args = []string{"update-ref", "-d", ref, before}
	}
	_, err := b.output(ctx, args...)
	return err
}
