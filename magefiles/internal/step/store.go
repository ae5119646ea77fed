package step

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Store keeps the results of local steps for one app, in the user's cache, and
// the outputs of each as far as they are small.
type Store struct {
	Cache cache.Dir
	App   string // the app's root, which results belong to
	Dist  string // the folder with outputs
}

// keptResults is how many results of a step are kept.
const keptResults = 5

// keptOutput is the largest output that is kept, in bytes for one step; a larger one is made
// again where it is gone.
const keptOutput = 64 << 20

// Result is what a step left that did its work.
type Result struct {
	Step    string          `json:"step"`
	Key     string          `json:"key"` // of its inputs
	At      time.Time       `json:"at"`  // when it ended
	Took    time.Duration   `json:"took"`
	Commit  string          `json:"commit"` // that it was made for; "" for files that were not committed
	Value   json.RawMessage `json:"value"`  // what the step says of its result, such as findings
	Outputs []Output        `json:"outputs"`
	Kept    bool            `json:"kept"` // whether the outputs are in the store, too
}

// Digest names the result by its outputs and value, for steps that need it.
func (r Result) Digest() string {
	sums := []string{string(r.Value)}
	for _, output := range r.Outputs {
		sums = append(sums, output.Path, output.Mode.String(), output.SHA256)
	}
	return cache.Key(sums...)
}

func (s *Store) folder(step string) string {
	return s.Cache.Path("steps", cache.Key(s.App), cache.Key(step))
}

// find returns the stored result of a step for inputs of a key; nil when there is none.
func (s *Store) find(step, key string) *Result {
	var result Result
	if read(filepath.Join(s.folder(step), key, "result.json"), &result) != nil || result.Key != key {
		return nil
	}
	return &result
}

// last returns the inputs of the newest result of a step; nil when there is none.
func (s *Store) last(step string) Inputs {
	var inputs Inputs
	entries := s.entries(step)
	if len(entries) == 0 || read(filepath.Join(s.folder(step), entries[0], "inputs.json"), &inputs) != nil {
		return nil
	}
	return inputs
}

// entries are the keys of a step's stored results, the newest first.
func (s *Store) entries(step string) []string {
	entries, err := os.ReadDir(s.folder(step))
	if err != nil {
		return nil
	}
	times := map[string]time.Time{}
	var names []string
	for _, entry := range entries {
		if info, err := os.Stat(filepath.Join(s.folder(step), entry.Name(), "result.json")); err == nil {
			times[entry.Name()] = info.ModTime()
			names = append(names, entry.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return times[b].Compare(times[a]) })
	return names
}

// save keeps a result and what it was made from. It is there whole or not at all.
func (s *Store) save(result *Result, inputs Inputs) (err error) {
	folder := s.folder(result.Step)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(folder, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	if result.Kept = size(result.Outputs) <= keptOutput; result.Kept {
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

// prune removes all but the newest results of a step. What can't be removed stays.
func (s *Store) prune(step string) {
	entries := s.entries(step)
	for _, key := range entries[min(keptResults, len(entries)):] {
		_ = os.RemoveAll(filepath.Join(s.folder(step), key))
	}
}

// restore makes the outputs in dist what they were. It is false where one is
// gone or changed and was not kept.
func (s *Store) restore(result *Result) (bool, error) {
	seen := false
	for i := range result.Outputs {
		output := &result.Outputs[i]
		there, checked := output.there(s.Dist)
		seen = seen || checked
		if there {
			continue
		}
		if !result.Kept {
			return false, nil
		}
		kept := filepath.Join(s.folder(result.Step), result.Key, fmt.Sprint(i))
		if err := output.putBack(kept, s.Dist); err != nil {
			return false, fmt.Errorf("restore %s: %w", output.Path, err)
		}
		seen = true
	}
	file := filepath.Join(s.folder(result.Step), result.Key, "result.json")
	if seen {
		return true, write(file, result) // with what was seen of the outputs just now
	}
	now := time.Now()
	return true, os.Chtimes(file, now, now) // it was of use: it is kept
}

// intact tells whether the outputs in dist are what they were, or can be restored.
func (s *Store) intact(result *Result) (bool, string) {
	for i := range result.Outputs {
		if there, _ := result.Outputs[i].there(s.Dist); !there && !result.Kept {
			return false, result.Outputs[i].Path + " in dist is gone or was changed"
		}
	}
	return true, ""
}

func read(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// write writes a file that is there whole or not at all.
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

func copyFile(from, to string, mode os.FileMode) error {
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
