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

// Conversion is how git converts files when it writes them, besides by the attributes in
// the tree: the attributes of the repository alone, and the filters that are configured
// (gitattributes(5)). git-crypt, for one, configures a filter when it is unlocked.
func (s *Store) Conversion(ctx context.Context, files []File) (string, error) {
	own, _ := os.ReadFile(filepath.Join(commonDir(s.gitDir), "info", "attributes")) // there are none
	if len(own) == 0 && !slices.ContainsFunc(files, func(file File) bool {
		return path.Base(file.Path) == ".gitattributes"
	}) {
		return "", nil // git reads nothing else but the user's attributes
	}
	filters, err := s.repo.Plumb(ctx, git.Plumbing{Args: []string{"config", "--null", "--get-regexp", `^filter\.`}})
	var failed *run.Error
	if errors.As(err, &failed) && failed.Code == 1 { // git-config(1): there is no such key
		filters, err = nil, nil
	}
	return string(own) + "\x00" + string(filters), err
}

// commonDir is the git folder that all worktrees of the repository share
// (gitrepository-layout(5), commondir).
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
