package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/tagging"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// DayFormat is the format of the day of a release in a changelog.
const DayFormat = time.DateOnly

// Release is a version that is being released: its plan, and its tree. The same tree is tested, built and shipped:
// that of the commit as git stores it, with the version written into it.
type Release struct {
	Plan  plan.Plan
	Trees *snapshot.Store
	Tree  snapshot.Tree
	Files []snapshot.File
	Stage string // dist/source: the tree, as the image is built from it
	Day   string // day of the section in the changelog
	// Conversion describes how git would convert files when it checks them out into a copy, apart from the tree's
	// own attributes.
	Conversion string

	mu      sync.Mutex
	machine step.Inputs
	common  map[string]*step.Common // by view
}

// Trees makes the trees of an app's repository.
type Trees struct {
	App     *app.App
	Repo    git.Repo
	History func() changelog.History
	Scratch *scratch.Run
	// Notes returns the notes of a plan. A plan that was made by this process contains them.
	Notes func(context.Context, plan.Plan) (changelog.Notes, error)
	// Places returns the folders of the repository; nil means to ask git.
	Places func(context.Context) (git.Places, error)
	// Opened returns a store that is opened once; nil means to open one each time.
	Opened func() (*snapshot.Store, error)
}

// Open opens the store in which the trees are made, or returns that of Opened.
func (t Trees) Open(ctx context.Context) (*snapshot.Store, error) {
	if t.Opened != nil {
		return t.Opened()
	}
	dir, err := t.App.Dist("tree")
	if err != nil {
		return nil, err
	}
	ask := t.Places
	if ask == nil {
		ask = t.Repo.WorkTree().Places
	}
	places, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	store, err := snapshot.Open(t.Repo, places, dir, t.Scratch.DirIn)
	if err == nil {
		store.Pointers = t.App.Config.Build.LFS.Allows
	}
	return store, err
}

// Release makes the tree of a plan.
func (t Trees) Release(ctx context.Context, decided plan.Plan) (*Release, error) {
	now := time.Now().UTC()
	r := &Release{Plan: decided, Stage: t.App.Path(app.DistDir, "source"), Day: now.Format(DayFormat)}
	var err error
	if r.Trees, err = t.Open(ctx); err != nil {
		return nil, err
	}
	if r.Tree, err = t.Of(ctx, r.Trees, decided, now); err != nil {
		return nil, err
	}
	if r.Files, err = r.Trees.Files(ctx, r.Tree); err != nil {
		return nil, err
	}
	r.Plan.Tree = r.Tree.Hash
	r.Conversion, err = r.Trees.Conversion(ctx, r.Files)
	return r, err
}

// Of returns the tree that is released for a plan. If the tag exists, it is the tag's tree, with the version in the
// version files; otherwise, the tree that the target tag would make from the commit on that day. In a changed
// checkout, it includes the changes.
func (t Trees) Of(
	ctx context.Context, trees *snapshot.Store, decided plan.Plan, day time.Time,
) (snapshot.Tree, error) {
	base, err := snapshot.Tree{}, error(nil)
	if decided.Dirty {
		if base, err = trees.Checkout(ctx); err != nil {
			return base, err
		}
	}
	known := t.memo(base, decided, day)
	if tree, ok := known.load(ctx, trees); ok {
		return tree, nil
	}
	if !decided.Dirty {
		if base, err = trees.Commit(ctx, decided.Commit); err != nil {
			return base, err
		}
	}
	if decided.Version == "" {
		return base, nil // nothing could be planned: use the checkout as it is
	}
	edits, err := t.edits(ctx, decided, day)
	if err != nil {
		return snapshot.Tree{}, err
	}
	tree, err := trees.With(ctx, base, edits)
	if err == nil {
		known.save(tree)
	}
	return tree, err
}

// edits returns the changes that the target tag makes to the files of a plan's commit.
func (t Trees) edits(ctx context.Context, decided plan.Plan, day time.Time) ([]snapshot.Edit, error) {
	cut := &tagging.Cut{App: t.App, Repo: t.Repo, Plan: decided}
	if !decided.Tagged {
		notes, err := t.Notes(ctx, decided)
		if err != nil {
			return nil, err
		}
		cut.Describe(notes, t.History(), day)
	}
	return cut.Edits()
}

// memo is a file with the tree that resulted from a base, a plan and the configuration. It is valid while the store
// keeps the tree's objects. The base is the tree of the plan's commit, or of a changed checkout.
type memo string

// memoTime is shorter than the time for which the store keeps objects.
const memoTime = 12 * time.Hour

func (t Trees) memo(base snapshot.Tree, decided plan.Plan, day time.Time) memo {
	decided.Tree, decided.Latest, decided.VersionFiles = "", plan.Latest{}, nil // the tree does not depend on these
	said, err := json.Marshal([]any{base, base.Root(), decided, day.Format(DayFormat),
		t.App.Config.VersionFiles, t.App.Config.Changelog, Program()})
	if err != nil {
		return ""
	}
	return memo(t.App.Path(app.DistDir, "tree", "made", cache.Key(string(said))+".json"))
}

func (m memo) load(ctx context.Context, trees *snapshot.Store) (tree snapshot.Tree, ok bool) {
	info, err := os.Stat(string(m))
	if err != nil || time.Since(info.ModTime()) > memoTime {
		return tree, false
	}
	root, err := os.ReadFile(string(m))
	if err != nil {
		return tree, false
	}
	tree, err = trees.Known(ctx, string(root))
	return tree, err == nil
}

// save stores a tree. Errors are ignored: they only cost time.
func (m memo) save(tree snapshot.Tree) {
	if m != "" && os.MkdirAll(filepath.Dir(string(m)), 0o755) == nil {
		_ = os.WriteFile(string(m), []byte(tree.Root()), 0o644)
	}
}

// Staged writes the tree to the folder that the image is built from.
func (r *Release) Staged(ctx context.Context) error {
	if err := r.Trees.Write(ctx, r.Tree, r.Stage); err != nil {
		return fmt.Errorf("stage the tree that is released: %w", err)
	}
	return nil
}

// Untouched checks that the stage is still what was tested, just before the image is built from it.
func (r *Release) Untouched(ctx context.Context, shown string) error {
	found, err := r.Trees.Compare(ctx, r.Tree, r.Stage)
	if err != nil || len(found) == 0 {
		return err
	}
	names := make([]string, len(found))
	for i, each := range found {
		names[i] = shown + "/" + each.String()
	}
	return errors.New("the image would not be built from what is in git: " + plan.List(names, 5) +
		". Something has written there since it was copied; run it again, and find out what does if it comes back")
}

// ShortTree abbreviates a tree's hash for people.
func ShortTree(hash string) string {
	if hash == "" {
		return "(unknown)"
	}
	return git.Short(hash)
}
