package sbom_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

func TestModules(t *testing.T) {
	const file = `module example.org/shop

go 1.26

require (
	example.org/direct v1.2.3
	example.org/changed v1.0.0
)

require example.org/indirect/v2 v2.0.1 // indirect

require example.org/local v0.0.0

replace example.org/changed v1.0.0 => example.org/fork v1.0.1

replace example.org/direct v1.0.0 => example.org/other v1.0.0

replace example.org/local => ../local
`
	got, err := sbom.Modules("go.mod", []byte(file))
	want := sbom.Listing{
		Packages: []sbom.Package{
			{Type: "golang", Name: "example.org/direct", Version: "v1.2.3"},
			{Type: "golang", Name: "example.org/fork", Version: "v1.0.1"},
			{Type: "golang", Name: "example.org/indirect/v2", Version: "v2.0.1"},
		},
		From:    []string{"go.mod"},
		Omitted: []string{"the Go module example.org/local: go.mod replaces it by the folder ../local"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := sbom.Modules("go.mod", []byte("modul x")); err == nil {
		t.Error("a broken go.mod is read")
	}
}
