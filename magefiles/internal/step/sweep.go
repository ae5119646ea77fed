package step

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// rootFile, among the results of an app, says where the app is.
const rootFile = "root"

// introduce notes where the app is whose results are kept here. When that is new, the
// results of apps that are gone are removed. What fails is done another time.
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
