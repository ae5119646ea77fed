package sbom

import (
	"regexp"

	"github.com/spdx/tools-golang/spdx/v2/common"
)

// unknown is what SPDX says of what is not known.
const unknown = "NOASSERTION"

// several matches the name of more than one person, such as "The Pydantic Team": SPDX tells
// persons from organisations, and what packages say of themselves does not.
var several = regexp.MustCompile(`(?i)\b(inc|llc|ltd|limited|gmbh|corp|corporation|company|foundation|team|teams|` +
	`authors|developers|contributors|maintainers|community|project|group|authority|labs|organi[sz]ation|and|` +
	`university|institute|association|collective|technologies|software)\b|&|,`)

// supplierOf is who made a package as SPDX has it
// (https://spdx.github.io/spdx-spec/v2.3/package-information/#75-package-supplier-field).
func supplierOf(name string) *common.Supplier {
	switch {
	case name == "":
		return &common.Supplier{Supplier: unknown}
	case several.MatchString(name):
		return &common.Supplier{SupplierType: "Organization", Supplier: name}
	}
	return &common.Supplier{SupplierType: "Person", Supplier: name}
}
