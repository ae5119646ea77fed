package frontend

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// Packages lists the packages in the lock of the frontend's folder below root that the bundle may contain: all
// except those that only development needs. The lock may be missing if the pipeline builds no frontend. modules is
// the folder of the installed packages, or "". These provide suppliers, and licences that are not in the lock.
func (t Toolchain) Packages(root, modules string) (sbom.Listing, error) {
	config := t.App.Config.Build.Frontend
	read := reader(filepath.Join(root, filepath.FromSlash(config.Directory)))
	chosen, problem := manager.Choose(config.Directory, read)
	if problem != nil && config.Absent != "" {
		return sbom.Listing{Omitted: []string{problem.What}}, nil
	}
	if problem != nil {
		return sbom.Listing{}, problem.Err()
	}
	file := path.Join(config.Directory, chosen.Lock)
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if errors.Is(err, os.ErrNotExist) && config.Absent != "" {
		return sbom.Listing{}, nil
	}
	if err != nil {
		return sbom.Listing{}, fmt.Errorf("read the lock: %w", err)
	}
	contents, err := chosen.Contents(file, data, read("package.json"))
	listing := sbom.Listing{From: []string{file}}
	for _, each := range contents.Shipped {
		listing.Packages = append(listing.Packages, sbom.Package{Type: "npm", Name: each.Name, Version: each.Version,
			License: each.License, SHA512: checksum(each.Integrity)})
	}
	listing.Packages = withModules(listing.Packages, modules)
	return listing, err
}

// checksum returns the SHA-512 of a Subresource Integrity value in hexadecimal.
func checksum(integrity string) string {
	encoded, ok := strings.CutPrefix(integrity, "sha512-")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return ""
	}
	return hex.EncodeToString(raw)
}
