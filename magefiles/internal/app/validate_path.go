package app

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// validateSides refuses folders of the backend and the frontend outside of the app.
func validateSides(doc document, c Config) error {
	var problems []error
	for _, each := range []struct{ key, folder string }{
		{"$.backend.directory", c.Backend.Directory}, {"$.frontend.directory", c.Frontend.Directory},
	} {
		if each.folder != "" && !filepath.IsLocal(filepath.FromSlash(each.folder)) {
			problems = append(problems, doc.errorAt(each.key, "%q is not a path inside the app", each.folder))
		}
	}
	return errors.Join(problems...)
}

// validatePaths refuses paths outside of the app.
func (c Config) validatePaths(doc document) []error {
	paths := map[string]string{
		"$.signing.vex":              c.Signing.VEX,
		"$.contract.directory":       c.Contract.Directory,
		"$.contract.spec":            c.Contract.Spec.Value,
		"$.build.frontend.directory": c.Build.Frontend.Directory,
		"$.build.vendor.source":      c.Build.Vendor.Source,
		"$.build.vendor.lock":        c.Build.Vendor.Lock,
		"$.build.image.context":      c.Build.Image.Context,
		"$.build.image.dockerfile":   c.Build.Image.Dockerfile,
		"$.changelog.file":           c.Changelog.File,
	}
	for i, versionFile := range c.VersionFiles {
		paths[fmt.Sprintf("$.versionFiles[%d].path", i)] = versionFile.Path
	}
	for _, step := range slices.Concat(c.Checks, c.Suites) {
		paths[step.place+".directory"] = step.Directory
		paths[step.place+".baseline"] = step.Baseline
	}
	maps.Copy(paths, c.Build.imagePaths())
	for i, files := range c.Build.Files {
		paths[fmt.Sprintf("$.build.files[%d].directory", i)] = files.Directory
		paths[fmt.Sprintf("$.build.files[%d].modules", i)] = files.Modules
	}
	for name, environment := range c.Environments {
		paths["$.environments."+name+".project"] = environment.Project
		for i, file := range environment.Requirements {
			paths[fmt.Sprintf("$.environments.%s.requirements[%d]", name, i)] = file
		}
	}
	var problems []error
	for i, path := range c.Repository.Inputs {
		if !filepath.IsLocal(filepath.FromSlash(path)) || strings.ContainsAny(path, `*?[\`) {
			problems = append(problems, doc.errorAt(fmt.Sprintf("$.repository.inputs[%d]", i),
				"%q is not a path inside the repository, from its root", path))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		if path := paths[key]; path != "" && !filepath.IsLocal(filepath.FromSlash(path)) {
			problems = append(problems, doc.errorAt(key, "%q is not a path inside the app", path))
		}
	}
	return problems
}
