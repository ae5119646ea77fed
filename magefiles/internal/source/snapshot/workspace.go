package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Workspace is a folder for the copies that tools work on. One process at a time uses
// it. A folder name is reused, so that caches for it, such as an environment that an
// app is installed into, can be reused too.
type Workspace struct {
	dir    string
	unlock func()
}

// slots is how many processes may work on the same app concurrently.
const slots = 16

// OpenWorkspace takes the first free workspace for the app at root. It is outside of
// the app, since tools look for configuration in parent folders, such as an ignored
// dist/.
func OpenWorkspace(store cache.Dir, root string) (*Workspace, error) {
	for slot := range slots {
		name := fmt.Sprintf("%s-%d", cache.Key(root), slot)
		unlock, err := store.TryLock("work-" + name)
		if err != nil {
			return nil, err
		}
		if unlock != nil {
			w := &Workspace{store.Path("work", name), unlock}
			return w, os.RemoveAll(w.dir) // leftovers of a killed process
		}
	}
	return nil, fmt.Errorf("%d other runs use %s: wait until one of them has finished", slots, root)
}

// RemoveLeft removes the copies in unused workspaces: the leftovers of killed
// processes, for any app.
func RemoveLeft(store cache.Dir) error {
	entries, err := os.ReadDir(store.Path("work"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	problems := []error{err}
	for _, entry := range entries {
		unlock, err := store.TryLock("work-" + entry.Name())
		problems = append(problems, err)
		if unlock != nil {
			problems = append(problems, os.RemoveAll(store.Path("work", entry.Name())))
			unlock()
		}
	}
	return errors.Join(problems...)
}

// Path returns the folder of the copy with this name.
func (w *Workspace) Path(name string) string { return filepath.Join(w.dir, name) }

// Close removes all copies and releases the workspace.
func (w *Workspace) Close() error {
	defer w.unlock()
	return os.RemoveAll(w.dir)
}
