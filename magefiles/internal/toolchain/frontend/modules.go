package frontend

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// Modules installs the packages of the frontend, for target, and returns their folder, node_modules, or "" if the
// pipeline builds no frontend.
func (t Toolchain) Modules(ctx context.Context, target string) (string, error) {
	config := t.App.Config.Build.Frontend
	if config.Absent != "" {
		return "", nil
	}
	if _, err := t.Install(ctx, target, config.Directory); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(t.App.Path(config.Directory, "node_modules"))
}

// described is a package's description in its package.json
// (https://docs.npmjs.com/cli/v11/configuring-npm/package-json).
type described struct {
	license  string
	supplier sbom.Supplier
}

// installed returns the packages below a folder node_modules, by name and version. It leaves out packages for some
// machines only, since this machine may not have them.
func installed(modules string) map[string]described {
	found := map[string]described{}
	var below func(modules string)
	visit := func(dir string) {
		data, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err != nil {
			return
		}
		if key, about := describe(data); key != "" {
			found[key] = about
		}
		below(filepath.Join(dir, "node_modules"))
	}
	below = func(modules string) {
		for _, pattern := range []string{"[^.@]*", "@*/*", ".pnpm/*/node_modules/[^.@]*", ".pnpm/*/node_modules/@*/*"} {
			folders, err := filepath.Glob(filepath.Join(escaped(modules), pattern))
			if err != nil {
				continue
			}
			for _, folder := range folders {
				if info, err := os.Lstat(folder); err == nil && info.IsDir() { // a link leads to another package
					visit(folder)
				}
			}
		}
	}
	if modules != "" {
		below(modules)
	}
	return found
}

// escaped returns a pattern that matches only this path.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// describe parses a package.json. Like npm, it ignores invalid values.
func describe(data []byte) (key string, about described) {
	var read struct {
		Name, Version                                any
		License, Licenses                            any
		Author, Publisher, Maintainers, Contributors any
		OS, CPU, Libc                                any
	}
	if json.Unmarshal(data, &read) != nil || read.OS != nil || read.CPU != nil || read.Libc != nil {
		return "", about
	}
	name, version := named(read.Name, ""), named(read.Version, "")
	if name == "" || version == "" {
		return "", about
	}
	about.license = named(read.License, "type")
	if about.license == "" {
		about.license = named(read.Licenses, "type")
	}
	for _, who := range []any{read.Author, read.Publisher, read.Maintainers, read.Contributors} {
		about.supplier = cmp.Or(about.supplier, personOf(who))
	}
	return name + "@" + version, about
}

// named returns a value of package.json as text: the value itself, its member with this name, or those of a list.
func named(value any, member string) string {
	switch of := value.(type) {
	case string:
		return strings.TrimSpace(of)
	case map[string]any:
		text, _ := of[member].(string)
		return strings.TrimSpace(text)
	case []any:
		var list []string
		for _, each := range of {
			if text := named(each, member); text != "" {
				list = append(list, text)
			}
		}
		return strings.Join(list, ", ")
	}
	return ""
}

// withModules returns packages with the descriptions of the installed ones. For a package that names nobody, the
// scope says who publishes it.
func withModules(packages []sbom.Package, modules string) []sbom.Package {
	found := installed(modules)
	for i := range packages {
		each := &packages[i]
		about := found[each.Name+"@"+each.Version]
		each.Supplier = cmp.Or(about.supplier, scopeOf(each.Name))
		if each.License == "" {
			each.License = about.license
		}
	}
	return packages
}
