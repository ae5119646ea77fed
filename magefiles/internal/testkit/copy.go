package testkit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// CopyTree copies a folder, including symbolic links and modes, to one that does not
// exist yet. Files below the linked folders, given by relative path, become hard links
// to the originals: nothing may write to them in place.
func CopyTree(t testing.TB, from, to string, linked ...string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyEntry(path, filepath.Join(to, name), entry, below(name, linked))
	})
	if err != nil {
		t.Fatalf("copy %s: %v", from, err)
	}
}

// below reports whether a file is in one of the folders.
func below(name string, folders []string) bool {
	for _, folder := range folders {
		if strings.HasPrefix(name, filepath.FromSlash(folder)+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// copyEntry copies the file at path, as a hard link if allowed.
func copyEntry(path, to string, entry fs.DirEntry, link bool) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	switch {
	case entry.IsDir():
		return os.MkdirAll(to, info.Mode().Perm())
	case entry.Type()&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case link:
		return os.Link(path, to)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, content, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime()) // git's index compares files by their times
}
