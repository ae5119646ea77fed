package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// lfsPointer is the first line of a file whose content is on an LFS server (git-lfs
// specification, "The Pointer").
var lfsPointer = []byte("version https://git-lfs.github.com/spec/")

// Write writes the app's folder of a tree to dir, and removes everything else there.
// Modes are the same on every machine: 0644, or 0755 for executables and folders.
func (s *Store) Write(ctx context.Context, t Tree, dir string) (err error) {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if s.prefix == "" {
		return writer{s}.checkout(ctx, t, View{}, dir)
	}
	whole, err := s.temporary(s.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(whole)) }()
	if err := (writer{s}).checkout(ctx, t, View{}, whole); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	return os.Rename(filepath.Join(whole, filepath.FromSlash(s.prefix)), dir)
}

// settings make a checkout independent of the machine's git configuration.
var settings = []string{
	"-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.symlinks=true", "-c", "core.fileMode=true",
	"-c", "core.sparseCheckout=false", "-c", "core.fsmonitor=false",
}

// writer writes the files of trees into folders, and git's own files beside them.
type writer struct{ *Store }

// checkout writes the files of a view into a folder.
func (s writer) checkout(ctx context.Context, t Tree, view View, dir string) error {
	app := filepath.Join(dir, filepath.FromSlash(s.prefix))
	if err := os.MkdirAll(app, 0o755); err != nil { // the view may contain no file of the app
		return err
	}
	if err := s.submodules(ctx, t); err != nil {
		return err
	}
	paths, err := s.paths(ctx, t, view)
	if err != nil {
		return err
	}
	if err := s.withIndex(func(index string) error {
		env := []string{
			"GIT_OBJECT_DIRECTORY=" + objectsOf(s.dir),
			"GIT_INDEX_FILE=" + index,
			"GIT_DIR=" + s.gitDir,
			"GIT_WORK_TREE=" + dir,
		}
		for _, command := range []git.Plumbing{
			{Args: []string{"read-tree", "--no-sparse-checkout", t.root}},
			{Args: []string{"checkout-index", "-z", "--stdin", "--force", "--quiet"}, Stdin: paths},
		} {
			command.Args, command.Env, command.Dir = slices.Concat(settings, command.Args), env, dir
			if _, err := s.repo.Plumb(ctx, command); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("write the tree %s: %w", git.Short(t.Hash), err)
	}
	return normalise(app, s.Pointers)
}

// submodules refuses a tree with a submodule in the app.
func (s writer) submodules(ctx context.Context, t Tree) error {
	listed, err := s.git(ctx, "", nil, "ls-tree", "-r", "-z", "--full-tree", t.Hash)
	for entry := range strings.SplitSeq(listed, "\x00") {
		if about, path, _ := strings.Cut(entry, "\t"); strings.HasPrefix(about, submodule) {
			return fmt.Errorf("%s is a git submodule, whose files are not part of this repository", path)
		}
	}
	return err
}

// normalise gives folders and files the modes that git records, since a umask must not
// affect the image. It refuses files that git-lfs has not fetched, except for those that
// are meant to be pointers.
func normalise(root string, meant func(file string) bool) error {
	var pointers []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == filepath.Join(root, ".git"):
			return fs.SkipDir // the .git of a copy
		case entry.IsDir():
			return os.Chmod(path, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if IsPointer(path) {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			if rel = filepath.ToSlash(rel); meant == nil || !meant(rel) {
				pointers = append(pointers, rel)
			}
		}
		return os.Chmod(path, mode(info))
	})
	return errors.Join(err, refusePointers(pointers))
}

// refusePointers names files whose content is missing, and the command that fetches it.
func refusePointers(files []string) error {
	const shown, advice = 5, "; run git lfs install && git lfs pull, or list in build.lfs.allow what is meant to be one"
	switch {
	case len(files) == 0:
		return nil
	case len(files) == 1:
		return fmt.Errorf("%s: it is a Git LFS pointer, not the file itself%s", files[0], advice)
	}
	names := strings.Join(files[:min(shown, len(files))], ", ")
	if more := len(files) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("%s: they are Git LFS pointers, not the files themselves%s", names, advice)
}

// mode returns the mode that git records.
func mode(info fs.FileInfo) fs.FileMode {
	if info.IsDir() || info.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// IsPointer reports whether a file is a Git LFS pointer instead of its content.
func IsPointer(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, len(lfsPointer))
	_, err = io.ReadFull(file, head)
	return err == nil && bytes.Equal(head, lfsPointer)
}
