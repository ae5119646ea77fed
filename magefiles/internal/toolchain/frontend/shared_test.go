package frontend

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// TestInstallInputs lists what the packages of a copy depend on: a change of any of
// these files gives another cache entry.
func TestInstallInputs(t *testing.T) {
	plain := []string{".npmrc", "package-lock.json", "package.json"}
	all := []string{".npmrc", "package-lock.json", "package.json", "src/App.tsx"}
	for name, each := range map[string]struct {
		manifest, lock string
		want           []string
	}{
		"packages of the registry":  {`{"version": "1.0.0", "scripts": {"test": "vitest"}}`, `{"packages": {}}`, plain},
		"a script that npm ci runs": {`{"scripts": {"postinstall": "patch-package"}}`, `{"packages": {}}`, all},
		"workspaces":                {`{"workspaces": ["packages/*"]}`, `{"packages": {}}`, all},
		"a package beside":          {`{}`, `{"packages": {"node_modules/ui": {"resolved": "ui", "link": true}}}`, all},
		"a package in a file":       {`{}`, `{"packages": {"node_modules/ui": {"resolved": "file:ui.tgz"}}}`, all},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range map[string]string{
				"package.json":                each.manifest,
				"package-lock.json":           each.lock,
				".npmrc":                      "",
				"src/App.tsx":                 "",
				"node_modules/react/index.js": "",
			} {
				path := filepath.Join(dir, file)
				if err := errors.Join(
					os.MkdirAll(filepath.Dir(path), 0o755),
					os.WriteFile(path, []byte(content), 0o644),
				); err != nil {
					t.Fatal(err)
				}
			}
			found, err := installInputs(dir, manager.Manager{Name: "npm", Lock: "package-lock.json"})
			slices.Sort(found)
			if err != nil || !slices.Equal(found, each.want) {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}

// TestUnversioned keeps the packages when only the app's own version differs.
func TestUnversioned(t *testing.T) {
	same := func(name, a, b string) bool {
		return string(unversioned(name, []byte(a))) == string(unversioned(name, []byte(b)))
	}
	if !same("package.json", `{"name": "app", "version": "1.0.0"}`, `{"version": "1.1.0", "name": "app"}`) {
		t.Error("another version needs other packages")
	}
	const lock = `{"version": "1.0.0", "packages": {"": {"version": "1.0.0"}, "node_modules/react": {"version": ` +
		`"19.0.0"}}}`
	if !same(
		"package-lock.json",
		lock,
		`{"version": "1.1.0", "packages": {"": {"version": "1.1.0"}, "node_modules/react": {"version": "19.0.0"}}}`,
	) {
		t.Error("another version needs other packages")
	}
	if same(
		"package-lock.json",
		lock,
		`{"version": "1.0.0", "packages": {"": {"version": "1.0.0"}, "node_modules/react": {"version": "19.0.1"}}}`,
	) {
		t.Error("another package does not")
	}
	if same(".npmrc", "a", "b") || same("package.json", "{", "[") {
		t.Error("what is no JSON counts as it is")
	}
}

// TestManagersInputs lists what the packages of a copy depend on with other managers.
func TestManagersInputs(t *testing.T) {
	for name, test := range map[string]struct {
		manager, lock string
		files         map[string]string
		want          []string
	}{
		"pnpm": {"pnpm", "pnpm-lock.yaml", map[string]string{
			"pnpm-workspace.yaml": "autoInstallPeers: true\n",
			"pnpm-lock.yaml":      "settings:\n  excludeLinksFromLockfile: false\n",
		},
			[]string{"package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"}},
		"a patch of pnpm": {"pnpm", "pnpm-lock.yaml", map[string]string{
			"pnpm-lock.yaml": "patchedDependencies:\n", "patches/a.patch": "",
		}, []string{"package.json", "patches/a.patch", "pnpm-lock.yaml", "src/App.tsx"}},
		"yarn with its own release": {"yarn", "yarn.lock", map[string]string{
			".yarnrc.yml": "", ".yarn/releases/yarn.cjs": "",
		}, []string{".yarn/releases/yarn.cjs", ".yarnrc.yml", "package.json", "yarn.lock"}},
		"a folder of yarn": {"yarn", "yarn.lock", map[string]string{"yarn.lock": "\"a@file:./a\":\n"},
			[]string{"package.json", "src/App.tsx", "yarn.lock"}},
	} {
		files := map[string]string{"package.json": "{}", test.lock: "", "src/App.tsx": ""}
		maps.Copy(files, test.files)
		dir := testkit.Files(t, files)
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "node_modules")); err != nil { // by another step
			t.Fatal(err)
		}
		found, err := installInputs(dir, manager.Manager{Name: test.manager, Lock: test.lock})
		slices.Sort(found)
		if err != nil || !slices.Equal(found, test.want) {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}
