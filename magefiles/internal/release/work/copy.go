package work

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// Copies makes copies of the tree that is released, in which tools and the app's own code may write anything. Steps
// that run at the same time share the copy of a view; it is removed when the last of them has ended.
type Copies struct {
	Place Place

	mu   sync.Mutex
	open map[string]*shared
}

// shared is a copy, with the number of steps that work on it.
type shared struct {
	ready     sync.Once
	workspace *snapshot.Workspace
	root      string
	err       error
	users     int
}

// In calls its function with a copy of a view of the tree. The output of the tools there goes to out.
func (c *Copies) In(
	ctx context.Context,
	r *Release,
	view snapshot.View,
	out io.Writer,
	work func(Place) error,
) (err error) {
	key := fmt.Sprint(r.Tree.Hash, view)
	copied := c.join(key)
	defer func() { err = errors.Join(err, c.leave(key, copied)) }()
	copied.ready.Do(func() { copied.err = c.make(ctx, copied, r, view) })
	if copied.err != nil {
		return copied.err
	}
	return work(c.Place.At(copied.root, out))
}

func (c *Copies) join(key string) *shared {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]*shared{}
	}
	if c.open[key] == nil {
		c.open[key] = &shared{}
	}
	c.open[key].users++
	return c.open[key]
}

func (c *Copies) leave(key string, copied *shared) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if copied.users--; copied.users > 0 {
		return nil
	}
	delete(c.open, key)
	if copied.workspace == nil {
		return nil
	}
	return copied.workspace.Close()
}

func (c *Copies) make(ctx context.Context, copied *shared, r *Release, view snapshot.View) error {
	name := viewName(view)
	workspace, err := snapshot.OpenWorkspace(c.Place.Backend.Cache, c.Place.App.Root+"\n"+name)
	if err != nil {
		return err
	}
	copied.workspace = workspace
	at := snapshot.Release{
		Parent: r.Plan.Commit, Text: changelog.ReleaseSubject + r.Plan.Version, Time: r.Plan.CommitTime,
	}
	if !r.Plan.Tagged {
		at.Tag = r.Plan.Tag
	}
	if copied.root, err = r.Trees.Copy(ctx, r.Tree, view, workspace.Path(name), at); err != nil {
		return fmt.Errorf("copy the tree that is released: %w", err)
	}
	return c.Place.Backend.Forget(copied.root)
}

// viewName returns a folder name that is the same for each copy of a view, because tools store what they know about
// a folder under its path.
func viewName(view snapshot.View) string {
	name := "tree"
	if view.Nothing {
		name = "nothing"
	}
	if len(view.Without) > 0 {
		name = "without-" + strings.NewReplacer("/", "-", ".", "-").Replace(strings.Join(view.Without, "-"))
	}
	if view.History {
		name += "-git"
	}
	return name
}

func parent(root string) string { return filepath.Dir(root) }
