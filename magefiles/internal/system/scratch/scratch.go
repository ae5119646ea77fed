// Package scratch keeps what one run of the pipeline makes and removes again:
// temporary folders, and containers, volumes and images in a container engine.
//
// A run that is killed removes nothing, so each run has a folder of its own
// that is locked while the run lives and that lists what it made elsewhere.
// The next run, of whatever target, removes what unlocked folders list. The
// kernel releases a lock when its process dies, however it does; what belongs
// to a run that still lives is left alone.
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
	journalName = "made"  // the file in a run's folder that lists what it made elsewhere
	outside     = "odin-" // begins the name of each folder outside of the run's own
)

// Kinds of things that a run makes outside of its folder.
const (
	kindFolder = "folder" // its path
	kindEngine = "engine" // a variable that names the engine, as KEY=VALUE; "" when an engine is used at all
	kindImage  = "image"  // its reference
)

// made is a line of the journal.
type made struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Run is one run of the pipeline. It can be used by several goroutines at once.
type Run struct {
	root string // the folder with the folders of all runs
	warn func(format string, args ...any)

	engine sync.Once // the first use of the container engine
	mu     sync.Mutex
	dir    string   // its own folder, "" as long as nothing was made
	lock   *os.File // the same, open and locked
}

// New is a run whose folder is made below root when it is needed. warn is told
// what an earlier run left that cannot be removed.
func New(root string, warn func(format string, args ...any)) *Run {
	return &Run{root: root, warn: warn}
}

// Dir makes an empty folder whose name begins with name. Close removes it.
func (r *Run) Dir(name string) (string, error) {
	own, err := r.own()
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(own, name+"-")
}

// DirIn makes an empty folder in another one, for what has to be on that file
// system or has to have a short path: that of a socket has 103 bytes at most. Its caller removes it.
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

// Image notes the reference of an image that is about to be pulled and that the
// engine did not have.
func (r *Run) Image(reference string) error { return r.note(kindImage, reference) }

// Close removes the run's own folder. It is for the end of the run, when all
// else is removed.
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

// own is the run's folder, made and locked.
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
		if lock != nil { // else another run took it for a dead one's
			r.dir, r.lock = dir, lock
			return dir, nil
		}
	}
}

// note adds to the journal, before the thing is made.
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

// locked opens and locks a folder; nil when somebody else has it, or when it is gone.
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
