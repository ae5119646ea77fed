// Package build builds the parts of a release: phase 4.
package build

import (
	"context"
	"os"
	"path"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// The files and folders that a build writes to dist.
const (
	FrontendDir   = "frontend"
	FrontendFile  = "frontend.tar.gz"
	VendorDir     = "vendor"
	VendorFile    = "vendor.tar.gz"
	LockFile      = "requirements.lock"
	SpecFile      = "openapi.json"
	SBOMFile      = "sbom.spdx.json"
	ChecksumsFile = "checksums.txt"
	ImageDir      = "image.oci"
)

// LayoutOf returns the folder in dist for an image, by its key in build.images: ImageDir for the app's own image,
// whose key is "".
func LayoutOf(key string) string {
	if key == "" {
		return ImageDir
	}
	return path.Join("images", key+".oci")
}

// StepOf returns the name of the step that builds an image, by the image's key.
func StepOf(key string) string {
	if key == "" {
		return "image:build"
	}
	return "image:" + key + ":build"
}

// Attached lists the files of dist that are attached to a release, without those of
// publish.attach.
func Attached(config app.Config) []string {
	var names []string
	for name, absent := range map[string]string{
		FrontendFile: config.Build.Frontend.Absent,
		VendorFile:   config.Build.Vendor.Absent,
		LockFile:     config.Build.Vendor.Absent,
		SpecFile:     config.Contract.Absent,
		SBOMFile:     "",
	} {
		if absent == "" {
			names = append(names, name)
		}
	}
	for _, files := range config.Build.Files {
		names = append(names, files.Outputs...)
	}
	slices.Sort(names)
	return names
}

// Frontend builds the bundle into dist/frontend, and packs it. epoch is the time of its files.
func Frontend(ctx context.Context, place work.Place, epoch time.Time) error {
	bundle, err := place.App.Dist(FrontendDir)
	if err != nil {
		return err
	}
	if err := place.Frontend.Build(ctx, bundle, epoch); err != nil {
		return err
	}
	return artifact.Archive(bundle, place.App.Path(app.DistDir, FrontendFile), epoch)
}

// PackVendor packs the wheels. epoch is their time in the archive.
func PackVendor(of *app.App, epoch time.Time) error {
	return artifact.Archive(of.Path(app.DistDir, VendorDir), of.Path(app.DistDir, VendorFile), epoch)
}

// ContractSuite returns the suite whose environment and limits also apply to generating the spec.
func ContractSuite(config app.Config) app.Step {
	at := slices.IndexFunc(config.Suites, func(s app.Step) bool { return s.Kind == "contract" })
	if at < 0 {
		return app.Step{Name: "backend:contract"}
	}
	return config.Suites[at]
}

// Spec writes the OpenAPI document that the app generates, with the new version.
func Spec(ctx context.Context, place work.Place) error {
	suite := ContractSuite(place.App.Config)
	spec, err := checks.Spec(ctx, place, suite)
	if err != nil {
		return run.Named(suite.Name, err)
	}
	file, err := place.App.Dist(SpecFile)
	if err != nil {
		return err
	}
	return os.WriteFile(file, spec, 0o644)
}
