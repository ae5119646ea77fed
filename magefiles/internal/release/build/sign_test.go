package build_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
)

func TestSign(t *testing.T) {
	dir := t.TempDir()
	var files []artifact.File
	for _, name := range []string{"app.tar", "checksums.txt", "provenance.sigstore.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("the content of "+name), 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := artifact.Measure(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	key, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := build.Sign(dir, files, key)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range got {
		names = append(names, file.Name)
	}
	want := []string{
		"app.tar", "app.tar.sigstore.json", "checksums.txt", "checksums.txt.sigstore.json", "cosign.pub",
		"provenance.sigstore.json",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	data, err := os.ReadFile(filepath.Join(dir, "app.tar.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := signature.Check(data, key.Public, files[0].SHA256, signature.Signed)
	if err != nil || said.Subject[0].Name != "app.tar" {
		t.Errorf("%v: %+v", err, said)
	}
	again, err := build.Sign(dir, files, key)
	if err != nil || !slices.Equal(again, got) {
		t.Errorf("%v: another run made other signatures", err)
	}
}
