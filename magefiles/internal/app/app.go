// Package app describes the checkout being released: its location, its release.yaml,
// the files that contain its version, and the folder for generated files.
package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// DistDir is the folder, in the app's root, for generated files.
const DistDir = "dist"

// App is a checkout of an application.
type App struct {
	Root    string // absolute path
	Config  Config
	Foreign bool // Root has no app, or one that is not of interest; it is only a git repository
	// Elsewhere is the file that the configuration comes from, if that is not Root's
	// release.yaml.
	Elsewhere string
	// Temporary makes an empty folder inside parent for files that are about to be
	// moved into place, so that a killed run's leftovers can be found later. When it is
	// nil, an ordinary temporary folder is used.
	Temporary func(parent string) (dir string, err error)

	places document // where release.yaml sets each value
}

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

// FindWith is Find with data, the content of a file, in place of release.yaml. A folder
// that does not look like an app is one, too.
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

// Earlier returns an earlier version of the app, which is checked out at root. If that
// version has no readable release.yaml, as why says, today's configuration is used for
// it, without the version files that it lacks.
func (a *App) Earlier(root string) (earlier *App, why string) {
	if _, err := os.Stat(filepath.Join(root, ConfigFile)); err != nil {
		why = "has no " + ConfigFile
	} else if config, places, err := loadConfig(root); err != nil {
		why = "has a " + ConfigFile + " that cannot be read any more (" + strings.ReplaceAll(
			err.Error(),
			"\n",
			"; ",
		) + ")"
	} else {
		return &App{Root: root, Config: config, places: places}, ""
	}
	earlier = &App{Root: root, Config: a.Config, Elsewhere: ConfigPath(a)}
	earlier.Config.VersionFiles = nil
	for _, versionFile := range a.Config.VersionFiles {
		if versionFile.Check(root) == nil {
			earlier.Config.VersionFiles = append(earlier.Config.VersionFiles, versionFile)
		}
	}
	return earlier, why
}

// Where returns the place in the configuration, such as release.yaml:3:5, that sets a key
// such as build.vendor.lock or versionFiles[0].path; "" when the default applies.
func (a *App) Where(key string) string {
	at, ok := a.places.places["$."+key]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", a.places.file, at.Line, at.Column)
}

// WhereStep is Where for a key of a check or suite.
func (a *App) WhereStep(step Step, key string) string {
	return a.Where(strings.TrimPrefix(step.place+"."+key, "$."))
}

// ConfigPath is the absolute path of the file that the configuration of an app comes from,
// or "" if all of it is the default.
func ConfigPath(a *App) string {
	switch own := a.Path(ConfigFile); {
	case a.Elsewhere != "":
		if path, err := filepath.Abs(a.Elsewhere); err == nil {
			return path
		}
		return a.Elsewhere
	case exists(own):
		return own
	}
	return ""
}

// At returns the same app at another root, where a copy of it is.
func (a *App) At(root string) *App {
	copied := *a
	copied.Root = root
	return &copied
}

func isRoot(dir string) bool {
	return exists(filepath.Join(dir, ConfigFile)) ||
		exists(filepath.Join(dir, "backend")) && exists(filepath.Join(dir, "frontend"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Path returns the absolute path of a slash-separated path in the app.
func (a *App) Path(elements ...string) string {
	path := a.Root
	for _, element := range elements {
		path = filepath.Join(path, filepath.FromSlash(element))
	}
	return path
}

// Rel shortens an absolute path in the app to one relative to its root, and
// leaves any other as it is.
func (a *App) Rel(path string) string {
	rel, err := filepath.Rel(a.Root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return filepath.ToSlash(rel)
}

// Real resolves the symbolic links in a path of the app: it returns the file that a
// write would change, relative to the root. A missing path is returned as it is; a link
// that leads out of the app is an error.
func (a *App) Real(file string) (string, error) {
	_, rel, err := resolve(a.Root, file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	return filepath.ToSlash(rel), err
}

// resolve returns the real file of a path below root, and its path relative to the
// root.
func resolve(root, file string) (path, rel string, err error) {
	if path, err = filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(file))); err != nil {
		return "", "", err
	}
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", "", err
	}
	if rel, err = filepath.Rel(top, path); err != nil || !filepath.IsLocal(rel) {
		return "", "", fmt.Errorf("it is a symbolic link to %s, outside of the app", path)
	}
	return path, rel, nil
}

// Dist creates dist/ and the folder of the named file in it, and returns the file's
// absolute path. It makes git ignore dist/.
func (a *App) Dist(elements ...string) (string, error) {
	path := a.Path(append([]string{DistDir}, elements...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := os.MkdirAll(a.Path(DistDir), 0o755); err != nil {
		return "", err
	}
	return path, a.Ignore()
}

// Ignore makes git ignore dist/, if it exists. It repeats that when needed, since
// hidden files are easily lost when dist/ is copied between machines.
func (a *App) Ignore() error {
	if !exists(a.Path(DistDir)) || exists(a.Path(DistDir, ".gitignore")) {
		return nil
	}
	return os.WriteFile(a.Path(DistDir, ".gitignore"), []byte("*\n"), 0o644)
}

// Within reports whether a file matches one of the patterns or is in a folder that
// matches one. * stands for any name (path.Match).
func Within(file string, patterns []string) bool {
	parts := strings.Split(file, "/")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = path.Clean(pattern)
		if pattern == "." {
			return true
		}
		depth := strings.Count(pattern, "/") + 1
		if depth > len(parts) {
			return false
		}
		matched, err := path.Match(pattern, strings.Join(parts[:depth], "/"))
		return err == nil && matched
	})
}

// Save writes a file of dist/ atomically.
func (a *App) Save(name string, data []byte) error {
	path, err := a.Dist(name)
	if err != nil {
		return err
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

// Check returns the check of that name.
func (a *App) Check(name string) (Step, error) { return find(a.Config.Checks, "check", name) }

// Suite returns the suite of that name.
func (a *App) Suite(name string) (Step, error) { return find(a.Config.Suites, "suite", name) }

func find(steps []Step, what, name string) (Step, error) {
	for _, step := range steps {
		if step.Name == name {
			return step, nil
		}
	}
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = step.Name
	}
	return Step{}, fmt.Errorf("this app has no %s called %q; it has %s", what, name, strings.Join(names, ", "))
}
