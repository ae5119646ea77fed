package app

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// pinnedPackage is a requirement of one version, perhaps with extras
// (https://packaging.python.org/en/latest/specifications/dependency-specifiers/).
var pinnedPackage = regexp.MustCompile(
	`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._, -]+\])?==[A-Za-z0-9][A-Za-z0-9.!+_-]*$`)

// distribution is the name of a package.
var distribution = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// validateVendor checks the packages whose wheels are built.
func validateVendor(doc document, vendor Vendor) []error {
	var problems []error
	for i, name := range vendor.Sdists {
		if !distribution.MatchString(name) {
			problems = append(problems, doc.errorAt(fmt.Sprintf("$.build.vendor.sdists[%d]", i),
				"%q is not the name of a package, such as http-ece; its version is in the lock", name))
		}
	}
	return problems
}

// validateEnvironments checks the packages of the Python environments.
func (c Config) validateEnvironments(doc document) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		environment, place := c.Environments[name], "$.environments."+name+".packages"
		if environment.Project != "" && len(environment.Packages) > 0 {
			problems = append(problems, doc.errorAt(
				place,
				"packages are installed besides requirements, and a project has its lock: uv add --dev --project %s %s",
				environment.Project,
				environment.Packages[0],
			))
		}
		for i, each := range environment.Packages {
			if !pinnedPackage.MatchString(each) {
				problems = append(problems, doc.errorAt(fmt.Sprintf("%s[%d]", place, i),
					"%q is not a package at one version, such as pytest==8.3.5", each))
			}
		}
	}
	return problems
}
