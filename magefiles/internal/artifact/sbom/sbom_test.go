package sbom_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/spdx/tools-golang/json"

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
		{Type: "pypi", Name: "fastapi", Version: "0.165.1"},
		{Type: "npm", Name: "@scope/name", Version: "1.0.0", License: "MIT", SHA512: "00"},
		{Type: "npm", Name: "@scope/name", Version: "1.0.0", License: "MIT", SHA512: "00"}, // twice in the lock
	}
	got, err := sbom.Document(subject, packages, nil)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/odin.spdx.json", string(got))
	if _, err := json.Read(bytes.NewReader(got)); err != nil {
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
