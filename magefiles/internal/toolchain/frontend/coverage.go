package frontend

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Coverage says which source files of the frontend ESLint checks. Its configuration may leave out more than
// intended: files that match no entry are not linted.
type Coverage struct {
	Sources int      `json:"sources"`           // how many source files there are
	Skipped []string `json:"skipped,omitempty"` // those that ESLint does not check, by their paths in the app
}

// sources are the extensions of files that ESLint can lint, alone or with a plugin.
var sources = []string{".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte"}

// ignored is the start of ESLint's message for a file that it was given but does not lint.
const ignored = "File ignored"

// looked reports whether ESLint linted the file.
func (f eslintFile) looked() bool {
	return len(f.Messages) != 1 || f.Messages[0].RuleID != "" || !strings.HasPrefix(f.Messages[0].Message, ignored)
}

// coverage compares the source files below a folder of the app with those that ESLint has linted.
func (t Toolchain) coverage(directory string, linted []eslintFile) (Coverage, error) {
	seen := map[string]bool{}
	for _, file := range linted {
		if file.looked() {
			seen[t.App.Rel(file.FilePath)] = true
		}
	}
	var covered Coverage
	err := filepath.WalkDir(t.App.Path(directory), func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"node_modules", "dist", ".git"}, entry.Name()):
			return fs.SkipDir // it contains no source of the app
		case !entry.Type().IsRegular() || !slices.Contains(sources, path.Ext(entry.Name())):
			return nil
		}
		covered.Sources++
		if name := t.App.Rel(file); !seen[name] {
			covered.Skipped = append(covered.Skipped, name)
		}
		return nil
	})
	return covered, err
}
