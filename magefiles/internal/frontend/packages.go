package frontend

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/sbom"
)

// Packages lists what package-lock.json pins and the bundle may contain: all
// but development dependencies
// (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json).
func (t Toolchain) Packages() ([]sbom.Package, error) {
	file := t.App.Config.Build.Frontend.Directory + "/package-lock.json"
	data, err := os.ReadFile(t.App.Path(file))
	if err != nil {
		return nil, fmt.Errorf("read the lock: %w", err)
	}
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

// checksum is the SHA-512 of a Subresource Integrity value, in hexadecimal.
func checksum(integrity string) string {
	encoded, ok := strings.CutPrefix(integrity, "sha512-")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return ""
	}
	return hex.EncodeToString(raw)
}
