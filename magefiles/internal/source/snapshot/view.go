package snapshot

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// File is a file of a tree.
type File struct {
	// Path is relative to the app, with forward slashes. Outside of the app it begins
	// with a slash, and is relative to the repository's root.
	Path    string
	Content string // its mode and git object name
}

// View is the part of a tree that a copy contains. A tool that works in the copy cannot read anything else of the
// app, so its result depends on nothing else.
type View struct {
	Without []string // folders of the app that are left out
	Nothing bool     // whether it contains no file at all
	Apart   bool     // whether what is outside of the app's folder is left out, except Beside
	Beside  []string // files and folders of the repository, from its root
	History bool     // whether the copy has .git, with the commit, the tags and the history
}

// Has reports whether the view contains a file. path is as in File.Path.
func (v View) Has(path string) bool {
	in := func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
	switch outside, is := strings.CutPrefix(path, "/"); {
	case v.Nothing:
		return false
	case is && v.Apart:
		path = outside
		return slices.ContainsFunc(v.Beside, in)
	}
	return !slices.ContainsFunc(v.Without, in)
}

// Files lists the files of a tree, including those of the repository outside of the app.
func (s *Store) Files(ctx context.Context, t Tree) ([]File, error) {
	listed, err := s.list(ctx, t.root)
	if err != nil {
		return nil, fmt.Errorf("list the files of the tree: %w", err)
	}
	var files []File
	for entry := range strings.SplitSeq(listed, "\x00") {
		about, path, found := strings.Cut(entry, "\t") // mode, type, hash
		if !found {
			continue
		}
		own, inside := strings.CutPrefix(path, s.prefix)
		if !inside {
			own = "/" + path
		}
		files = append(files, File{Path: own, Content: about})
	}
	return files, nil
}

// paths returns the files of the view, relative to the repository's root, as git reads them from standard input.
func (s writer) paths(ctx context.Context, t Tree, view View) ([]byte, error) {
	files, err := s.Files(ctx, t)
	if err != nil {
		return nil, err
	}
	var list strings.Builder
	for _, file := range files {
		if !view.Has(file.Path) || strings.HasPrefix(file.Content, submodule) {
			continue
		}
		if outside, is := strings.CutPrefix(file.Path, "/"); is {
			list.WriteString(outside)
		} else {
			list.WriteString(s.prefix + file.Path)
		}
		list.WriteByte(0)
	}
	return []byte(list.String()), nil
}

// submodule is the start of a submodule's entry in git's list (gitmodules(5)).
const submodule = "160000 "
