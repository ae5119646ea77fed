// Package manager knows the package managers of Node.js: which one a lock belongs to, which version to run, and
// what the lock contains. It runs nothing.
package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Manager is the package manager of an app.
type Manager struct {
	Name string // npm, pnpm or yarn
	Lock string // the name of its lock
	// Berry means yarn 2 or later, whose lock and options are different.
	Berry bool
	// Source is where the manager comes from; the zero value for npm, which comes with Node.js.
	Source Source
}

// Source is where a version of a manager comes from: a package of the npm registry.
type Source struct {
	Name, Version string
	Integrity     string // of its archive, as the registry writes it, if the pipeline pins this version
	Hash          string // in package.json, as algorithm.hexadecimal; may be ""
	Hashed        string // the file of the package that Hash is for; "" means its archive
}

// Problem is why the packages of an app cannot be installed, and the command or line that fixes it.
type Problem struct{ What, Fix string }

// Err returns the problem as an error.
func (p *Problem) Err() error { return errors.New(p.What + "; to correct it: " + p.Fix) }

// Read returns the content of a file in the folder of package.json, nil if there is none.
type Read func(name string) []byte

// locks are the names of locks, with their managers.
var locks = []struct{ file, manager string }{
	{"package-lock.json", "npm"}, {"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"},
	{"bun.lock", "bun"}, {"bun.lockb", "bun"},
}

// Of returns the manager whose lock has this file name, or "".
func Of(file string) string {
	for _, each := range locks {
		if path.Base(file) == each.file {
			return each.manager
		}
	}
	return ""
}

// Locks returns the names of all locks.
func Locks() []string {
	var names []string
	for _, each := range locks {
		names = append(names, each.file)
	}
	return names
}

// named matches the value of packageManager in package.json (https://nodejs.org/api/packages.html#packagemanager).
var named = pattern.Lazy(`^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+[0-9A-Za-z.-]*)(?:\+(sha\d+\.[0-9a-f]+))?$`)

// Choose returns the manager of an app by its lock, in the version that package.json names, or else in the version
// that the pipeline pins. dir is the folder, for errors. Without a lock, it is the manager that package.json names,
// or else npm.
func Choose(dir string, read Read) (Manager, *Problem) {
	name, version, hash, problem := wanted(dir, read)
	if problem != nil {
		return Manager{}, problem
	}
	found := candidates(name, read)
	if len(found) > 1 {
		return Manager{}, &Problem{dir + " has several locks: " + strings.Join(found, ", "),
			"delete all but the one of the package manager that the app uses"}
	}
	if len(found) == 0 {
		return Manager{Name: "npm", Lock: "package-lock.json"}, nil
	}
	lock := found[0]
	switch {
	case Of(lock) == "bun":
		return Manager{}, &Problem{path.Join(dir, lock) + " is a lock of bun, which is not supported",
			"install with npm, pnpm or yarn, and commit its lock instead"}
	case name != "" && name != Of(lock):
		return Manager{}, &Problem{fmt.Sprintf("%s names %s in packageManager, but the lock is %s",
			path.Join(dir, "package.json"), name, lock), "delete the one that the app does not use"}
	}
	return chosen(dir, lock, version, hash, read)
}

// candidates returns the existing locks. If there are several, it returns that of the manager in package.json; if
// there are none, the name of that manager's lock.
func candidates(name string, read Read) []string {
	var found, own []string
	for _, each := range locks {
		switch exists := read(each.file) != nil; {
		case exists && each.manager == name:
			return []string{each.file}
		case exists:
			found = append(found, each.file)
		case each.manager == name:
			own = append(own, each.file)
		}
	}
	if len(found) == 0 && len(own) > 0 {
		return own[:1]
	}
	return found
}

// wanted returns the manager that package.json names.
func wanted(dir string, read Read) (name, version, hash string, problem *Problem) {
	var manifest struct{ PackageManager string }
	_ = json.Unmarshal(read("package.json"), &manifest) // the manager reports it
	if manifest.PackageManager == "" {
		return "", "", "", nil
	}
	match := named().FindStringSubmatch(manifest.PackageManager)
	if match == nil {
		return "", "", "", &Problem{
			fmt.Sprintf("packageManager in %s is %q", path.Join(dir, "package.json"), manifest.PackageManager),
			"name one version, such as pnpm@" + pins["pnpm"].Version,
		}
	}
	return match[1], match[2], match[3], nil
}

// chosen returns the manager of a lock in a version; "" is the pipeline's own.
func chosen(dir, lock, version, hash string, read Read) (Manager, *Problem) {
	m := Manager{Name: Of(lock), Lock: lock}
	pin := m.Name
	switch m.Name {
	case "npm":
		return m, nil
	case "pnpm":
		pin = pnpmPin(read(lock))
	case "yarn":
		if pin, m.Berry = yarnPin(read(lock), version); m.Berry {
			if problem := plugAndPlay(dir, read); problem != nil {
				return Manager{}, problem
			}
		}
	}
	if version == "" && pins[pin].Name == "" {
		return Manager{}, &Problem{
			fmt.Sprintf("%s has a format that no version of %s here reads", path.Join(dir, lock), m.Name),
			fmt.Sprintf(`name the version in %s, as in "packageManager": "%s@%s"`,
				path.Join(dir, "package.json"), m.Name, pins[m.Name].Version),
		}
	}
	m.Source = source(m, version, hash)
	if version == "" {
		m.Source = pins[pin]
	}
	return m, nil
}

// source returns where the version of a manager in package.json comes from.
func source(m Manager, version, hash string) Source {
	from := Source{Name: m.Name, Version: version, Hash: hash}
	if m.Berry {
		from.Name, from.Hashed = "@yarnpkg/cli-dist", "bin/yarn.js"
	}
	for _, pin := range pins {
		if pin.Name == from.Name && pin.Version == version {
			from.Integrity = pin.Integrity
		}
	}
	return from
}

// plugAndPlay refuses yarn's Plug'n'Play, which makes no node_modules.
func plugAndPlay(dir string, read Read) *Problem {
	var settings struct {
		NodeLinker string `yaml:"nodeLinker"`
	}
	file := path.Join(dir, ".yarnrc.yml")
	if err := yaml.Unmarshal(read(".yarnrc.yml"), &settings); err != nil {
		return &Problem{file + " cannot be read: " + err.Error(), "correct it"}
	}
	if settings.NodeLinker == "node-modules" || settings.NodeLinker == "pnpm" {
		return nil
	}
	return &Problem{"yarn makes no node_modules in " + dir + " (Plug'n'Play), and the tools are started from there",
		"echo 'nodeLinker: node-modules' >> " + file + ", and install again"}
}

// Install returns the command that installs packages in a folder, and updates the lock.
func (m Manager) Install(dir string) string {
	switch m.Name {
	case "pnpm":
		return "pnpm --dir " + dir + " install"
	case "yarn":
		return "yarn --cwd " + dir + " install"
	}
	return "npm install --prefix " + dir
}

// Add returns the command that puts a development dependency of a folder into its lock. Where
// its package.json lists the dependency already, that is an installation.
func (m Manager) Add(dir, name string, packageJSON []byte) string {
	var file manifest
	if json.Unmarshal(packageJSON, &file) == nil && file.lists(name) {
		return m.Install(dir)
	}
	switch m.Name {
	case "pnpm":
		return "pnpm --dir " + dir + " add --save-dev " + name
	case "yarn":
		return "yarn --cwd " + dir + " add --dev " + name
	}
	return m.Install(dir) + " --save-dev " + name
}
