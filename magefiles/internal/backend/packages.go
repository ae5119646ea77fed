package backend

import "github.com/hughkantsime/odin-release/magefiles/internal/sbom"

// Packages lists what the image's lock pins.
func (t Toolchain) Packages() ([]sbom.Package, error) {
	pins, err := t.readPins(t.App.Config.Build.Vendor.Lock)
	if err != nil {
		return nil, err
	}
	packages := make([]sbom.Package, 0, len(pins))
	for _, pin := range pins {
		packages = append(packages, sbom.Package{Type: "pypi", Name: pin.Name, Version: pin.Version})
	}
	return packages, nil
}
