package sbom

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// Expression returns a licence as an SPDX expression with the identifiers of the SPDX licence
// list (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/), "" if the text is
// something else.
func Expression(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, "\r\n") || strings.Contains(text, "Ref-") {
		return "" // a reference means nothing outside of the document that it is from
	}
	found, invalid := spdxexp.ValidateAndNormalizeLicensesWithOptions(
		[]string{text}, spdxexp.ValidateLicensesOptions{FailAllLicenseRefs: true, FailAllDocumentRefs: true},
	)
	if len(invalid) > 0 || len(found) != 1 {
		return ""
	}
	return found[0]
}

// licenses are the texts of licences that are not SPDX expressions, by their references.
type licenses map[string]string

// declare returns what a package declares as a value of SPDX: an expression, a reference to
// the text or, of nothing, NOASSERTION.
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

// list are the texts as SPDX has them, in order.
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
