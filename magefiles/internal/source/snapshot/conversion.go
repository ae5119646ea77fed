package snapshot

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Conversion describes how git converts files when it checks them out, apart from the attributes in the tree: by
// the repository's own attributes, and by the configured filters (gitattributes(5)). git-crypt, for example,
// configures a filter when it is unlocked.
func (s *Store) Conversion(ctx context.Context, files []File) (string, error) {
	own, _ := os.ReadFile(filepath.Join(commonDir(s.gitDir), "info", "attributes")) // there may be none
	if len(own) == 0 && !slices.ContainsFunc(files, func(file File) bool {
		return path.Base(file.Path) == ".gitattributes"
	}) {
		return "", nil // the only other attributes that git reads are the user's
	}
	filters, err := s.repo.Plumb(ctx, git.Plumbing{Args: []string{"config", "--null", "--get-regexp", `^filter\.`}})
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 { // git-config(1): there is no such key
		filters, err = nil, nil
	}
	return string(own) + "\x00" + string(filters), err
}

// commonDir returns the git folder that all worktrees of the repository share (gitrepository-layout(5), commondir).
func commonDir(gitDir string) string {
	said, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
	if err != nil {
		return gitDir
	}
	if dir := strings.TrimSpace(string(said)); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(gitDir, strings.TrimSpace(string(said)))
}
