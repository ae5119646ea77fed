// Package snapshot makes the tree that a release consists of: the files of a commit, or
// of a changed checkout, with the version written into them. A tree is named by its git
// tree hash. It is checked out for tools that need a copy, and folders are compared
// with it. The user's repository is only read.
package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Store holds the git objects of trees that the repository does not have.
type Store struct {
	// Pointers reports whether a file of the app may be a Git LFS pointer; nil means that none may be.
	Pointers func(file string) bool

	repo   git.Repo
	dir    string // of the store
	gitDir string // of the repository
	root   string // of the repository's checkout
	prefix string // path from the repository's root to the app: "" or with a slash at its end

	mu     sync.Mutex
	listed map[string]string // git's list of each root tree, by its hash

	temporary func(parent string) (dir string, err error)
}

// Tree is a git tree.
type Tree struct {
	Hash string // of the app's folder
	root string // hash of the repository's root
}

// Root returns the hash of the tree of the repository's root, which contains the app's folder.
func (t Tree) Root() string { return t.root }

// Known returns a tree that was made before, by the hash of its root. It fails if its objects no longer exist.
func (s *Store) Known(ctx context.Context, root string) (Tree, error) {
	if _, err := s.list(ctx, root); err != nil {
		return Tree{}, err
	}
	return s.tree(ctx, root)
}

const (
	kept = 24 * time.Hour // how long unused objects stay in a store
	rest = time.Hour      // how long after one search for such objects the next one follows
)

// Open opens the store in dir, creating it if needed, for the repository that contains the app at repo.Dir, which
// has the given places. temporary creates an empty folder in another folder, for a short time.
func Open(
	repo git.Repo,
	places git.Places,
	dir string,
	temporary func(parent string) (string, error),
) (*Store, error) {
	s := &Store{repo: repo, dir: dir, temporary: temporary, listed: map[string]string{}}
	s.gitDir, s.root, s.prefix = places.GitDir, places.Root, places.Prefix
	// gitrepository-layout(5), objects/info/alternates
	alternates, said := filepath.Join(objectsOf(s.dir), "info", "alternates"), places.Objects+"\n"
	if info, err := os.Stat(alternates); err == nil && time.Since(info.ModTime()) < rest {
		if now, err := os.ReadFile(alternates); err == nil && string(now) == said {
			return s, nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(alternates), 0o755); err != nil {
		return nil, err
	}
	prune(s.dir)
	return s, os.WriteFile(alternates, []byte(said), 0o644)
}

func objectsOf(store string) string { return filepath.Join(store, "objects") }

// prune removes old objects and leftovers of killed runs from a store. git updates the
// time of an object that it would write again. Failures to remove are ignored.
func prune(store string) {
	left, _ := os.ReadDir(store)
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && entry.Name() != "objects" && old(info) {
			_ = os.RemoveAll(filepath.Join(store, entry.Name()))
		}
	}
	_ = filepath.WalkDir(objectsOf(store), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "alternates" {
			return err
		}
		if info, err := entry.Info(); err == nil && old(info) {
			_ = os.Remove(path)
		}
		return nil
	})
}

func old(info fs.FileInfo) bool { return time.Since(info.ModTime()) > kept }

// git runs a git command on the store's objects. It uses a separate index, unless index is "".
func (s *Store) git(ctx context.Context, index string, stdin []byte, args ...string) (string, error) {
	env := []string{"GIT_OBJECT_DIRECTORY=" + objectsOf(s.dir)}
	if index != "" {
		env = append(env, "GIT_INDEX_FILE="+index)
	}
	out, err := s.repo.Plumb(ctx, git.Plumbing{Args: args, Env: env, Stdin: stdin})
	return string(out), err
}

// withIndex uses a new index, which does not exist yet.
func (s *Store) withIndex(work func(index string) error) (err error) {
	dir, err := s.temporary(s.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return work(filepath.Join(dir, "index"))
}

// tree returns the tree of the repository's root.
func (s *Store) tree(ctx context.Context, root string) (Tree, error) {
	root = strings.TrimSpace(root)
	if s.prefix == "" {
		return Tree{root, root}, nil
	}
	hash, err := s.git(ctx, "", nil, "rev-parse", "--verify", "--quiet", root+":"+strings.TrimSuffix(s.prefix, "/"))
	if err != nil {
		return Tree{}, fmt.Errorf("there is no folder %s in %s", s.prefix, git.Short(root))
	}
	return Tree{strings.TrimSpace(hash), root}, nil
}
