package sbom_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

func TestReadWhatDocumentWrote(t *testing.T) {
	packages := []sbom.Package{
		{Type: "npm", Name: "@vitejs/plugin-react", Version: "5.0.0", License: "MIT"},
		{Type: "pypi", Name: "fastapi", Version: "0.121.0"},
	}
	data, err := sbom.Document(sbom.Subject{Name: "app", Version: "1.0.0", Created: time.Unix(0, 0)}, packages, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sbom.Read(data)
	if diff := cmp.Diff(packages, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if _, err := sbom.Read([]byte("{")); err == nil {
		t.Error("what is no SBOM is read")
	}
}

func TestCompare(t *testing.T) {
	pypi := func(name, version string) sbom.Package {
		return sbom.Package{Type: "pypi", Name: name, Version: version}
	}
	got := sbom.Compare(
		[]sbom.Package{
			pypi("same", "1"),
			pypi("gone", "1"),
			pypi("newer", "1"),
			pypi("twice", "1"),
			pypi("twice", "2"),
		},
		[]sbom.Package{pypi("same", "1"), pypi("come", "1"), pypi("newer", "2"), pypi("twice", "2"), pypi("twice", "3"),
			pypi("twice", "4"), {Type: "npm", Name: "same", Version: "1"}},
	)
	want := sbom.Difference{
		Added: []sbom.Package{{Type: "npm", Name: "same", Version: "1"}, pypi("come", "1"), pypi("twice", "3"),
			pypi("twice", "4")},
		Removed: []sbom.Package{pypi("gone", "1"), pypi("twice", "1")},
		Changed: []sbom.Change{{Before: pypi("newer", "1"), Now: pypi("newer", "2")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
