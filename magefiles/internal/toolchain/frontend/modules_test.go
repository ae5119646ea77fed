package frontend

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// Packages tell who made them, and those of a lock without licences under which; a package
// for some machines only is as the lock has it, and its scope tells.
func TestWithModules(t *testing.T) {
	modules := filepath.Join(t.TempDir(), "node_modules")
	for folder, content := range map[string]string{
		"react": `"name": "react", "version": "19.2.0", "license": "MIT", "author": "Ada <ada@example.org> (x)"`,
		"@s/b": `"name": "@s/b", "version": "1.0.0", "author": {"name": " Bob\n B. ", "email": "bob@example.org"},
			"licenses": [{"type": "ISC"}]`,
		"a": `"name": "a", "version": "1.0.0", "license": {"type": "BSD"},
			"maintainers": [{"name": "C"}, "D <d@d>"]`,
		"@s/c": `"name": "@s/c", "version": "1.0.0", "author": "",
			"contributors": ["D <d@d> (x)", "E"]`,
		"@s/d": `"name": "@s/d", "version": "1.0.0", "publisher": "The D Team",
			"maintainers": ["F"]`,
		"@s/e": `"name": "@s/e", "version": "1.0.0", "author": {"url": "https://example.org"}`,
		"@native/arm64": `"name": "@native/arm64", "version": "1.0.0", "author": "Ada",
			"cpu": ["arm64"]`,
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
	npm := func(name, version, license string, supplier sbom.Supplier) sbom.Package {
		return sbom.Package{Type: "npm", Name: name, Version: version, License: license, Supplier: supplier}
	}
	person := func(name, email string) sbom.Supplier { return sbom.Supplier{Name: name, Email: email} }
	scope := func(name string) sbom.Supplier { return sbom.Supplier{Name: name, Organization: true} }
	nobody := sbom.Supplier{}
	var locked []sbom.Package
	want := []sbom.Package{
		npm("react", "19.2.0", "0BSD", person("Ada", "ada@example.org")),
		npm("react", "18.0.0", "MIT", person("Old", "")),
		npm("@s/b", "1.0.0", "ISC", person("Bob B.", "bob@example.org")),
		npm("a", "1.0.0", "BSD", person("C", "")),
		npm("@s/c", "1.0.0", "", person("D", "d@d")),
		npm("@s/d", "1.0.0", "", person("The D Team", "")),
		npm("@s/e", "1.0.0", "", scope("s")),
		npm("native", "1.0.0", "", nobody),
		npm("@native/arm64", "1.0.0", "", scope("native")),
		npm("@s/p", "1.0.0", "", person("P", "")),
		npm("q", "1.0.0", "", nobody),
		npm("broken", "1.0.0", "", nobody),
		npm("none", "1.0.0", "", nobody),
	}
	for _, each := range want {
		license := ""
		if each.License == "0BSD" { // the lock says that
			license = each.License
		}
		locked = append(locked, npm(each.Name, each.Version, license, nobody))
	}
	got := withModules(locked, modules)
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
