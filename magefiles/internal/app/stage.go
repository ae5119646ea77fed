package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// lfsPointer is how a file begins whose content git left on an LFS server
// (git-lfs specification, "The Pointer").
var lfsPointer = []byte("version https://git-lfs.github.com/spec/")

// IsPointer tells whether a file is a Git LFS pointer instead of the file
// itself.
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

// Stage copies the named files of the app (paths relative to its root, as git
// lists them) to dest and writes the version into the copies' carriers, so
// that a release is built from the checked tree and the tree stays as it is.
func (a *App) Stage(dest string, files []string, version string) error {
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	for _, file := range files {
		if err := stageFile(a.Path(file), filepath.Join(dest, filepath.FromSlash(file))); err != nil {
			return fmt.Errorf("stage %s: %w", file, err)
		}
	}
	if err := plainFolders(dest); err != nil {
		return err
	}
	_, err := a.WriteVersion(dest, version)
	return err
}

// plainFolders gives every folder the same mode: git does not know one, and a
// umask must not find its way into the image.
func plainFolders(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
}

func stageFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted, and the deletion is not committed yet
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	if info.IsDir() {
		return errors.New("it is a git submodule, whose files are not part of this repository")
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(data, lfsPointer) {
		return errors.New("it is a Git LFS pointer, not the file itself; run git lfs pull")
	}
	mode := fs.FileMode(0o644)
	if info.Mode()&0o111 != 0 {
		mode = 0o755
	}
	if err := os.WriteFile(to, data, mode); err != nil {
		return err
	}
	return os.Chmod(to, mode)
}
