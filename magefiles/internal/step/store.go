package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Store keeps the results of one app's local steps in the user's cache, and their outputs if these are small.
type Store struct {
	Cache cache.Dir
	App   string // the root of the app that the results belong to
	Dist  string // the folder with outputs
}

// keptResults is how many results are kept for each step.
const keptResults = 5

// KeptOutput is the largest total size, in bytes, of a step's outputs that are stored. Larger outputs are made
// again when they are gone.
const KeptOutput = 64 << 20

// Result is the stored result of a step.
type Result struct {
	Step    string          `json:"step"`
	Key     string          `json:"key"` // hash of its inputs
	At      time.Time       `json:"at"`  // when the work ended
	Took    time.Duration   `json:"took"`
	Commit  string          `json:"commit"` // the commit that it was made for; "" for files that were not committed
	Value   json.RawMessage `json:"value"`  // what Make returned, such as findings
	Paths   []string        `json:"paths"`  // below dist: the step's files, and folders that contain nothing else
	Log     string          `json:"log"`    // the one of Paths that is the step's log
	Outputs []Output        `json:"outputs"`
	Kept    bool            `json:"kept"` // whether the outputs are stored too

	checked bool // whether an output had to be read to see that it is unchanged
}

// Digest returns a hash of the outputs and the value, which is an input of the steps that need this one. The log is
// left out: it differs each time, and no other step reads it.
func (r Result) Digest() string {
	sums := []string{string(r.Value)}
	for _, output := range r.Outputs {
		if output.Path == r.Log {
			continue
		}
		sums = append(sums, output.Path, output.Mode.String(), output.SHA256)
	}
	return cache.Key(sums...)
}

func (s *Store) folder(step string) string {
	return s.Cache.Path("steps", cache.Key(s.App), cache.Key(step))
}

// find returns the stored result of a step for the inputs with this key, or nil.
func (s *Store) find(step, key string) *Result {
	var result Result
	if read(filepath.Join(s.folder(step), key, "result.json"), &result) != nil || result.Key != key {
		return nil
	}
	return &result
}

// last returns the inputs of the newest result of a step, or nil.
func (s *Store) last(step string) Inputs {
	var inputs Inputs
	entries := s.entries(step)
	if len(entries) == 0 || read(filepath.Join(s.folder(step), entries[0], "inputs.json"), &inputs) != nil {
		return nil
	}
	return inputs
}

// Took returns how long a step took when it last did its work, or 0 if that is not known.
func (s *Store) Took(step string) time.Duration {
	var result Result
	entries := s.entries(step)
	if len(entries) == 0 || read(filepath.Join(s.folder(step), entries[0], "result.json"), &result) != nil {
		return 0
	}
	return result.Took
}

// entries returns the keys of a step's stored results, the newest first.
func (s *Store) entries(step string) []string {
	entries, err := os.ReadDir(s.folder(step))
	if err != nil {
		return nil
	}
	times := map[string]time.Time{}
	var names []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		if info, err := os.Stat(filepath.Join(s.folder(step), entry.Name(), "result.json")); err == nil {
			times[entry.Name()] = info.ModTime()
			names = append(names, entry.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return times[b].Compare(times[a]) })
	return names
}

// unfinished is the prefix of a folder that is being written. After the time abandoned, its writer is considered
// killed.
const (
	unfinished = "new-"
	abandoned  = time.Hour
)

// lock keeps other runs from making or restoring the outputs of a step. waited reports whether another run held the
// lock.
func (s *Store) lock(ctx context.Context, step string) (unlock func(), waited bool, err error) {
	name := "step-" + cache.Key(s.App, step)
	if unlock, err = s.Cache.TryLock(name); unlock != nil || err != nil {
		return unlock, false, err
	}
	unlock, err = s.Cache.Lock(ctx, name)
	return unlock, true, err
}

// save stores a result with its inputs and outputs, completely or not at all. The caller holds the step's lock.
func (s *Store) save(result *Result, inputs Inputs) (err error) {
	folder := s.folder(result.Step)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	s.introduce()
	aside, err := os.MkdirTemp(folder, unfinished)
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	if result.Kept = size(result.Outputs) <= KeptOutput; result.Kept {
		for i, output := range result.Outputs {
			if err := output.copy(s.Dist, filepath.Join(aside, fmt.Sprint(i))); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(write(filepath.Join(aside, "inputs.json"), inputs.hidden()),
		write(filepath.Join(aside, "result.json"), result)); err != nil {
		return err
	}
	final := filepath.Join(folder, result.Key)
	if err := errors.Join(os.RemoveAll(final), os.Rename(aside, final)); err != nil {
		return err
	}
	s.prune(result.Step)
	return nil
}

// prune removes all but the newest results of a step, and leftovers of killed runs. Errors are ignored.
func (s *Store) prune(step string) {
	results := s.entries(step)
	for _, key := range results[min(keptResults, len(results)):] {
		_ = os.RemoveAll(filepath.Join(s.folder(step), key))
	}
	entries, _ := os.ReadDir(s.folder(step)) // an error means that there are none
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), unfinished) && time.Since(info.ModTime()) > abandoned {
			_ = os.RemoveAll(filepath.Join(s.folder(step), entry.Name()))
		}
	}
}

func read(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// write writes a file atomically.
func write(file string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	aside, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return err
	}
	_, err = aside.Write(data)
	if err := errors.Join(err, aside.Close()); err != nil {
		_ = os.Remove(aside.Name())
		return err
	}
	return os.Rename(aside.Name(), file)
}

// copyFile copies a file, or a symbolic link, and replaces what is there.
func copyFile(from, to string, mode os.FileMode) error {
	if mode&os.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		return errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.Symlink(target, to))
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close(), os.Chmod(to, mode.Perm()))
}
