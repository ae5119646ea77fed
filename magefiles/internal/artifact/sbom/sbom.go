// Package sbom writes a software bill of materials as SPDX 2.3 JSON
// (https://spdx.github.io/spdx-spec/v2.3/) from lock files.
package sbom

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Package is one locked dependency.
type Package struct {
	Type    string // the purl type: pypi, npm or golang
	Name    string // as its registry spells it, with any npm scope
	Version string
	License string // an SPDX expression, or else the package's own words; or ""
	// Supplier is who made it; the zero value means unknown.
	Supplier Supplier
	SHA512   string   // in hexadecimal, or ""
	SHA256   []string // in hexadecimal, of each file that may be installed
	Files    []string // names of those files, if the release contains them
}

// Listing is the content of lock files.
type Listing struct {
	Packages []Package
	From     []string // the files, as slash-separated paths
	Omitted  []string // what is missing and why, one line each
}

// purl returns the package's address (https://github.com/package-url/purl-spec).
func (p Package) purl() string {
	name := strings.ReplaceAll(url.PathEscape(p.Name), "%2F", "/")
	return "pkg:" + p.Type + "/" + strings.ReplaceAll(name, "@", "%40") + "@" + url.PathEscape(p.Version)
}

// Subject is what the bill of materials describes.
type Subject struct {
	Name    string
	Version string
	Commit  string
	Source  string // web address of the repository, or ""
	Created time.Time
}

// Document returns the bill of materials of a subject as SPDX JSON. Its comment says
// what is missing, if anything. The same input gives the same bytes.
func Document(subject Subject, packages []Package, omitted []string) ([]byte, error) {
	sorted, texts := merged(packages), licenses{}

	root := &spdx.Package{
		PackageName:             subject.Name,
		PackageVersion:          subject.Version,
		PackageSPDXIdentifier:   "app",
		PackageDownloadLocation: cmp.Or(subject.Source, unknown),
		PrimaryPackagePurpose:   "APPLICATION",
		PackageLicenseConcluded: unknown,
		PackageLicenseDeclared:  unknown,
		PackageCopyrightText:    unknown,
		PackageSupplier:         Supplier{}.spdx(),
	}
	document := spdx.Document{
		SPDXVersion:    spdx.Version,
		DataLicense:    spdx.DataLicense,
		SPDXIdentifier: "DOCUMENT",
		DocumentName:   subject.Name + "-" + subject.Version,
		DocumentNamespace: "https://spdx.org/spdxdocs/" + url.PathEscape(
			subject.Name+"-"+subject.Version,
		) + "-" + subject.Commit,
		CreationInfo: &spdx.CreationInfo{Created: subject.Created.UTC().Format(time.RFC3339),
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "odin-release"}}},
		Packages:      []*spdx.Package{root},
		Relationships: []*spdx.Relationship{relation("DOCUMENT", "DESCRIBES", "app")},
	}
	if len(omitted) > 0 {
		document.DocumentComment = "Not listed: " + strings.Join(omitted, "; ")
	}
	for _, each := range sorted {
		entry := each.spdx(texts)
		document.Packages = append(document.Packages, entry)
		document.Relationships = append(
			document.Relationships,
			relation("app", "DEPENDS_ON", entry.PackageSPDXIdentifier),
		)
	}
	document.OtherLicenses = texts.list()
	var out bytes.Buffer
	if err := json.Write(document, &out, json.Indent("  ")); err != nil {
		return nil, fmt.Errorf("write the SBOM: %w", err)
	}
	return out.Bytes(), nil
}

// notAnIdentifier matches the characters that an SPDX identifier cannot contain.
var notAnIdentifier = pattern.Lazy(`[^A-Za-z0-9.-]+`)

// merged returns the packages sorted by address, each once, with everything that is known about it.
func merged(packages []Package) []Package {
	sorted := slices.Clone(packages)
	slices.SortStableFunc(sorted, func(a, b Package) int { return cmp.Compare(a.purl(), b.purl()) })
	var list []Package
	for _, each := range sorted {
		if len(list) == 0 || list[len(list)-1].purl() != each.purl() {
			each.SHA256, each.Files = distinct(each.SHA256), distinct(each.Files)
			list = append(list, each)
			continue
		}
		last := &list[len(list)-1]
		last.License, last.Supplier = cmp.Or(last.License, each.License), cmp.Or(last.Supplier, each.Supplier)
		last.SHA512 = cmp.Or(last.SHA512, each.SHA512)
		last.SHA256, last.Files = distinct(last.SHA256, each.SHA256...), distinct(last.Files, each.Files...)
	}
	return list
}

// distinct returns the texts in order, each once.
func distinct(list []string, more ...string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(list, more))))
}

func sortedKeys(of map[string]string) []string { return slices.Sorted(maps.Keys(of)) }

func (p Package) spdx(texts licenses) *spdx.Package {
	entry := &spdx.Package{
		PackageName:    p.Name,
		PackageVersion: p.Version,
		PackageSPDXIdentifier: common.ElementID(
			notAnIdentifier().ReplaceAllString(p.Type+"-"+p.Name+"-"+p.Version, "-"),
		),
		PackageDownloadLocation: unknown,
		PackageCopyrightText:    unknown,
		PackageLicenseConcluded: unknown,
		PackageLicenseDeclared:  texts.declare(p.License),
		PackageSupplier:         p.Supplier.spdx(),
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: "PACKAGE-MANAGER", RefType: "purl", Locator: p.purl()}},
	}
	if p.SHA512 != "" {
		entry.PackageChecksums = []common.Checksum{{Algorithm: common.SHA512, Value: p.SHA512}}
	}
	for _, sum := range p.SHA256 {
		entry.PackageChecksums = append(entry.PackageChecksums, common.Checksum{Algorithm: common.SHA256, Value: sum})
	}
	switch len(p.Files) {
	case 0:
	case 1:
		entry.PackageFileName = p.Files[0]
	default:
		entry.PackageComment = "Each platform has one of the files: " + strings.Join(p.Files, ", ")
	}
	return entry
}

func relation(from common.ElementID, kind string, to common.ElementID) *spdx.Relationship {
	return &spdx.Relationship{RefA: common.MakeDocElementID("", string(from)),
		RefB: common.MakeDocElementID("", string(to)), Relationship: kind}
}
