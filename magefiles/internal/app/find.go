package app

import (
	"errors"
	"fmt"
	"path/filepath"
)

// ErrNoApp means that there is no app in a folder or above it.
var ErrNoApp = errors.New("no app here")

// Find returns the app that dir belongs to: the nearest folder, from dir up to the
// repository's root, with a release.yaml or with the folders backend/ and frontend/.
// Otherwise the error is ErrNoApp.
func Find(dir string) (*App, error) {
	root, err := findRoot(dir)
	if err != nil {
		return nil, err
	}
	config, places, err := loadConfig(root)
	if err != nil {
		return nil, err
	}
	return &App{Root: root, Config: config, places: places}, nil
}

// FindWith is Find with data, the content of a file, instead of release.yaml. A folder that does not look like an
// app is accepted, too.
func FindWith(dir, file string, data []byte) (*App, error) {
	root, err := findRoot(dir)
	if errors.Is(err, ErrNoApp) {
		root, err = filepath.Abs(dir)
	}
	if err != nil {
		return nil, err
	}
	if own, err := filepath.Abs(file); err == nil && own == filepath.Join(root, ConfigFile) {
		return Find(root)
	}
	found, err := (&App{Root: root}).With(file, data)
	if err != nil {
		return nil, err
	}
	found.Elsewhere = file
	return found, nil
}

func findRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for root := start; ; root = filepath.Dir(root) {
		if isRoot(root) {
			return root, nil
		}
		if exists(filepath.Join(root, ".git")) || root == filepath.Dir(root) {
			return "", fmt.Errorf("%w: %s has neither %s nor the folders backend and frontend; "+
				"run this in an app's checkout, run init to write %s, or run rehearse to see a "+
				"release of the bundled sample", ErrNoApp, start, ConfigFile, ConfigFile)
		}
	}
}

// Unmarked returns the nearest folder, from dir up to the root of its git repository,
// with backend/pyproject.toml or frontend/package.json: an app that Find does not
// recognise because it has no release.yaml. It returns "" if there is none, or if dir
// is in no repository.
func Unmarked(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	found := ""
	for ; ; root = filepath.Dir(root) {
		if found == "" &&
			(exists(
				filepath.Join(root, "backend", "pyproject.toml"),
			) || exists(filepath.Join(root, "frontend", "package.json"))) {
			found = root
		}
		if exists(filepath.Join(root, ".git")) {
			return found, nil
		}
		if root == filepath.Dir(root) {
			return "", nil
		}
	}
}

// Default returns an app at root with the default configuration, whatever root
// contains.
func Default(root string) (*App, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	config, err := defaultConfig(Config{})
	return &App{Root: root, Config: config, Foreign: true}, err
}

func isRoot(dir string) bool {
	return exists(filepath.Join(dir, ConfigFile)) ||
		exists(filepath.Join(dir, "backend")) && exists(filepath.Join(dir, "frontend"))
}
