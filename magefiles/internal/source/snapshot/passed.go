package snapshot

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Passed records that all checks, all suites and the build succeeded for a tree.
type Passed struct {
	Tag  string `json:"tag"`
	Tree string `json:"tree"`
	// Config is a hash of the configuration, if the tree does not have it.
	Config string    `json:"config,omitempty"`
	Day    string    `json:"day"` // date of the version's section in the changelog, as 2026-05-04
	At     time.Time `json:"at"`
}

// Remember stores in this machine's cache that a tree passed.
func Remember(store cache.Dir, passed Passed) error {
	data, err := json.Marshal(passed)
	if err != nil {
		return err
	}
	file := store.Path("passed", passed.Tag, passed.Tree+passed.Config+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Recall lists the trees of a tag that passed. Records that cannot be read are ignored.
func Recall(store cache.Dir, tag string) []Passed {
	files, _ := filepath.Glob(store.Path("passed", tag, "*.json")) // the pattern is valid
	var list []Passed
	for _, file := range files {
		var passed Passed
		if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &passed) == nil && passed.Tag == tag {
			list = append(list, passed)
		}
	}
	return list
}
