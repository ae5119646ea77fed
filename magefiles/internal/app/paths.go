package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// At returns the same app at another root, where a copy of it is.
func (a *App) At(root string) *App {
	copied := *a
	copied.Root = root
	return &copied
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Path returns the absolute path of a slash-separated path in the app.
func (a *App) Path(elements ...string) string {
	path := a.Root
	for _, element := range elements {
		path = filepath.Join(path, filepath.FromSlash(element))
	}
	return path
}

// Rel shortens an absolute path in the app to one relative to its root, and
// leaves any other as it is.
func (a *App) Rel(path string) string {
	rel, err := filepath.Rel(a.Root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return filepath.ToSlash(rel)
}

// Real resolves the symbolic links in a path of the app: it returns the file that a
// write would change, relative to the root. A missing path is returned as it is; a link
// that leads out of the app is an error.
func (a *App) Real(file string) (string, error) {
	_, rel, err := resolve(a.Root, file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	return filepath.ToSlash(rel), err
}

// resolve returns the real file of a path below root, and its path relative to the
// root.
func resolve(root, file string) (path, rel string, err error) {
	if path, err = filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(file))); err != nil {
		return "", "", err
	}
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", "", err
	}
	if rel, err = filepath.Rel(top, path); err != nil || !filepath.IsLocal(rel) {
		return "", "", fmt.Errorf("it is a symbolic link to %s, outside of the app", path)
	}
	return path, rel, nil
}

// Within reports whether a file matches one of the patterns or is in a folder that
// matches one. * stands for any name (path.Match).
func Within(file string, patterns []string) bool {
	parts := strings.Split(file, "/")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = path.Clean(pattern)
		if pattern == "." {
			return true
		}
		depth := strings.Count(pattern, "/") + 1
		if depth > len(parts) {
			return false
		}
		matched, err := path.Match(pattern, strings.Join(parts[:depth], "/"))
		return err == nil && matched
	})
}
