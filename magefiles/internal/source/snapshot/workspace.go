package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Workspace is a folder for the copies that tools work on. One process at a time has it. What was kept for a folder
// of the same name before, such as an environment that an app is installed into, is of use again.
type Workspace struct {
	dir    string
	unlock func()
}

// slots are how many processes may work on the same app at once.
const slots = 16

// OpenWorkspace takes the first workspace for the app at root that nobody else has, outside of the app: what tools
// find in a folder above, an ignored dist say, would change what they do.
func OpenWorkspace(store cache.Dir, root string) (*Workspace, error) {
	for slot := range slots {
		name := fmt.Sprintf("%s-%d", cache.Key(root), slot)
		unlock, err := store.TryLock("work-" + name)
		if err != nil {
			return nil, err
		}
		if unlock != nil {
			w := &Workspace{store.Path("work", name), unlock}
			return w, os.RemoveAll(w.dir) // what a process that was killed left
		}
	}
	return nil, fmt.Errorf("%d other runs work on %s: wait until one of them has ended", slots, root)
}

// RemoveLeft removes the copies in workspaces that nobody has: what killed
// processes left, for whatever app.
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

// Path is the folder for a copy, by its name.
func (w *Workspace) Path(name string) string { return filepath.Join(w.dir, name) }

// Close removes all copies, and lets another process have the workspace.
func (w *Workspace) Close() error {
	defer w.unlock()
	return os.RemoveAll(w.dir)
}
