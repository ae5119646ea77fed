// Package scratch tracks what a run of the pipeline creates and removes again:
// temporary folders, and containers, volumes and images in a container engine.
//
// A killed run removes nothing. So each run has its own folder, which is locked
// while the run is alive and which lists what the run created elsewhere. The next
// run, of any target, removes what unlocked folders list. The kernel releases a
// lock whenever its process ends; what belongs to a live run is left alone.
package scratch

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

const (
	journalName = "made"  // the file in a run's folder that lists what it created elsewhere
	outside     = "odin-" // prefix of the names of folders outside of the run's own
)

// Kinds of objects that a run creates outside of its folder.
const (
	kindFolder = "folder" // its path
	kindEngine = "engine" // a variable that selects the engine, as KEY=VALUE; "" if any engine is used
	kindImage  = "image"  // its reference
)

// made is a line of the journal.
type made struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Run is one run of the pipeline. It is safe for concurrent use.
type Run struct {
	root string // the folder with the folders of all runs
	warn func(format string, args ...any)

	engine sync.Once // the first use of the container engine
	mu     sync.Mutex
	dir    string   // its own folder, "" until something is created
	lock   *os.File // the folder, open and locked
}

// New returns a run whose folder is created below root when it is needed. warn is
// called for leftovers of earlier runs that cannot be removed.
func New(root string, warn func(format string, args ...any)) *Run {
	return &Run{root: root, warn: warn}
}

// Dir creates an empty folder whose name starts with name. Close removes it.
func (r *Run) Dir(name string) (string, error) {
	own, err := r.own()
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(own, name+"-")
}

// DirIn creates an empty folder in another one, for files that must be on that file
// system or need a short path: a socket's path has at most 103 bytes. The caller
// removes it.
func (r *Run) DirIn(parent string) (string, error) {
	path, err := filepath.Abs(filepath.Join(parent, outside+strings.ToLower(rand.Text()[:10])))
	if err != nil {
		return "", err
	}
	if err := r.note(kindFolder, path); err != nil {
		return "", err
	}
	return path, os.Mkdir(path, 0o700)
}

// Image records the reference of an image that is about to be pulled and that the
// engine did not have.
func (r *Run) Image(reference string) error { return r.note(kindImage, reference) }

// Close removes the run's own folder. Call it when everything else has been removed.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dir == "" {
		return nil
	}
	err := errors.Join(os.RemoveAll(r.dir), r.lock.Close())
	r.dir, r.lock = "", nil
	return err
}

// own returns the run's folder, created and locked.
func (r *Run) own() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dir != "" {
		return r.dir, nil
	}
	if err := os.MkdirAll(r.root, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for temporary files: %w", err)
	}
	for {
		dir, err := os.MkdirTemp(r.root, "")
		if err != nil {
			return "", fmt.Errorf("make a folder for temporary files: %w", err)
		}
		lock, err := locked(dir)
		if err != nil {
			return "", err
		}
		if lock != nil { // else another run would consider it dead
			r.dir, r.lock = dir, lock
			return dir, nil
		}
	}
}

// note adds to the journal, before the object is created.
func (r *Run) note(kind, name string) error {
	own, err := r.own()
	if err != nil {
		return err
	}
	line, err := json.Marshal(made{kind, name})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(own, journalName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

// locked opens and locks a folder. It returns nil if another run has locked it, or if it no longer exists.
func locked(dir string) (*os.File, error) {
	file, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	mine, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if there, err := os.Stat(dir); err != nil || !os.SameFile(mine, there) {
		return nil, file.Close()
	}
	return file, nil
}
