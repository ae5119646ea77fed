package sbom_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestDocument(t *testing.T) {
	subject := sbom.Subject{
		Name:    "odin",
		Version: "1.7.3",
		Commit:  "0123456789abcdef",
		Source:  "https://github.com/hughkantsime/runsodin",
		Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
	packages := []sbom.Package{
		{
			Type: "pypi", Name: "fastapi", Version: "0.165.1", License: "MIT",
			Supplier: sbom.Supplier{Name: "Sebastián Ramírez"},
			SHA256:   []string{strings.Repeat("1", 64)}, Files: []string{"fastapi-0.165.1-py3-none-any.whl"},
		},
		{
			Type: "pypi", Name: "numpy", Version: "2.0", License: "BSD",
			Supplier: sbom.Supplier{Name: "The NumPy Developers", Email: "numpy@example.org"},
			SHA256:   []string{strings.Repeat("2", 64), strings.Repeat("3", 64)},
			Files:    []string{"numpy-2.0-arm64.whl", "numpy-2.0-amd64.whl"},
		},
		{Type: "pypi", Name: "odd", Version: "1", License: "Do what you want.\nBut not today."},
		{
			Type:     "pypi",
			Name:     "odd",
			Version:  "1",
			SHA256:   []string{strings.Repeat("4", 64)},
			Supplier: sbom.Supplier{Name: "Ada", Email: "ada@example.org"},
		}, // in another lock
		{Type: "npm", Name: "closed", Version: "1.0.0", License: "SEE LICENSE IN LICENSE.md"},
		{Type: "npm", Name: "@scope/name", Version: "1.0.0", License: "MIT", SHA512: strings.Repeat("0", 128)},
		{
			Type:     "npm",
			Name:     "@scope/name",
			Version:  "1.0.0",
			License:  "MIT",
			SHA512:   strings.Repeat("0", 128),
			Supplier: sbom.Supplier{Name: "scope", Organization: true},
		}, // twice in the lock
	}
	got, err := sbom.Document(subject, packages, nil)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/odin.spdx.json", string(got))
	document, err := json.Read(bytes.NewReader(got))
	if err == nil {
		err = spdxlib.ValidateDocument(document)
	}
	if err != nil {
		t.Errorf("the SPDX reader refuses it: %v", err)
	}
	got, err = sbom.Document(subject, packages, []string{"requirements.txt:1: x is not pinned to one version", "y"})
	if err != nil {
		t.Fatal(err)
	}
	read, err := json.Read(bytes.NewReader(got))
	if want := "Not listed: requirements.txt:1: x is not pinned to one version; y"; err != nil ||
		read.DocumentComment != want {
		t.Errorf("%v, comment %q, expected %q", err, read.DocumentComment, want)
	}
}

func TestExpression(t *testing.T) {
	for text, want := range map[string]string{
		"MIT": "MIT", " mit ": "MIT", "Apache-2.0 OR MIT": "Apache-2.0 OR MIT", "(MIT AND CC0-1.0)": "MIT AND CC0-1.0",
		"GPL-2.0-only WITH Classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0",
		"BSD": "", "UNLICENSED": "", "SEE LICENSE IN x": "", "MIT, ISC": "", "MIT OR": "", "": "",
		"LicenseRef-x": "", "MIT OR LicenseRef-x": "", "DocumentRef-a:LicenseRef-b": "", "MIT\nISC": "",
	} {
		if got := sbom.Expression(text); got != want {
			t.Errorf("%q: %q, expected %q", text, got, want)
		}
	}
}

// Whatever a package says of its licence, it is an expression or a reference to a text.
func FuzzLicense(f *testing.F) {
	for _, seed := range []string{"MIT", "BSD", "MIT OR (ISC", "A\nx", "LicenseRef-MIT", "—", "((((", "a WITH b"} {
		f.Add(seed, seed+"!")
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		data, err := sbom.Document(sbom.Subject{Name: "a", Version: "1"}, []sbom.Package{
			{
				Type:    "npm",
				Name:    "a",
				Version: "1",
				License: one,
			},
			{Type: "npm", Name: "b", Version: "1", License: other},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		read, err := json.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]bool{}
		for _, each := range read.OtherLicenses {
			texts[each.LicenseIdentifier] = each.ExtractedText != ""
		}
		for _, each := range read.Packages {
			declared := each.PackageLicenseDeclared
			if declared != "NOASSERTION" && sbom.Expression(declared) == "" && !texts[declared] {
				t.Errorf("%q and %q: %q", one, other, declared)
			}
		}
	})
}
