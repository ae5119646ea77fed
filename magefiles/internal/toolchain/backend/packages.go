package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// Packages lists the Python packages of the image, as pinned in the files below root: in the lock that is vendored
// or, without one, in every uv.lock and requirements file that is not only for development. wheels is the folder
// with the vendored wheels, which provide licences, suppliers and hashes; other hashes come from the lock.
func (t Toolchain) Packages(root, wheels string) (sbom.Listing, error) {
	vendor := t.App.Config.Build.Vendor
	if vendor.Absent != "" {
		return pinnedBelow(os.DirFS(root), vendor.Lock)
	}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(vendor.Lock)))
	if errors.Is(err, fs.ErrNotExist) {
		return sbom.Listing{}, missingVendor(vendor)
	}
	if err != nil {
		return sbom.Listing{}, fmt.Errorf("read the lock: %w", err)
	}
	listing := sbom.Listing{From: []string{vendor.Lock}}
	if IsProjectLock(vendor.Lock) {
		listing.Packages, listing.Omitted, err = projectPackages(vendor.Lock, data)
	} else {
		listing.Packages, err = lockedPackages(vendor.Lock, data)
	}
	if err != nil {
		return listing, err
	}
	found, err := wheelsBelow(wheels)
	listing.Packages = withWheels(listing.Packages, found)
	return listing, err
}

// lockedPackages lists the packages that a requirements file with hashes pins.
func lockedPackages(file string, data []byte) ([]sbom.Package, error) {
	if _, err := Pins(file, data); err != nil {
		return nil, err
	}
	var packages []sbom.Package
	for number, text := range logicalLines(data) {
		found, why := pinned(text)
		if why != "" {
			return nil, fmt.Errorf("%s:%d: %s", file, number, why)
		}
		if found.Name != "" {
			packages = append(packages, found)
		}
	}
	return packages, nil
}

// pinnedBelow lists the packages that the files of a tree pin. lock is another
// requirements file, which may be missing.
func pinnedBelow(tree fs.FS, lock string) (sbom.Listing, error) {
	var listing sbom.Listing
	files, omitted, err := pinFiles(tree, lock)
	listing.Omitted = omitted
	seen := map[string]bool{}
	for _, file := range files {
		var found []sbom.Package
		var left []string
		if IsProjectLock(file) {
			data, readErr := fs.ReadFile(tree, file)
			if readErr != nil {
				return listing, readErr
			}
			found, left, err = projectPackages(file, data)
		} else {
			found, left, err = requirements(tree, file, seen)
		}
		if err != nil {
			return listing, err
		}
		listing.Omitted = append(listing.Omitted, left...)
		if len(found) > 0 {
			listing.From = append(listing.From, file)
		}
		listing.Packages = append(listing.Packages, found...)
	}
	return listing, err
}

// projectPackages lists the packages that the lock of a project pins, without those for development.
func projectPackages(file string, data []byte) (packages []sbom.Package, omitted []string, err error) {
	if path.Base(file) == uvLockFile {
		return uvPackages(file, data)
	}
	locked, known, err := lockedPoetry(file, data)
	development := 0
	for _, each := range locked {
		switch {
		case each.local:
		case known && !each.main:
			development++
		default:
			packages = append(packages, sbom.Package{
				Type: "pypi", Name: each.name, Version: each.version, SHA256: each.sums,
			})
		}
	}
	if development > 0 {
		omitted = append(omitted, fmt.Sprintf("%s: %d packages that development groups alone need", file, development))
	}
	return packages, omitted, err
}

// pinFiles finds the files of a tree that pin what ships, and lists the others as omitted.
func pinFiles(tree fs.FS, lock string) (files, omitted []string, err error) {
	err = fs.WalkDir(tree, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || len(file) > 1 && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !entry.Type().IsRegular() || file != lock && !pins(file):
			return nil
		case file != lock && slices.ContainsFunc(words(file), isDevelopment):
			omitted = append(omitted, file+" is for development or tests, by its name")
			return nil
		}
		files = append(files, file)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return files, omitted, err
}

// pins reports whether a file pins Python packages, by its name.
func pins(file string) bool {
	base, extension := path.Base(file), path.Ext(file)
	return IsProjectLock(file) ||
		(extension == ".txt" || extension == ".lock") &&
			(strings.Contains(base, "requirements") || path.Base(path.Dir(file)) == "requirements")
}

// words splits a path into its words.
func words(file string) []string {
	return strings.FieldsFunc(strings.ToLower(file), func(r rune) bool { return strings.ContainsRune("/.-_", r) })
}

func isDevelopment(word string) bool {
	return slices.Contains(
		[]string{"dev", "develop", "development", "test", "tests", "testing", "lint", "docs", "doc", "ci"},
		word,
	)
}
