package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Difference is a file or folder that differs from the tree.
type Difference struct {
	Path string // relative to the folder, with forward slashes
	What string // in words, such as "is not in git"
}

func (d Difference) String() string { return d.Path + " " + d.What }

// Compare compares a folder made by Write with a new checkout of the tree: contents,
// modes, additional and missing files.
func (s *Store) Compare(ctx context.Context, t Tree, dir string) (list []Difference, err error) {
	base, err := s.temporary(s.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	fresh := filepath.Join(base, "tree")
	if err := s.Write(ctx, t, fresh); err != nil {
		return nil, err
	}
	wanted, err := entries(fresh)
	if err != nil {
		return nil, err
	}
	found, err := entries(dir)
	if err != nil {
		return nil, err
	}
	for path, info := range found {
		what, err := differs(filepath.Join(fresh, path), wanted[path], filepath.Join(dir, path), info)
		if err != nil {
			return nil, err
		}
		if what != "" {
			list = append(list, Difference{filepath.ToSlash(path), what})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		if found[path] == nil {
			list = append(list, Difference{filepath.ToSlash(path), "is missing"})
		}
	}
	slices.SortFunc(list, func(a, b Difference) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	return list, nil
}

// entries returns the files and folders below a folder by relative path.
func entries(root string) (map[string]fs.FileInfo, error) {
	found := map[string]fs.FileInfo{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err == nil {
			found[rel], err = entry.Info()
		}
		return err
	})
	return found, err
}

// differs says how a file differs from the wanted one, or returns "".
func differs(path string, wanted fs.FileInfo, file string, found fs.FileInfo) (string, error) {
	switch {
	case wanted == nil && found.IsDir():
		return "is a folder that is not in git", nil
	case wanted == nil:
		return "is not in git", nil
	case wanted.Mode().Type() != found.Mode().Type():
		return "has another type than in git", nil
	case wanted.Mode().Type() == fs.ModeSymlink:
		return sameContent(os.Readlink, path, file)
	case wanted.Mode() != found.Mode():
		return fmt.Sprintf("has the mode %04o instead of %04o", found.Mode().Perm(), wanted.Mode().Perm()), nil
	case wanted.IsDir():
		return "", nil
	case wanted.Size() != found.Size():
		return changed, nil
	}
	return sameContent(func(name string) (string, error) {
		data, err := os.ReadFile(name)
		return string(data), err
	}, path, file)
}

const changed = "has different content than in git"

func sameContent(read func(string) (string, error), path, file string) (string, error) {
	wanted, err := read(path)
	if err != nil {
		return "", err
	}
	found, err := read(file)
	if err != nil || wanted == found {
		return "", err
	}
	return changed, nil
}
