package step

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// rootFile is the name of a file, stored with an app's results, that contains the app's path.
const rootFile = "root"

// introduce stores the app's path with its results. When it does so for the first time, it also removes the results
// of apps that no longer exist. Errors are ignored: the next app tries again.
func (s *Store) introduce() {
	note := s.Cache.Path("steps", cache.Key(s.App), rootFile)
	if _, err := os.Stat(note); err == nil {
		return
	}
	_ = os.WriteFile(note, []byte(s.App), 0o644)
	apps, _ := os.ReadDir(s.Cache.Path("steps"))
	for _, app := range apps {
		folder := s.Cache.Path("steps", app.Name())
		root, err := os.ReadFile(filepath.Join(folder, rootFile))
		if err != nil {
			continue
		}
		if _, err := os.Stat(string(root)); string(root) != s.App && errors.Is(err, fs.ErrNotExist) {
			_ = os.RemoveAll(folder)
		}
	}
}
