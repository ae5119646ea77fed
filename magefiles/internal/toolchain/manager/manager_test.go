package manager_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// TestChoose finds the manager and its version, or why there is none.
func TestChoose(t *testing.T) {
	const (
		berry = "# lock\n\n__metadata:\n  version: 8\n"
		nodes = "nodeLinker: node-modules\n"
	)
	for name, test := range map[string]struct {
		files map[string]string
		want  string // its name, lock, package and version, or the problem
	}{
		"nothing": {nil, "npm package-lock.json @"},
		"npm":     {map[string]string{"package-lock.json": "{}"}, "npm package-lock.json @"},
		"pnpm": {map[string]string{"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
			"pnpm pnpm-lock.yaml pnpm@10.34.9"},
		"pnpm 8": {map[string]string{"pnpm-lock.yaml": "lockfileVersion: '6.0'\n"},
			"pnpm pnpm-lock.yaml pnpm@8.15.9"},
		"yarn 1": {map[string]string{"yarn.lock": "# yarn lockfile v1\n"}, "yarn yarn.lock yarn@1.22.22"},
		"yarn 4": {map[string]string{"yarn.lock": berry, ".yarnrc.yml": nodes},
			"yarn yarn.lock @yarnpkg/cli-dist@4.13.0"},
		"named without lock": {map[string]string{
			"package.json": `{"packageManager": "yarn@4.1.0"}`, ".yarnrc.yml": nodes,
		}, "yarn yarn.lock @yarnpkg/cli-dist@4.1.0"},
		"named with a hash": {map[string]string{
			"pnpm-lock.yaml": "lockfileVersion: 5.4\n", "package.json": `{"packageManager": "pnpm@7.33.0+sha512.0a"}`,
		}, "pnpm pnpm-lock.yaml pnpm@7.33.0 sha512.0a"},
		"chosen of two": {map[string]string{
			"pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "package-lock.json": "{}",
			"package.json": `{"packageManager": "pnpm@9.1.0"}`,
		}, "pnpm pnpm-lock.yaml pnpm@9.1.0"},
		"two locks": {map[string]string{"yarn.lock": "", "package-lock.json": "{}"},
			"web has several locks: package-lock.json, yarn.lock; to correct it: delete all but the one of the " +
				"package manager that the app uses"},
		"an old format": {map[string]string{"pnpm-lock.yaml": "lockfileVersion: 5.4\n"},
			"web/pnpm-lock.yaml has a format that no version of pnpm here reads; to correct it: name the version in " +
				`web/package.json, as in "packageManager": "pnpm@10.34.9"`},
		"another manager": {map[string]string{"yarn.lock": "", "package.json": `{"packageManager": "npm@10.0.0"}`},
			"web/package.json names npm in packageManager, but the lock is yarn.lock; to correct it: delete the one " +
				"that the app does not use"},
		"no version": {map[string]string{"yarn.lock": "", "package.json": `{"packageManager": "yarn"}`},
			`packageManager in web/package.json is "yarn"; to correct it: name one version, such as pnpm@10.34.9`},
		"no node_modules": {map[string]string{"yarn.lock": berry},
			"yarn makes no node_modules in web (Plug'n'Play), and the tools are started from there; to correct it: " +
				"echo 'nodeLinker: node-modules' >> web/.yarnrc.yml, and install again"},
		"bun": {map[string]string{"bun.lock": ""}, "web/bun.lock is a lock of bun, which is not supported; to " +
			"correct it: install with npm, pnpm or yarn, and commit its lock instead"},
	} {
		chosen, problem := manager.Choose("web", func(name string) []byte {
			content, ok := test.files[name]
			if !ok {
				return nil
			}
			return append([]byte{}, content...)
		})
		got := strings.TrimSpace(fmt.Sprintf("%s %s %s@%s %s",
			chosen.Name, chosen.Lock, chosen.Source.Name, chosen.Source.Version, chosen.Source.Hash))
		if problem != nil {
			got = problem.Err().Error()
		}
		if got != test.want {
			t.Errorf("%s: %s\nexpected %s", name, got, test.want)
		}
	}
}

// TestContents reads the locks that the managers made of one package.json. They list the
// same packages; yarn 2 and later have no checksum of the registry's archives.
func TestContents(t *testing.T) {
	manifest, err := os.ReadFile("testdata/package.json")
	if err != nil {
		t.Fatal(err)
	}
	for lock, of := range map[string]manager.Manager{
		"package-lock.json": {Name: "npm"},
		"pnpm-lock.yaml":    {Name: "pnpm"},
		"pnpm-lock-6.yaml":  {Name: "pnpm"},
		"yarn.lock":         {Name: "yarn"},
		"yarn-4.lock":       {Name: "yarn", Berry: true},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", lock))
		if err != nil {
			t.Fatal(err)
		}
		contents, err := of.Contents(lock, data, manifest)
		if err != nil {
			t.Errorf("%s: %v", lock, err)
		}
		var names []string
		for _, each := range contents.Shipped {
			names = append(names, each.Name+"@"+each.Version)
			if strings.HasPrefix(each.Integrity, "sha512-") == of.Berry {
				t.Errorf("%s: the checksum of %s is %q", lock, each.Name, each.Integrity)
			}
		}
		slices.Sort(names)
		want := []string{"is-number@6.0.0", "is-odd@3.0.1", "js-tokens@4.0.0", "loose-envify@1.4.0"}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %v, expected %v", lock, names, want)
		}
		if !contents.Has("semver") || !contents.Has("loose-envify") || contents.Has("vite") {
			t.Errorf("%s: which programs there are is wrong", lock)
		}
	}
}

// FuzzContents reads anything as a lock.
func FuzzContents(f *testing.F) {
	files, err := filepath.Glob("testdata/*lock*")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("a@^1:\n  version \"1\n")
	f.Add("  version \"1\"\n")
	f.Fuzz(func(t *testing.T, lock string) {
		for _, of := range []manager.Manager{
			{Name: "npm"}, {Name: "pnpm"}, {Name: "yarn"}, {Name: "yarn", Berry: true},
		} {
			contents, err := of.Contents("lock", []byte(lock), []byte(`{"dependencies": {"a": "^1"}}`))
			if err != nil && !strings.HasPrefix(err.Error(), "read the lock lock: ") {
				t.Errorf("%v", err)
			}
			for _, each := range contents.Shipped {
				if of.Name == "pnpm" && each.Name == "" {
					t.Errorf("a package without a name in %q", lock)
				}
			}
		}
	})
}

// TestAdd adds a package that package.json does not list, and installs one that it lists.
func TestAdd(t *testing.T) {
	const file = `{"dependencies": {"vite": "7"}, "devDependencies": {"typescript": "5"}}`
	for name, want := range map[string]struct{ add, install string }{
		"npm":  {"npm install --prefix web --save-dev eslint", "npm install --prefix web"},
		"pnpm": {"pnpm --dir web add --save-dev eslint", "pnpm --dir web install"},
		"yarn": {"yarn --cwd web add --dev eslint", "yarn --cwd web install"},
	} {
		m := manager.Manager{Name: name}
		for tool, command := range map[string]string{
			"eslint": want.add, "typescript": want.install, "vite": want.install,
		} {
			if got := m.Add("web", tool, []byte(file)); got != command {
				t.Errorf("%s, %s: %q, expected %q", name, tool, got, command)
			}
		}
		if got := m.Add("web", "eslint", []byte("{")); got != want.add {
			t.Errorf("%s, without a valid package.json: %q", name, got)
		}
	}
}
