package frontend

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// Packages lists the packages in package-lock.json, in the frontend's folder below
// root, that the bundle may contain: all but development dependencies
// (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json). The lock may be
// missing if the pipeline builds no frontend.
func (t Toolchain) Packages(root string) (sbom.Listing, error) {
	config := t.App.Config.Build.Frontend
	file := path.Join(config.Directory, "package-lock.json")
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if errors.Is(err, os.ErrNotExist) && config.Absent != "" {
		return sbom.Listing{}, nil
	}
	if err != nil {
		return sbom.Listing{}, fmt.Errorf("read the lock: %w", err)
	}
	packages, err := lockedPackages(file, data)
	return sbom.Listing{Packages: packages, From: []string{file}}, err
}

func lockedPackages(file string, data []byte) ([]sbom.Package, error) {
	var lock struct {
		Packages map[string]struct {
			Version, License, Integrity string
			Dev, Link                   bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return nil, fmt.Errorf("read the lock %s: %w", file, err)
	}
	var packages []sbom.Package
	for path, each := range lock.Packages {
		at := strings.LastIndex(path, "node_modules/")
		if at < 0 || each.Dev || each.Link {
			continue
		}
		packages = append(packages, sbom.Package{Type: "npm", Name: path[at+len("node_modules/"):],
			Version: each.Version, License: each.License, SHA512: checksum(each.Integrity)})
	}
	return packages, nil
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
