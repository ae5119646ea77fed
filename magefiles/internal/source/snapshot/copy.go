package snapshot

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Release describes the commit that a copy of a tree is at.
type Release struct {
	Parent string // the commit that the tree was made from; if its tree is the same, the copy is at this commit
	Tag    string // "" if the tag exists already
	Text   string // message of the commit, if one is made
	Time   time.Time
}

// Copy makes dir a checkout of a view of a tree, for tools that may change anything in it. It contains no ignored
// files. With its history, it is like a clone in CI: it has .git, the tags and the commits of the repository. Copy
// returns the app's root in it, without symbolic links.
func (s *Store) Copy(ctx context.Context, t Tree, view View, dir string, at Release) (string, error) {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Dir(dir), 0o755)); err != nil {
		return "", err
	}
	if !view.History {
		if err := (writer{s}).checkout(ctx, t, view, dir); err != nil {
			return "", err
		}
		dir, err := filepath.EvalSymlinks(dir)
		return filepath.Join(dir, filepath.FromSlash(s.prefix)), err
	}
	clone := []string{"clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", s.root, dir}
	if _, err := s.repo.Plumb(ctx, git.Plumbing{Args: clone}); err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if err := (writer{s}).shareObjects(dir); err != nil {
		return "", err
	}
	if err := (writer{s}).checkout(ctx, t, view, dir); err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.FromSlash(s.prefix)), writer{s}.commit(ctx, t, dir, at)
}

// shareObjects lets a clone also use the objects of the store.
func (s writer) shareObjects(dir string) error {
	alternates := filepath.Join(dir, ".git", "objects", "info", "alternates")
	file, err := os.OpenFile(alternates, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	objects, err := filepath.Abs(objectsOf(s.dir))
	if err == nil {
		_, err = file.WriteString(objects + "\n")
	}
	return errors.Join(err, file.Close())
}

// commit sets a clone to the commit of a release, with its tag. Author and time are
// fixed, so that the same tree always gives the same commit.
func (s writer) commit(ctx context.Context, t Tree, dir string, at Release) error {
	clone := func(args ...string) (string, error) {
		when := at.Time.UTC().Format(time.RFC3339)
		out, err := s.repo.Plumb(
			ctx,
			git.Plumbing{Dir: dir, Args: args, Env: []string{"GIT_AUTHOR_DATE=" + when, "GIT_COMMITTER_DATE=" + when,
				"GIT_AUTHOR_NAME=odin-release", "GIT_AUTHOR_EMAIL=odin-release@localhost",
				"GIT_COMMITTER_NAME=odin-release", "GIT_COMMITTER_EMAIL=odin-release@localhost"}},
		)
		return strings.TrimSpace(string(out)), err
	}
	head := at.Parent
	if whole, err := clone("rev-parse", head+"^{tree}"); err != nil {
		return err
	} else if whole != t.root {
		if head, err = clone("commit-tree", "-p", at.Parent, "-m", at.Text, t.root); err != nil {
			return err
		}
	}
	commands := [][]string{{"update-ref", "HEAD", head}, {"read-tree", "HEAD"}, {"update-index", "-q", "--refresh"}}
	if at.Tag != "" {
		commands = append(
			commands,
			[]string{
				"-c",
				"tag.gpgSign=false",
				"tag",
				"--annotate",
				"--force",
				"--message",
				at.Tag,
				"--",
				at.Tag,
				head,
			},
		)
	}
	if origin, err := s.repo.Remotes().URL(ctx); err == nil && origin != "" {
		commands = append(commands, []string{"config", "remote.origin.url", origin})
	}
	for _, args := range commands {
		if _, err := clone(args...); err != nil {
			return err
		}
	}
	return nil
}
