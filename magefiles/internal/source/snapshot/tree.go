package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Commit returns the tree of a commit.
func (s *Store) Commit(ctx context.Context, commit string) (Tree, error) {
	root, err := s.git(ctx, "", nil, "rev-parse", "--verify", "--quiet", "--end-of-options", commit+"^{tree}")
	if err != nil {
		return Tree{}, fmt.Errorf("this repository has no commit %s", commit)
	}
	return s.tree(ctx, root)
}

// Checkout returns the tree of the current files in the user's checkout: those that git
// tracks, and new ones that it does not ignore.
func (s *Store) Checkout(ctx context.Context) (Tree, error) {
	var root string
	err := s.withIndex(func(index string) error {
		if err := s.copyIndex(ctx, index); err != nil {
			return err
		}
		_, err := s.git(
			ctx,
			index,
			nil,
			"-c",
			"core.safecrlf=false",
			"-c",
			"core.fsmonitor=false",
			"add",
			"--all",
			"--",
			".",
		)
		if err == nil {
			root, err = s.git(ctx, index, nil, "write-tree")
		}
		return err
	})
	if err != nil {
		return Tree{}, fmt.Errorf("read the changed files of the checkout: %w", err)
	}
	return s.tree(ctx, root)
}

// copyIndex copies the user's index with its time, which git compares with the times of
// files (Documentation/technical/racy-git.txt).
func (s *Store) copyIndex(ctx context.Context, to string) error {
	path, err := s.git(ctx, "", nil, "rev-parse", "--git-path", "index")
	if err != nil {
		return err
	}
	if path = strings.TrimSpace(path); !filepath.IsAbs(path) {
		path = filepath.Join(s.repo.Dir, path)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing is staged yet
	}
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(to, data, 0o644), os.Chtimes(to, info.ModTime(), info.ModTime()))
}

// Edit changes the content of a file of the app.
type Edit struct {
	Path     string // relative to the app's root, with forward slashes
	Required error  // the error if the file is missing; nil means that it may be
	Apply    func([]byte) ([]byte, error)
}

// With returns a tree with files changed.
func (s *Store) With(ctx context.Context, base Tree, edits []Edit) (Tree, error) {
	var changed bytes.Buffer // git-update-index(1), "USING --INDEX-INFO"
	for _, edit := range edits {
		entry, err := s.edited(ctx, base, edit)
		if err != nil {
			return Tree{}, err
		}
		changed.WriteString(entry)
	}
	if changed.Len() == 0 {
		return base, nil
	}
	var root string
	if err := s.withIndex(func(index string) error {
		if _, err := s.git(ctx, index, nil, "read-tree", "--no-sparse-checkout", base.root); err != nil {
			return err
		}
		if _, err := s.git(ctx, index, changed.Bytes(), "update-index", "-z", "--index-info"); err != nil {
			return err
		}
		var err error
		root, err = s.git(ctx, index, nil, "write-tree")
		return err
	}); err != nil {
		return Tree{}, err
	}
	return s.tree(ctx, root)
}

// edited returns the index line of a file that an edit changes, else "".
func (s *Store) edited(ctx context.Context, base Tree, edit Edit) (string, error) {
	listed, err := s.git(ctx, "", nil, "ls-tree", "-z", "--full-tree", base.root, "--", s.prefix+edit.Path)
	if err != nil {
		return "", err
	}
	fields := strings.Fields(listed) // mode, type, hash, name
	if len(fields) < 3 || fields[1] != "blob" {
		return "", edit.Required
	}
	data, err := s.git(ctx, "", nil, "cat-file", "blob", fields[2])
	if err != nil {
		return "", err
	}
	wanted, err := edit.Apply([]byte(data))
	if err != nil || string(wanted) == data {
		return "", err
	}
	hash, err := s.git(ctx, "", wanted, "hash-object", "-w", "--no-filters", "--stdin")
	return fmt.Sprintf("%s %s\t%s\x00", fields[0], strings.TrimSpace(hash), s.prefix+edit.Path), err
}
