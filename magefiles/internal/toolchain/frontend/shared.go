package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// A copy of the app gets its packages from the cache, as pinned by its lock: changes in
// the checkout's own node_modules are not part of a release.

// manifests are the files and folders, by manager, that an installation reads if no package is part of the app
// itself and no script runs (https://docs.npmjs.com/cli/v11/commands/npm-ci, https://pnpm.io/cli/install,
// https://yarnpkg.com/cli/install).
var manifests = map[string][]string{
	"npm":  {"package.json", "package-lock.json", ".npmrc"},
	"pnpm": {"package.json", "pnpm-lock.yaml", ".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs"},
	"yarn": {"package.json", "yarn.lock", ".npmrc", ".yarnrc", ".yarnrc.yml", ".yarn"},
}

// installKey identifies, by content, the files below dir that an installation may read.
func installKey(dir string, of installation) (files []string, key string, err error) {
	files, err = installInputs(dir, of.Manager)
	if err != nil {
		return nil, "", err
	}
	parts := []string{runtime.GOOS, runtime.GOARCH, of.node, fmt.Sprint(of.Manager)}
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, "", err
		}
		parts = append(parts, name, string(unversioned(name, data)))
	}
	return files, cache.Key(parts...), nil
}

// link makes node_modules in a folder of the app a link to installed packages.
func (t Toolchain) link(ctx context.Context, of installation) error {
	dir := t.App.Path(of.directory)
	files, key, err := installKey(dir, of)
	if err != nil {
		return err
	}
	made, err := t.Cache.Make(ctx, "node", key, func(entry string) error {
		if err := copyInto(filepath.Join(entry, "app"), dir, files); err != nil {
			return err
		}
		return t.install(ctx, filepath.Join(entry, "app"), of)
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

// installInputs lists the files below dir that an installation may read: all of them, if a package is part of the
// app itself or a script runs.
func installInputs(dir string, of manager.Manager) ([]string, error) {
	whole, err := readsAll(dir, of)
	if err != nil {
		return nil, err
	}
	if whole {
		return filesBelow(dir, ".")
	}
	var files []string
	for _, name := range manifests[of.Name] {
		found, err := filesBelow(dir, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// filesBelow lists the files in one of dir's folders, without installed packages, or the single file with that
// name.
func filesBelow(dir, name string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(filepath.Join(dir, name), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return filepath.SkipDir
		case !entry.Type().IsRegular(): // such as a link to packages that are installed already
			return nil
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, name)
		return err
	})
	return files, err
}

// lifecycle are the scripts that an installation runs
// (https://docs.npmjs.com/cli/v11/using-npm/scripts#npm-ci; pnpm and yarn run some of them).
var lifecycle = []string{
	"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare",
	"pnpm:devPreinstall",
}

// inApp is what a lock contains, by manager, if a package is in the app itself.
var inApp = map[string][]string{
	"npm":  {`"link": true`, `"file:`},
	"pnpm": {" link:", " file:", "@file:", "patchedDependencies:"},
	"yarn": {"@file:", "@link:", "@portal:", `"file:`, "@./", "@../"},
}

func readsAll(dir string, of manager.Manager) (bool, error) {
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // the manager reports it
	}
	if err != nil {
		return false, err
	}
	var manifest struct {
		Scripts    map[string]string
		Workspaces json.RawMessage
	}
	_ = json.Unmarshal(data, &manifest) // the manager reports it
	lock, err := os.ReadFile(filepath.Join(dir, of.Lock))
	local := manifest.Workspaces != nil ||
		slices.ContainsFunc(inApp[of.Name], func(text string) bool { return bytes.Contains(lock, []byte(text)) }) ||
		slices.ContainsFunc([]string{`"file:`, `"link:`, `"portal:`}, func(text string) bool {
			return bytes.Contains(data, []byte(text))
		})
	if settings, err := os.ReadFile(filepath.Join(dir, "pnpm-workspace.yaml")); of.Name == "pnpm" && err == nil {
		local = local || bytes.Contains(settings, []byte("packages:")) ||
			bytes.Contains(settings, []byte("configDependencies:"))
	}
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
