package manager

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// Package is a package at the version that a lock pins.
type Package struct {
	Name, Version, License string
	Integrity              string // a Subresource Integrity value, or ""
}

// Contents are the packages of a lock.
type Contents struct {
	Shipped []Package       // all but those that only development needs
	has     map[string]bool // names of the packages whose programs are in node_modules/.bin
}

// Has reports whether the programs of a package are installed.
func (c Contents) Has(name string) bool { return c.has[name] }

// Contents parses the manager's lock. file is its path, for the error; manifest is the
// package.json beside it.
func (m Manager) Contents(file string, lock, manifest []byte) (Contents, error) {
	read := npmContents
	switch {
	case m.Name == "pnpm":
		read = pnpmContents
	case m.Berry:
		read = berryContents
	case m.Name == "yarn":
		read = yarnContents
	}
	contents, err := read(lock, manifest)
	if err != nil {
		return Contents{}, fmt.Errorf("read the lock %s: %w", file, err)
	}
	return contents, nil
}

// npmContents reads package-lock.json
// (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json).
func npmContents(data, _ []byte) (Contents, error) {
	var lock struct {
		Packages map[string]struct {
			Name               string // of an alias
			Version, Integrity string
			License            any // a string, or anything else that a package has there
			Dev, Link          bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return Contents{}, err
	}
	contents := Contents{has: map[string]bool{}}
	for place, each := range lock.Packages {
		at := strings.LastIndex(place, "node_modules/")
		if at == 0 {
			contents.has[place[len("node_modules/"):]] = true
		}
		if at < 0 || each.Dev || each.Link {
			continue
		}
		name := cmp.Or(each.Name, place[at+len("node_modules/"):])
		license, _ := each.License.(string)
		contents.Shipped = append(contents.Shipped, Package{name, each.Version, license, each.Integrity})
	}
	return contents, nil
}

// manifest is the part of package.json that says what an app needs.
type manifest struct {
	Dependencies, OptionalDependencies, DevDependencies map[string]string
}

// shipped returns the names and ranges of what an app needs outside of development.
func (m manifest) shipped() map[string]string {
	all := map[string]string{}
	for _, list := range []map[string]string{m.Dependencies, m.OptionalDependencies} {
		for name, version := range list {
			all[name] = version
		}
	}
	return all
}

// lists reports whether a package is named, for whatever purpose.
func (m manifest) lists(name string) bool {
	return m.Dependencies[name] != "" || m.OptionalDependencies[name] != "" || m.DevDependencies[name] != ""
}
