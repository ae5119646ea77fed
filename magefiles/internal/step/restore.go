package step

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// kept returns the path of the stored copy of an output.
func (s *Store) kept(result *Result, output int) string {
	return filepath.Join(s.folder(result.Step), result.Key, fmt.Sprint(output))
}

// intact reports whether the outputs in dist are unchanged, or can be restored. If not, it says why.
func (s *Store) intact(result *Result) (bool, string) {
	for i := range result.Outputs {
		output := &result.Outputs[i]
		there, checked := output.there(s.Dist)
		result.checked = result.checked || checked
		switch {
		case there:
		case !result.Kept:
			return false, output.Path + " in dist is gone or was changed"
		case !output.is(s.kept(result, i)):
			return false, output.Path + " in dist is gone or was changed, and so is its copy in the cache"
		}
	}
	return true, ""
}

// unchanged reports whether the outputs in dist are unchanged.
func (s *Store) unchanged(result *Result) bool {
	for i := range result.Outputs {
		if there, _ := result.Outputs[i].there(s.Dist); !there {
			return false
		}
	}
	extra, err := s.extra(result)
	return err == nil && len(extra) == 0
}

// extra returns the files in the step's output paths that are not among its outputs.
func (s *Store) extra(result *Result) ([]string, error) {
	found, err := list(s.Dist, result.Paths)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(result.Outputs))
	for _, output := range result.Outputs {
		known[output.Path] = true
	}
	var extra []string
	for _, file := range found {
		if !known[file] {
			extra = append(extra, file)
		}
	}
	return extra, nil
}

// restore restores the outputs in dist: it removes other files from the output paths, and replaces what was deleted
// or changed. The caller holds the step's lock.
func (s *Store) restore(result *Result) error {
	extra, err := s.extra(result)
	if err != nil {
		return err
	}
	for _, file := range extra {
		if err := os.RemoveAll(filepath.Join(s.Dist, filepath.FromSlash(file))); err != nil {
			return err
		}
	}
	for i := range result.Outputs {
		if err := s.restoreOutput(result, i); err != nil {
			return fmt.Errorf("restore %s: %w", result.Outputs[i].Path, err)
		}
	}
	// Mark the result as used, and store the new stamps of its outputs. Errors are ignored: they only mean that the
	// outputs are read again.
	file := filepath.Join(s.folder(result.Step), result.Key, "result.json")
	if result.checked {
		_ = write(file, result)
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(file, now, now)
	return nil
}

func (s *Store) restoreOutput(result *Result, i int) error {
	there, checked := result.Outputs[i].there(s.Dist)
	result.checked = result.checked || checked || !there
	switch {
	case there:
		return nil
	case !result.Kept:
		return fmt.Errorf("it was changed meanwhile, and no copy of it is kept")
	}
	return result.Outputs[i].putBack(s.kept(result, i), s.Dist)
}
