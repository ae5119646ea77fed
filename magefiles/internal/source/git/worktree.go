package git

import (
	"context"
	"strings"
)

// WorkTree reads the files that are checked out, and what differs from HEAD.
type WorkTree struct{ repo Repo }

// Bare reports whether the repository has no work tree.
func (w WorkTree) Bare(ctx context.Context) (bool, error) {
	out, err := w.repo.git(ctx, "rev-parse", "--is-bare-repository")
	return out == "true", err
}

// Files lists the files of the work tree below Dir that git tracks or would
// track, relative to Dir, with forward slashes.
func (w WorkTree) Files(ctx context.Context) ([]string, error) {
	out, err := w.repo.git(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(c rune) bool { return c == 0 }), nil
}

// SameMode reports whether a file of the work tree has the same type and executable bit
// as at HEAD.
func (w WorkTree) SameMode(ctx context.Context, path string) (bool, error) {
	out, err := w.repo.git(ctx, "diff", "--raw", "HEAD", "--", path)
	before, rest, _ := strings.Cut(strings.TrimPrefix(out, ":"), " ")
	return out == "" || strings.HasPrefix(rest, before+" "), err
}

// Prefix returns the path from the repository's root to Dir: "" or a path that ends
// with a slash.
func (w WorkTree) Prefix(ctx context.Context) (string, error) {
	return w.repo.git(ctx, "rev-parse", "--show-prefix")
}

// Top returns the root of the work tree, and the path from there to Dir: "" or a path that
// ends with a slash.
func (w WorkTree) Top(ctx context.Context) (root, prefix string, err error) {
	if root, err = w.repo.git(ctx, "rev-parse", "--show-toplevel"); err == nil {
		prefix, err = w.Prefix(ctx)
	}
	return root, prefix, err
}

// Tracked reports whether git tracks a file, or anything in a folder.
func (w WorkTree) Tracked(ctx context.Context, path string) (bool, error) {
	out, err := w.repo.git(ctx, "ls-files", "--", path)
	return out != "", err
}

// Status lists the differences from HEAD, including untracked files. Paths outside of
// Dir start with "/", as from the repository's root.
func (w WorkTree) Status(ctx context.Context) ([]Change, error) {
	if bare, err := w.Bare(ctx); err != nil || bare {
		return nil, err
	}
	prefix, err := w.Prefix(ctx)
	if err != nil {
		return nil, err
	}
	out, err := w.repo.git(ctx, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
	if err != nil {
		return nil, err
	}
	var list []Change
	for entry := range strings.SplitSeq(out, "\x00") {
		if len(entry) < 4 {
			continue
		}
		path, inside := strings.CutPrefix(entry[3:], prefix)
		if !inside {
			path = "/" + path
		}
		list = append(list, Change{Status: strings.TrimSpace(entry[:2])[0], Path: path})
	}
	return list, nil
}

// Unmerged lists the files with conflicts, as pathspecs relative to the repository's
// root (gitglossary(7), pathspec).
func (w WorkTree) Unmerged(ctx context.Context) ([]string, error) {
	out, err := w.repo.git(ctx, "diff", "--name-only", "-z", "--diff-filter=U")
	files := strings.FieldsFunc(out, func(c rune) bool { return c == 0 })
	if prefix, prefixErr := w.Prefix(ctx); prefixErr == nil && prefix != "" {
		for i := range files {
			files[i] = ":/" + files[i]
		}
	}
	return files, err
}

// Staged reports whether something is staged.
func (w WorkTree) Staged(ctx context.Context) bool {
	_, err := w.repo.git(ctx, "diff", "--cached", "--quiet", "HEAD")
	return err != nil
}
