package sbom

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// Expression returns a licence as an SPDX expression with identifiers of the SPDX licence list
// (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/), or "" if the text is something else.
func Expression(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, "\r\n") || strings.Contains(text, "Ref-") {
		return "" // a reference is only valid in its own document
	}
	found, invalid := spdxexp.ValidateAndNormalizeLicensesWithOptions(
		[]string{text}, spdxexp.ValidateLicensesOptions{FailAllLicenseRefs: true, FailAllDocumentRefs: true},
	)
	if len(invalid) > 0 || len(found) != 1 {
		return ""
	}
	return found[0]
}

// licenses holds the texts of licences that are not SPDX expressions, by their references.
type licenses map[string]string

// declare returns the SPDX value for a package's licence: an expression, a reference to the text or, without a
// licence, NOASSERTION.
func (l licenses) declare(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return unknown
	}
	if found := Expression(text); found != "" {
		return found
	}
	first, _, _ := strings.Cut(text, "\n")
	name := strings.Trim(notAnIdentifier().ReplaceAllString(first, "-"), "-.")
	if len(name) > 40 || name == "" || first != text {
		name = fmt.Sprintf("%.30s-%.8x", name, sha256.Sum256([]byte(text)))
	}
	reference := "LicenseRef-" + strings.TrimLeft(name, "-.")
	for l[reference] != "" && l[reference] != text { // BSD! and BSD?, such as
		reference += "-2"
	}
	l[reference] = text
	return reference
}

// list returns the texts in SPDX's form, sorted.
func (l licenses) list() []*spdx.OtherLicense {
	var found []*spdx.OtherLicense
	for _, reference := range sortedKeys(l) {
		name, _, _ := strings.Cut(l[reference], "\n")
		found = append(found, &spdx.OtherLicense{
			LicenseIdentifier: reference, ExtractedText: l[reference], LicenseName: strings.TrimSpace(name),
		})
	}
	return found
}
