package sbom

import (
	"fmt"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Modules returns the modules that a go.mod requires, directly or indirectly, after its replacements
// (https://go.dev/ref/mod#go-mod-file). A module that is replaced by a folder has no version, so it is omitted.
func Modules(file string, data []byte) (Listing, error) {
	parsed, err := modfile.Parse(file, data, nil)
	if err != nil {
		return Listing{}, fmt.Errorf("read the modules: %w", err)
	}
	found := Listing{From: []string{file}}
	for _, required := range parsed.Require {
		used := replaced(parsed, required.Mod)
		if used.Version == "" {
			found.Omitted = append(found.Omitted, fmt.Sprintf("the Go module %s: %s replaces it by the folder %s",
				required.Mod.Path, file, used.Path))
			continue
		}
		found.Packages = append(found.Packages, Package{Type: "golang", Name: used.Path, Version: used.Version})
	}
	return found, nil
}

// replaced returns the replacement of a module in go.mod, or the module itself.
func replaced(file *modfile.File, required module.Version) module.Version {
	for _, replace := range file.Replace {
		if replace.Old.Path == required.Path && (replace.Old.Version == "" || replace.Old.Version == required.Version) {
			return replace.New
		}
	}
	return required
}
