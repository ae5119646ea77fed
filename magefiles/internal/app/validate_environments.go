package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// pinnedPackage is a requirement of one version, perhaps with extras
// (https://packaging.python.org/en/latest/specifications/dependency-specifiers/).
var pinnedPackage = pattern.Lazy(
	`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._, -]+\])?==[A-Za-z0-9][A-Za-z0-9.!+_-]*$`)

// distribution is the name of a package.
var distribution = pattern.Lazy(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// pinnedImage is a reference of an image with a digest
// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests).
var pinnedImage = pattern.Lazy(`^[a-zA-Z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$`)

// validateVendor checks the packages whose wheels are built.
func validateVendor(doc document, build Build) []error {
	const place = "$.build.vendor.compiler"
	var problems []error
	vendor := build.Vendor
	switch name, _, _ := strings.Cut(vendor.Compiler, "@"); {
	case vendor.Compiler == "":
	case !pinnedImage().MatchString(vendor.Compiler):
		problems = append(problems, doc.errorAt(place,
			"%q is not an image with its digest, so that it always compiles the same: docker buildx imagetools "+
				"inspect %s shows it, for %s@sha256:…", vendor.Compiler, name, name))
	case build.Image.Absent != "":
		problems = append(problems, doc.errorAt(place,
			"wheels are compiled by the builder of the image, and build.image is absent"))
	}
	for i, name := range vendor.Sdists {
		if !distribution().MatchString(name) {
			problems = append(problems, doc.errorAt(fmt.Sprintf("$.build.vendor.sdists[%d]", i),
				"%q is not the name of a package, such as http-ece; its version is in the lock", name))
		}
	}
	return problems
}

// pythonVersion matches a version of Python that is supported, perhaps with what uv knows
// beyond its two numbers, and what is no number and left to uv.
var pythonVersion = pattern.Lazy(`^(3\.1[0-4]([^0-9].*)?|[^0-9].*)?$`)

// validateEnvironments checks the interpreters and the packages of the Python environments.
func (c Config) validateEnvironments(doc document) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		environment, place := c.Environments[name], "$.environments."+name+".packages"
		if python := environment.Python; !pythonVersion().MatchString(python) {
			problems = append(problems, doc.errorAt("$.environments."+name+".python",
				"Python %q is not supported: expected 3.10 to 3.14, in quotes", python))
		}
		if environment.Project != "" && len(environment.Packages) > 0 {
			problems = append(problems, doc.errorAt(
				place,
				"packages are installed besides requirements, and a project has its lock: uv add --dev --project %s %s",
				environment.Project,
				environment.Packages[0],
			))
		}
		for i, each := range environment.Packages {
			if !pinnedPackage().MatchString(each) {
				problems = append(problems, doc.errorAt(fmt.Sprintf("%s[%d]", place, i),
					"%q is not a package at one version, such as pytest==8.3.5", each))
			}
		}
	}
	return problems
}
