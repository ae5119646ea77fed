package detect

import (
	"encoding/json"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// node is the frontend.
type node struct {
	found    bool
	dir      string // of its package.json
	manager  string // npm, pnpm, yarn or bun
	lock     string // the file that shows the manager; "" without one
	packages map[string]bool
}

// nodeSearch finds the frontend.
type nodeSearch struct{ *search }

// findNode finds the frontend: the folder of the first package.json with Vite, else of
// the first one with React.
func (s nodeSearch) findNode() node {
	var second node
	for _, file := range s.named("package.json") {
		found := node{found: true, dir: path.Dir(file), packages: s.packagesOf(file)}
		if isTest(file) || !found.packages["vite"] && !found.packages["react"] {
			continue
		}
		found.manager, found.lock = s.managerOf(found.dir)
		if found.packages["vite"] {
			return found
		}
		if !second.found {
			second = found
		}
	}
	return second
}

// packagesOf returns the packages that a package.json names.
func (s nodeSearch) packagesOf(file string) map[string]bool {
	var manifest struct {
		Dependencies    map[string]any
		DevDependencies map[string]any
	}
	_ = json.Unmarshal([]byte(s.read(file)), &manifest) // without a readable one there are no packages
	names := map[string]bool{}
	for _, list := range []map[string]any{manifest.Dependencies, manifest.DevDependencies} {
		for name := range list {
			names[name] = true
		}
	}
	return names
}

// managerOf finds the package manager by the lock in a folder or, for a workspace, above
// it.
func (s nodeSearch) managerOf(dir string) (name, lock string) {
	for {
		for _, each := range manager.Locks() {
			if file := path.Join(dir, each); s.has(file) {
				return manager.Of(file), file
			}
		}
		if dir == "." {
			return "npm", ""
		}
		dir = path.Dir(dir)
	}
}
