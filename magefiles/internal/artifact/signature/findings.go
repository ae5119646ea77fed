package signature

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
)

// Finding is what a scanner may find in an image, and whether that affects it, in the words of
// OpenVEX.
type Finding struct {
	Vulnerability string // such as CVE-2026-0001
	Package       string // a purl, "" for the whole image
	Status        string
	Justification string
	Why           string
}

// Scanned is an image that scanners find something in.
type Scanned struct {
	Image, Tag, Digest string    // such as ghcr.io/ada/shop, 1.8.0 and sha256:…
	Repository         string    // web address
	Time               time.Time // of the commit that it was built from
}

// purl returns the address of the image
// (https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md).
func (s Scanned) purl() string {
	return "pkg:oci/" + strings.ToLower(path.Base(s.Image)) + "@" + url.QueryEscape(s.Digest) +
		"?repository_url=" + url.QueryEscape(s.Image) + "&tag=" + url.QueryEscape(s.Tag)
}

// Affect returns the claim which findings affect an image. The same findings give the same
// claim.
func Affect(image Scanned, findings []Finding) (Claim, error) {
	type object map[string]any
	var statements []object
	for _, each := range findings {
		product := object{"@id": image.purl()}
		if each.Package != "" {
			product["subcomponents"] = []object{{"@id": each.Package}}
		}
		said := object{
			"vulnerability": object{"name": each.Vulnerability}, "products": []object{product}, "status": each.Status,
		}
		for key, text := range map[string]string{
			"justification": each.Justification, wordsOf(each.Status): each.Why,
		} {
			if text != "" {
				said[key] = text
			}
		}
		statements = append(statements, said)
	}
	about := cmp.Or(image.Repository, "https://"+image.Image)
	document, err := json.Marshal(object{
		"@context": VEX, "@id": about + "#vex-" + image.Tag, "author": about, "version": 1,
		"timestamp": image.Time.UTC().Format(time.RFC3339), "statements": statements,
	})
	if err != nil {
		return Claim{}, fmt.Errorf("write what does not affect the image: %w", err)
	}
	return Affecting(document)
}

// wordsOf returns the field of OpenVEX that says in words what a status is about.
func wordsOf(status string) string {
	switch status {
	case "not_affected":
		return "impact_statement"
	case "affected":
		return "action_statement"
	}
	return "status_notes"
}
