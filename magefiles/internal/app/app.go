// Package app describes the checkout being released: its location, its release.yaml,
// the files that contain its version, and the folder for generated files.
package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// DistDir is the folder, in the app's root, for generated files.
const DistDir = "dist"

// App is a checkout of an application.
type App struct {
	Root    string // absolute path
	Config  Config
	Foreign bool // whether Root is only treated as a git repository: it has no app, or its app does not matter
	// Elsewhere is the file with the configuration, if that is not Root's release.yaml.
	Elsewhere string
	// Temporary makes an empty folder inside parent for files that are about to be
	// moved into place, so that a killed run's leftovers can be found later. When it is
	// nil, an ordinary temporary folder is used.
	Temporary func(parent string) (dir string, err error)

	places document // where release.yaml sets each value
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

// ConfigPath returns the absolute path of the file with the configuration of an app, or "" if all of it is the
// default.
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
