package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// A copy of the app gets its packages from the cache, as pinned by package-lock.json:
// changes in the checkout's own node_modules are not part of a release.

// manifests are the files that npm ci reads when no package is in the app itself and no
// script runs (https://docs.npmjs.com/cli/v11/commands/npm-ci).
var manifests = []string{"package.json", "package-lock.json", ".npmrc"}

// installKey identifies, by content, the files below dir that npm ci may read.
func installKey(dir, node string) (files []string, key string, err error) {
	files, err = installInputs(dir)
	if err != nil {
		return nil, "", err
	}
	parts := []string{runtime.GOOS, runtime.GOARCH, node}
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, "", err
		}
		parts = append(parts, name, string(unversioned(name, data)))
	}
	return files, cache.Key(parts...), nil
}

// link makes node_modules of a folder of the app a link to installed packages.
func (t Toolchain) link(ctx context.Context, target, directory, node string, env []string) error {
	dir := t.App.Path(directory)
	files, key, err := installKey(dir, node)
	if err != nil {
		return err
	}
	made, err := t.Cache.Make(ctx, "node", key, func(entry string) error {
		if err := copyInto(filepath.Join(entry, "app"), dir, files); err != nil {
			return err
		}
		return t.npmCI(ctx, target, filepath.Join(entry, "app"), directory, env)
	})
	if err != nil {
		return err
	}
	modules, link := filepath.Join(made, "app", "node_modules"), filepath.Join(dir, "node_modules")
	if to, err := os.Readlink(link); err == nil && to == modules {
		return nil
	}
	return errors.Join(os.RemoveAll(link), os.Symlink(modules, link))
}

// installInputs lists the files below dir that npm ci may read: all, if a package is in
// the app itself or a script runs.
func installInputs(dir string) ([]string, error) {
	whole, err := readsAll(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	if !whole {
		for _, name := range manifests {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				files = append(files, name)
			}
		}
		return files, nil
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, name)
		return err
	})
	return files, err
}

// lifecycle are the scripts that npm ci runs (https://docs.npmjs.com/cli/v11/using-npm/scripts#npm-ci).
var lifecycle = []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}

func readsAll(dir string) (bool, error) {
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // npm reports it
	}
	if err != nil {
		return false, err
	}
	var manifest struct {
		Scripts    map[string]string
		Workspaces json.RawMessage
	}
	_ = json.Unmarshal(data, &manifest) // npm reports it
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	local := bytes.Contains(lock, []byte(`"link": true`)) || bytes.Contains(lock, []byte(`"file:`)) ||
		bytes.Contains(data, []byte(`"file:`)) || manifest.Workspaces != nil
	return local || slices.ContainsFunc(lifecycle, func(name string) bool { return manifest.Scripts[name] != "" }), err
}

// unversioned returns a manifest without the app's version: it changes with each
// release, but the packages do not.
func unversioned(name string, data []byte) []byte {
	var document map[string]any
	if filepath.Ext(name) != ".json" || json.Unmarshal(data, &document) != nil {
		return data
	}
	delete(document, "version")
	if packages, ok := document["packages"].(map[string]any); ok {
		if own, ok := packages[""].(map[string]any); ok {
			delete(own, "version")
		}
	}
	without, err := json.Marshal(document)
	if err != nil {
		return data
	}
	return without
}

func copyInto(to, from string, files []string) error {
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(from, name))
		if err != nil {
			return err
		}
		file := filepath.Join(to, name)
		if err := errors.Join(
			os.MkdirAll(filepath.Dir(file), 0o755),
			os.WriteFile(file, data, info.Mode().Perm()),
		); err != nil {
			return err
		}
	}
	return nil
}
