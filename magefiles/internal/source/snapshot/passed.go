package snapshot

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Passed says that all checks, all suites and the build went well for a tree.
type Passed struct {
	Tag  string    `json:"tag"`
	Tree string    `json:"tree"`
	Day  string    `json:"day"` // that the changelog's section of the version has, as 2026-05-04
	At   time.Time `json:"at"`
}

// Remember keeps that a tree passed, in the cache of this machine.
func Remember(store cache.Dir, passed Passed) error {
	data, err := json.Marshal(passed)
	if err != nil {
		return err
	}
	file := store.Path("passed", passed.Tag, passed.Tree+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Recall lists the trees of a tag that passed. What can't be read did not pass.
func Recall(store cache.Dir, tag string) []Passed {
	files, _ := filepath.Glob(store.Path("passed", tag, "*.json")) // the pattern is a good one
	var list []Passed
	for _, file := range files {
		var passed Passed
		if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &passed) == nil && passed.Tag == tag {
			list = append(list, passed)
		}
	}
	return list
}
