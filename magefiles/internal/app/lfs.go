package app

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// Allows reports whether a file may be a Git LFS pointer.
func (l LFS) Allows(file string) bool {
	names := strings.Split(file, "/")
	return slices.ContainsFunc(l.Allow, func(pattern string) bool {
		parts, folder := ignorePattern(pattern)
		for depth := len(names); depth > 0; depth-- { // the file, and the folders that it is in
			if (depth < len(names) || !folder) && matchNames(parts, names[:depth]) {
				return true
			}
		}
		return false
	})
}

// ignorePattern splits a pattern (gitignore(5), PATTERN FORMAT) into the patterns of names. It
// reports whether folders alone match.
func ignorePattern(pattern string) (parts []string, folder bool) {
	pattern, folder = strings.CutSuffix(pattern, "/")
	if !strings.Contains(pattern, "/") {
		return []string{anyFolders, pattern}, folder
	}
	parts = strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	if parts[len(parts)-1] == anyFolders { // everything inside, but not the folder itself
		parts = append(parts, "*")
	}
	return parts, folder
}

// anyFolders is a part of a pattern that stands for any number of folders.
const anyFolders = "**"

// matchNames reports whether the patterns match a path, name by name.
func matchNames(patterns, names []string) bool {
	switch {
	case len(patterns) == 0:
		return len(names) == 0
	case patterns[0] == anyFolders:
		return matchNames(patterns[1:], names) || len(names) > 0 && matchNames(patterns, names[1:])
	case len(names) == 0:
		return false
	}
	matched, err := path.Match(patterns[0], names[0])
	return err == nil && matched && matchNames(patterns[1:], names[1:])
}

// checkIgnorePattern returns what is wrong with a pattern.
func checkIgnorePattern(pattern string) error {
	parts, _ := ignorePattern(pattern)
	for _, part := range parts {
		switch _, err := path.Match(part, ""); {
		case err != nil:
			return err
		case part == "" || part == "." || part == "..":
			return errors.New("one of its parts is empty, or is . or ..; name a file or a folder")
		}
	}
	if strings.HasPrefix(pattern, "!") {
		return errors.New("a pattern that begins with ! is not supported")
	}
	return nil
}
