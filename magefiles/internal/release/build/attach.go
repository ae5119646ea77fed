package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
)

// Attach copies the files that publish.attach names to dist/attached, from the tree that is released and from the
// outputs of the build in dist.
func Attach(place work.Place) (err error) {
	dir, err := place.App.Dist(artifact.AttachedDir)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	taken := map[string]string{}
	for i, pattern := range place.App.Config.Publish.Attach {
		where := fmt.Sprintf("publish.attach[%d]", i)
		files, err := matching(place, pattern)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", where, pattern, err)
		}
		for _, file := range files {
			name := filepath.Base(file)
			if err := app.Attachable(place.App.Config, name); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
			if other := taken[strings.ToLower(name)]; other != "" && other != file {
				return fmt.Errorf("%s: two files are called %s, and a release has one of each name", where, name)
			}
			taken[strings.ToLower(name)] = file
			if err := copyFile(file, filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
	}
	return nil
}

// matching lists the files that match a pattern.
func matching(place work.Place, pattern string) ([]string, error) {
	root := place.Source.Root
	if rest, built := strings.CutPrefix(path.Clean(pattern), app.DistDir+"/"); built {
		root, pattern = place.App.Path(app.DistDir), rest
	}
	found, err := app.Glob(root, path.Clean(pattern))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(file string) bool {
		info, err := os.Stat(file)
		return err == nil && info.IsDir()
	})
	if len(found) == 0 {
		return nil, errors.New("there is no such file")
	}
	return found, nil
}

// copyFile copies a regular file.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return fmt.Errorf("%s is empty, or is not a regular file", filepath.Base(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// moreAttached returns the names of the files in dist/attached, if there are any.
func moreAttached(of *app.App) ([]string, error) {
	if len(of.Config.Publish.Attach) == 0 {
		return nil, nil
	}
	entries, err := os.ReadDir(of.Path(app.DistDir, artifact.AttachedDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the files of publish.attach are not in dist/%s: run build", artifact.AttachedDir)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}
