package build

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
)

// Listing says what an SBOM lists, and what it omits.
type Listing struct {
	Listed  []string `json:"listed"`  // such as "112 npm packages, pinned in frontend/package-lock.json"
	Omitted []string `json:"omitted"` // what is not listed, and why
}

// SBOM writes an SBOM of the tree's pinned dependencies to dist, and returns what it lists and omits.
//
// Licences and suppliers come from the packages themselves: those of the backend have been vendored, and those of
// the frontend are installed.
func SBOM(ctx context.Context, place work.Place, decided plan.Plan) (Listing, error) {
	var listing Listing
	var packages []sbom.Package
	for _, source := range sources(ctx, place) {
		found, err := source.list(place.Source.Root)
		if err != nil {
			return Listing{}, err
		}
		if len(found.Packages) > 0 {
			listing.Listed = append(listing.Listed, fmt.Sprintf("%d %s", len(found.Packages), source.what)+
				", pinned in "+strings.Join(found.From, ", "))
		} else if source.absent != "" {
			omitted := source.what + ": " + source.absent + ", and " + source.none
			found.Omitted = append([]string{omitted}, found.Omitted...)
		}
		packages, listing.Omitted = append(packages, found.Packages...), append(listing.Omitted, found.Omitted...)
	}
	bill, err := sbom.Document(sbom.Subject{
		Name: nameOf(place.App, decided), Version: decided.Version, Commit: decided.Commit,
		Source: decided.Repository, Created: decided.CommitTime,
	}, packages, listing.Omitted)
	if err != nil {
		return Listing{}, err
	}
	file, err := place.App.Dist(SBOMFile)
	if err != nil {
		return Listing{}, err
	}
	return listing, os.WriteFile(file, bill, 0o644)
}

// source is a place where packages are pinned.
type source struct {
	what, absent, none string
	list               func(root string) (sbom.Listing, error)
}

func sources(ctx context.Context, place work.Place) []source {
	config := place.App.Config.Build
	// A release that consists of files made by a command contains no packages that are pinned elsewhere in the
	// repository, perhaps for tests. An image may contain any.
	files := config.Image.Absent != "" && len(config.Files) > 0
	var list []source
	if !files || config.Vendor.Absent == "" {
		list = append(list, source{
			"Python packages", absence("build.vendor", config.Vendor.Absent),
			"no uv.lock or requirements file pins any", func(root string) (sbom.Listing, error) {
				return place.Backend.Packages(root, vendoredWheels(place.App))
			},
		})
	}
	if !files || config.Frontend.Absent == "" {
		list = append(list, source{
			"npm packages", absence("build.frontend", config.Frontend.Absent),
			"there is no lock of a package manager in " + config.Frontend.Directory,
			func(root string) (sbom.Listing, error) {
				modules, err := place.Frontend.Modules(ctx, SBOMFile)
				if err != nil {
					return sbom.Listing{}, err
				}
				return place.Frontend.Packages(root, modules)
			},
		})
	}
	var read []string
	for _, files := range config.Files {
		if files.Modules == "" || slices.Contains(read, files.Modules) {
			continue
		}
		read = append(read, files.Modules)
		list = append(list, source{what: "Go modules", list: func(root string) (sbom.Listing, error) {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(files.Modules)))
			if err != nil {
				return sbom.Listing{}, fmt.Errorf("read the modules of build.files %s: %w", files.Name, err)
			}
			return sbom.Modules(files.Modules, data)
		}})
	}
	return list
}

// vendoredWheels returns the folder in dist with the wheels from Vendor, or "" if the app has none.
func vendoredWheels(of *app.App) string {
	if of.Config.Build.Vendor.Absent != "" {
		return ""
	}
	return of.Path(app.DistDir, VendorDir)
}

// nameOf returns the name of what is released: that of its image, or else of its repository.
func nameOf(of *app.App, decided plan.Plan) string {
	switch {
	case of.Config.Build.Image.Absent == "":
		return path.Base(of.Config.Build.Image.Name)
	case decided.Repository != "":
		return path.Base(decided.Repository)
	}
	return filepath.Base(of.Root)
}

// absence says that a part is absent, and why; it returns "" if the part exists.
func absence(key, why string) string {
	if why == "" {
		return ""
	}
	return key + " is absent (" + why + ")"
}

// readSBOM reads the SBOM in dist.
func readSBOM(of *app.App) ([]byte, error) { return os.ReadFile(of.Path(app.DistDir, SBOMFile)) }
