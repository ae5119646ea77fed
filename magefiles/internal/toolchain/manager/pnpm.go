package manager

import (
	"strings"

	"github.com/goccy/go-yaml"
)

// pnpmLock is the part of pnpm-lock.yaml that says what is installed, in the formats 6
// and 9 (https://github.com/pnpm/spec/tree/master/lockfile).
type pnpmLock struct {
	Project   pnpmProject                `yaml:",inline"` // of a lock for one project, in format 6
	Importers map[string]pnpmProject     `yaml:"importers"`
	Packages  map[string]pnpmPackage     `yaml:"packages"`
	Snapshots map[string]pnpmPackageDeps `yaml:"snapshots"`
}

type pnpmProject struct {
	Dependencies         map[string]pnpmDirect `yaml:"dependencies"`
	OptionalDependencies map[string]pnpmDirect `yaml:"optionalDependencies"`
	DevDependencies      map[string]pnpmDirect `yaml:"devDependencies"`
}

type pnpmDirect struct {
	Version string `yaml:"version"`
}

type pnpmPackage struct {
	Deps       pnpmPackageDeps `yaml:",inline"` // in format 6
	Version    string          `yaml:"version"` // of a package that is not from a registry
	Resolution struct {
		Integrity string `yaml:"integrity"`
	} `yaml:"resolution"`
}

type pnpmPackageDeps struct {
	Dependencies         map[string]string `yaml:"dependencies"`
	OptionalDependencies map[string]string `yaml:"optionalDependencies"`
}

// pnpmContents reads pnpm-lock.yaml.
func pnpmContents(data, _ []byte) (Contents, error) {
	var lock pnpmLock
	if err := yaml.Unmarshal(data, &lock); err != nil {
		return Contents{}, err
	}
	project, ok := lock.Importers["."]
	if !ok {
		project = lock.Project
	}
	contents := Contents{has: map[string]bool{}}
	var ahead []string
	for _, list := range []map[string]pnpmDirect{project.Dependencies, project.OptionalDependencies} {
		for name, direct := range list {
			contents.has[name] = true
			ahead = append(ahead, pnpmKey(name, direct.Version))
		}
	}
	for name := range project.DevDependencies {
		contents.has[name] = true
	}
	seen, listed := map[string]bool{}, map[string]bool{}
	for ; len(ahead) > 0; ahead = ahead[1:] {
		key := ahead[0]
		if seen[key] || key == "" {
			continue
		}
		seen[key] = true
		locked, deps := lock.at(key)
		for _, list := range []map[string]string{deps.Dependencies, deps.OptionalDependencies} {
			for name, version := range list {
				ahead = append(ahead, pnpmKey(name, version))
			}
		}
		name, version := pnpmName(key)
		if locked.Version != "" {
			version = locked.Version
		}
		if name == "" || listed[name+"@"+version] {
			continue
		}
		listed[name+"@"+version] = true
		contents.Shipped = append(contents.Shipped,
			Package{Name: name, Version: version, Integrity: locked.Resolution.Integrity})
	}
	return contents, nil
}

// at returns a lock's entries for a package with its peers, such as a@1.0.0(b@2.0.0).
func (l pnpmLock) at(key string) (pnpmPackage, pnpmPackageDeps) {
	alone, _, _ := strings.Cut(key, "(")
	for _, prefix := range []string{"", "/"} {
		for _, each := range []string{key, alone} {
			if locked, ok := l.Packages[prefix+each]; ok {
				if deps, ok := l.Snapshots[key]; ok {
					return locked, deps
				}
				return locked, locked.Deps
			}
		}
	}
	return pnpmPackage{}, l.Snapshots[key]
}

// pnpmKey returns the key of a dependency in the lock; "" for one in the app itself. An
// alias has the key of another name as its version.
func pnpmKey(name, version string) string {
	if strings.HasPrefix(version, "link:") || version == "" {
		return ""
	}
	alone, _, _ := strings.Cut(version, "(")
	switch {
	case strings.HasPrefix(version, "/"):
		return version[1:]
	case strings.Contains(strings.TrimPrefix(alone, "@"), "@") && !strings.Contains(alone, ":"):
		return version
	}
	return name + "@" + version
}

// pnpmName returns the name and the version of a key.
func pnpmName(key string) (name, version string) {
	alone, _, _ := strings.Cut(key, "(")
	at := strings.Index(alone[min(1, len(alone)):], "@")
	if at < 0 {
		return "", ""
	}
	name, version = alone[:at+1], alone[at+2:]
	if strings.ContainsAny(version, ":/") { // an address
		version = ""
	}
	return name, version
}
