package frontend

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// Packages tell who made them, and those of a lock without licences under which; a package
// for some machines only is as the lock has it.
func TestWithModules(t *testing.T) {
	modules := filepath.Join(t.TempDir(), "node_modules")
	for folder, content := range map[string]string{
		"react": `"name": "react", "version": "19.2.0", "license": "MIT", "author": "Ada <ada@example.org> (x)"`,
		"@s/b": `"name": "@s/b", "version": "1.0.0", "author": {"name": " Bob\n B. "},
			"licenses": [{"type": "ISC"}]`,
		"a": `"name": "a", "version": "1.0.0", "license": {"type": "BSD"},
			"maintainers": [{"name": "C"}, "D <d@d>"]`,
		"native":                          `"name": "native", "version": "1.0.0", "author": "Ada", "cpu": ["arm64"]`,
		"a/node_modules/react":            `"name": "react", "version": "18.0.0", "license": "MIT", "author": "Old"`,
		".pnpm/p@1.0.0/node_modules/@s/p": `"name": "@s/p", "version": "1.0.0", "author": "P"`,
		".pnpm/q@1.0.0/node_modules/q":    `"name": "q", "version": "1.0.0", "author": 7`,
		"broken":                          `"name": "broken"`,
		".bin":                            `"name": "bin", "version": "1.0.0"`,
	} {
		file := filepath.Join(modules, folder, "package.json")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("{"+content+"}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(modules, filepath.Join(modules, "a", "loop")); err != nil {
		t.Fatal(err)
	}
	npm := func(name, version, license, supplier string) sbom.Package {
		return sbom.Package{Type: "npm", Name: name, Version: version, License: license, Supplier: supplier}
	}
	got := withModules([]sbom.Package{
		npm("react", "19.2.0", "0BSD", ""), npm("react", "18.0.0", "", ""), npm("@s/b", "1.0.0", "", ""),
		npm("a", "1.0.0", "", ""), npm("native", "1.0.0", "", ""), npm("@s/p", "1.0.0", "", ""),
		npm("q", "1.0.0", "", ""), npm("broken", "1.0.0", "", ""), npm("none", "1.0.0", "", ""),
	}, modules)
	want := []sbom.Package{
		npm(
			"react",
			"19.2.0",
			"0BSD",
			"Ada",
		),
		npm("react", "18.0.0", "MIT", "Old"),
		npm("@s/b", "1.0.0", "ISC", "Bob B."),
		npm("a", "1.0.0", "BSD", "C, D"),
		npm("native", "1.0.0", "", ""),
		npm("@s/p", "1.0.0", "", "P"),
		npm("q", "1.0.0", "", ""),
		npm("broken", "1.0.0", "", ""),
		npm("none", "1.0.0", "", ""),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add(`{"name": "a", "version": "1", "license": {"type": "MIT"}, "author": {"name": "Ada"}}`)
	f.Add(`{"name": "a", "version": "1", "maintainers": ["B <b@b>"]}`)
	f.Add(`{"name": ["a"], "version": {}, "licenses": [[["MIT"]]], "author": "(<"}`)
	f.Fuzz(func(t *testing.T, text string) {
		key, about := describe([]byte(text))
		if key == "" && about != (described{}) || key == "@" {
			t.Errorf("%q: %+v", key, about)
		}
	})
}
