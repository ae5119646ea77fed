package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Dist creates dist/ and the folder of the named file in it, and returns the file's
// absolute path. It makes git ignore dist/.
func (a *App) Dist(elements ...string) (string, error) {
	if err := checkDist(a.Path(DistDir)); err != nil {
		return "", err
	}
	path := a.Path(append([]string{DistDir}, elements...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := os.MkdirAll(a.Path(DistDir), 0o755); err != nil {
		return "", err
	}
	return path, a.Ignore()
}

// Ignore makes git ignore dist/, if it exists. It is called repeatedly, because hidden files are easily lost when
// dist/ is copied between machines.
func (a *App) Ignore() error {
	if err := checkDist(a.Path(DistDir)); err != nil {
		return err
	}
	if !exists(a.Path(DistDir)) || exists(a.Path(DistDir, ".gitignore")) {
		return nil
	}
	return os.WriteFile(a.Path(DistDir, ".gitignore"), []byte("*\n"), 0o644)
}

// checkDist refuses anything but a folder in the place of dist/.
func checkDist(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf(
			"%s is a file, and the pipeline needs a folder of that name for what it makes: move the file away", dir)
	}
	return nil
}

// Save writes a file of dist/ atomically, unless it has that content already.
func (a *App) Save(name string, data []byte) error {
	path, err := a.Dist(name)
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, data) {
		return nil
	}
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// FileName turns the name of a step or a platform into a part of a file name.
func FileName(name string) string {
	return strings.NewReplacer(":", "-", "/", "-", " ", "-").Replace(name)
}
