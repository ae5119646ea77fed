package backend

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// uvLock is the part of uv.lock that says what a project installs
// (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile).
type uvLock struct {
	Package []uvPackage
}

type uvPackage struct {
	Name, Version        string
	Source               map[string]any
	Dependencies         []uvDependency
	OptionalDependencies map[string][]uvDependency `toml:"optional-dependencies"`
	Sdist                lockedFile
	Wheels               []lockedFile
}

// lockedFile is a file that may be installed, in the lock of a project.
type lockedFile struct{ Hash string }

// sumsOf returns the SHA-256 of files in a lock, in hexadecimal.
func sumsOf(files []lockedFile) []string {
	var sums []string
	for _, file := range files {
		if sum, is := strings.CutPrefix(file.Hash, "sha256:"); is {
			sums = append(sums, sum)
		}
	}
	return sums
}

type uvDependency struct{ Name, Version string }

// local reports whether a package is a project of the workspace or a folder, not a
// distribution.
func (p uvPackage) local() bool {
	for _, kind := range []string{"virtual", "editable", "directory"} {
		if _, is := p.Source[kind]; is {
			return true
		}
	}
	return false
}

// uvPackages lists what the projects of a uv.lock need, including their extras. What only dependency groups need is
// for development, and is listed as omitted.
func uvPackages(file string, data []byte) (packages []sbom.Package, omitted []string, err error) {
	var lock uvLock
	if err := toml.Unmarshal(data, &lock); err != nil {
		return nil, nil, fmt.Errorf("read what %s pins: %w", file, err)
	}
	needed, development := lock.needed(), 0
	for _, each := range lock.Package {
		switch {
		case each.local() || each.Version == "":
		case needed[uvDependency{each.Name, each.Version}]:
			packages = append(packages, sbom.Package{
				Type: "pypi", Name: normalised(each.Name), Version: each.Version,
				SHA256: sumsOf(append(each.Wheels, each.Sdist)),
			})
		default:
			development++
		}
	}
	if development > 0 {
		omitted = append(omitted, fmt.Sprintf("%s: %d packages that development groups alone need", file, development))
	}
	return packages, omitted, nil
}

// needed returns the packages that the projects of a lock depend on or, without
// projects, everything in it.
func (l uvLock) needed() map[uvDependency]bool {
	byName := map[string][]uvPackage{}
	var all, ahead []uvDependency
	for _, each := range l.Package {
		this := uvDependency{each.Name, each.Version}
		byName[each.Name] = append(byName[each.Name], each)
		all = append(all, this)
		if each.local() {
			ahead = append(ahead, this)
		}
	}
	if len(ahead) == 0 {
		ahead = all
	}
	seen := map[uvDependency]bool{}
	for len(ahead) > 0 {
		next := ahead[0]
		ahead = ahead[1:]
		for _, each := range byName[next.Name] {
			this := uvDependency{each.Name, each.Version}
			if seen[this] || next.Version != "" && next.Version != each.Version {
				continue
			}
			seen[this] = true
			ahead = append(ahead, each.Dependencies...)
			for _, extra := range each.OptionalDependencies {
				ahead = append(ahead, extra...)
			}
		}
	}
	return seen
}
