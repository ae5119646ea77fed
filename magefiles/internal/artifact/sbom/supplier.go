package sbom

import (
	"regexp"

	"github.com/spdx/tools-golang/spdx/v2/common"
)

// unknown is the SPDX value for what is not known.
const unknown = "NOASSERTION"

// several matches names of organisations and groups, such as "The Pydantic Team". SPDX distinguishes persons from
// organisations, but the metadata of packages does not.
var several = regexp.MustCompile(`(?i)\b(inc|llc|ltd|limited|gmbh|corp|corporation|company|foundation|team|teams|` +
	`authors|developers|contributors|maintainers|community|project|group|authority|labs|organi[sz]ation|and|` +
	`university|institute|association|collective|technologies|software)\b|&|,`)

// Supplier is who made a package.
type Supplier struct {
	Name         string // "" if unknown
	Email        string // or ""
	Organization bool   // whether it is known to be an organisation, whatever its name
}

// spdx returns the supplier in SPDX's form
// (https://spdx.github.io/spdx-spec/v2.3/package-information/#75-package-supplier-field).
func (s Supplier) spdx() *common.Supplier {
	if s.Name == "" {
		return &common.Supplier{Supplier: unknown}
	}
	found := &common.Supplier{SupplierType: "Person", Supplier: s.Name}
	if s.Organization || several.MatchString(s.Name) {
		found.SupplierType = "Organization"
	}
	if s.Email != "" {
		found.Supplier += " (" + s.Email + ")"
	}
	return found
}
