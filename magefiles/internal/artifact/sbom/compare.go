package sbom

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spdx/tools-golang/json"
)

// Read returns the packages of a bill of materials that Document wrote: those with a purl.
func Read(data []byte) ([]Package, error) {
	document, err := json.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the SBOM: %w", err)
	}
	var packages []Package
	for _, entry := range document.Packages {
		for _, reference := range entry.PackageExternalReferences {
			kind, found := strings.CutPrefix(reference.Locator, "pkg:")
			if reference.RefType != "purl" || !found {
				continue
			}
			kind, _, _ = strings.Cut(kind, "/")
			license := entry.PackageLicenseDeclared
			if license == unknown {
				license = ""
			}
			for _, other := range document.OtherLicenses {
				if other.LicenseIdentifier == license {
					license = other.LicenseName
				}
			}
			packages = append(packages, Package{
				Type: kind, Name: entry.PackageName, Version: entry.PackageVersion, License: license,
			})
		}
	}
	return packages, nil
}

// Difference is how the packages of two bills of materials differ.
type Difference struct {
	Added, Removed []Package
	Changed        []Change
}

// Change is a package with another version than before.
type Change struct{ Before, Now Package }

// Compare compares the packages before with those now. A package that is in both, in one version each, has changed;
// if it is there in several versions, each version is added or removed.
func Compare(before, now []Package) Difference {
	had, has := versions(before), versions(now)
	names := slices.SortedFunc(
		maps.Keys(union(had, has)),
		func(a, b [2]string) int { return slices.Compare(a[:], b[:]) },
	)
	var found Difference
	for _, name := range names {
		gone, come := had.without(has, name), has.without(had, name)
		if len(gone) == 1 && len(come) == 1 {
			found.Changed = append(found.Changed, Change{gone[0], come[0]})
			continue
		}
		found.Removed, found.Added = append(found.Removed, gone...), append(found.Added, come...)
	}
	return found
}

// versioned holds the versions of each package, by its type and name.
type versioned map[[2]string][]Package

func versions(packages []Package) versioned {
	all := versioned{}
	for _, each := range packages {
		name := [2]string{each.Type, each.Name}
		all[name] = append(all[name], each)
	}
	return all
}

func union(a, b versioned) versioned {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// without returns the packages with this name that others does not have in the same version.
func (v versioned) without(others versioned, name [2]string) []Package {
	return slices.DeleteFunc(slices.Clone(v[name]), func(p Package) bool {
		return slices.ContainsFunc(others[name], func(o Package) bool { return o.Version == p.Version })
	})
}
