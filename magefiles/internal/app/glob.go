package app

import (
	"path/filepath"
	"strings"
)

// Glob lists the files and folders below root that match a pattern, whose path has slashes.
// In root itself, * and the like stand for themselves.
func Glob(root, pattern string) ([]string, error) {
	literally := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)
	return filepath.Glob(filepath.Join(literally.Replace(root), filepath.FromSlash(pattern)))
}
