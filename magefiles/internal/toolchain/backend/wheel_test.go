package backend

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// archived returns a wheel, or another zip archive, with one file.
func archived(t *testing.T, name, content string) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	entry, err := archive.Create(name)
	if err == nil {
		_, err = entry.Write([]byte(content))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func sumOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// What is vendored has the hashes of its wheels, and the licence and supplier that these tell.
func TestPackagesWithWheels(t *testing.T) {
	root := t.TempDir()
	zeros, ones := strings.Repeat("0", 64), strings.Repeat("1", 64)
	writeFile(t, root, "requirements.lock", "fast-api==1.0 \\\n    --hash=sha256:"+zeros+" \\\n    --hash=sha256:"+ones+
		"\nnumpy==1.9 ; python_version < '3.11' \\\n    --hash=sha256:"+zeros+
		"\nnumpy==2.0 ; python_version >= '3.11' \\\n    --hash=sha256:"+ones+
		"\npywin==3 ; sys_platform == 'win32' \\\n    --hash=sha256:"+ones+" \\\n    --hash=sha256:"+zeros+"\n")
	pure := archived(t, "Fast_API-1.0.0.dist-info/METADATA", "Name: Fast_API\nLicense-Expression: MIT\nAuthor: Ada\n")
	amd, arm := archived(t, "numpy-2.0.dist-info/METADATA", "Name: numpy\nLicense: BSD\n"),
		archived(t, "numpy-2.0.dist-info/METADATA", "Name: numpy\nLicense: BSD\n\n")
	for _, folder := range []string{"linux-amd64", "linux-arm64"} {
		if err := os.MkdirAll(filepath.Join(root, "vendor", folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, content := range map[string]string{
		"vendor/linux-amd64/Fast_API-1.0.0-py3-none-any.whl":   pure,
		"vendor/linux-arm64/Fast_API-1.0.0-py3-none-any.whl":   pure,
		"vendor/linux-amd64/numpy-2.0-cp312-cp312-x86_64.whl":  amd,
		"vendor/linux-arm64/numpy-2.0-cp312-cp312-aarch64.whl": arm,
		"vendor/linux-amd64/requirements.txt":                  "",
	} {
		writeFile(t, root, file, content)
	}
	found := Toolchain{
		App: &app.App{Config: app.Config{Build: app.Build{Vendor: app.Vendor{Lock: "requirements.lock"}}}},
	}
	got, err := found.Packages(root, root+"/vendor")
	want := []sbom.Package{
		{
			Type: "pypi", Name: "fast-api", Version: "1.0", License: "MIT", Supplier: sbom.Supplier{Name: "Ada"},
			SHA256: []string{sumOf(pure)}, Files: []string{"Fast_API-1.0.0-py3-none-any.whl"},
		},
		{Type: "pypi", Name: "numpy", Version: "1.9", SHA256: []string{zeros}},
		{
			Type: "pypi", Name: "numpy", Version: "2.0", License: "BSD", SHA256: []string{sumOf(amd), sumOf(arm)},
			Files: []string{"numpy-2.0-cp312-cp312-x86_64.whl", "numpy-2.0-cp312-cp312-aarch64.whl"},
		},
		{Type: "pypi", Name: "pywin", Version: "3", SHA256: []string{ones, zeros}},
	}
	if diff := cmp.Diff(want, got.Packages); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for content, want := range map[string]string{
		archived(t, "a/x.dist-info/METADATA", "Name: x\n"): "x-1-py3-none-any.whl: it has no METADATA",
		"no archive": "x-1-py3-none-any.whl: zip: not a valid zip file",
		archived(t, "x.dist-info/METADATA", "Version: 1\n"): "x-1-py3-none-any.whl: it has no field Name",
	} {
		writeFile(t, root, "vendor/linux-arm64/x-1-py3-none-any.whl", content)
		if _, err := found.Packages(root, root+"/vendor"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}
