package build

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// bundle returns an attestation of files with these checksums, as GitHub gives it.
func bundle(digests ...string) string {
	var subjects []string
	for _, digest := range digests {
		subjects = append(subjects, fmt.Sprintf(`{"name": "a", "digest": {"sha256": %q}}`, digest))
	}
	statement := fmt.Sprintf(`{"_type": "https://in-toto.io/Statement/v1", "predicateType":
		"https://slsa.dev/provenance/v1", "subject": [%s]}`, strings.Join(subjects, ", "))
	return fmt.Sprintf(`{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": {"payload": %q,
		"payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "c2ln"}]}}`,
		base64.StdEncoding.EncodeToString([]byte(statement)))
}

// TestProvenance: an attestation is released with the files that it is of, and with no others.
func TestProvenance(t *testing.T) {
	of := place(t, map[string]string{"dist/a.tar": "a", "dist/sbom.spdx.json": "{}"}).App
	of.Config.Build.Files = []app.Files{{Name: "a", Outputs: []string{"a.tar"}}}
	if _, err := Finish(of, decided); err != nil {
		t.Fatal(err)
	}
	files, err := measured(of)
	if err != nil || len(files) != 3 {
		t.Fatalf("without an attestation: %v, %v", files, err)
	}
	for content, want := range map[string]string{
		bundle(files[0].SHA256, files[2].SHA256): "",
		bundle(files[0].SHA256):                  "provenance.sigstore.json attests other files than these",
		"{}":                                     `provenance.sigstore.json: it is of type "", expected `,
		"nonsense":                               "provenance.sigstore.json: read the bundle: invalid character",
	} {
		if err := os.WriteFile(of.Path(app.DistDir, ProvenanceFile), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := measured(of)
		switch {
		case want == "" && (err != nil || len(got) != 4 || got[2].Name != ProvenanceFile):
			t.Errorf("%s: %v, %v", content, got, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s: %v, expected %s", content, err, want)
		}
	}
	if err := Begin(of); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(of.Path(app.DistDir, ProvenanceFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the attestation of an earlier build is still there: %v", err)
	}
}

// TestImageProvenance: an attestation of the image is released with that image, and with no other.
func TestImageProvenance(t *testing.T) {
	of := place(t, map[string]string{}).App
	digest := strings.Repeat("ab", 32)
	if files, err := attestedImage(of, "sha256:"+digest); err != nil || len(files) != 0 {
		t.Errorf("without an attestation: %v, %v", files, err)
	}
	for content, want := range map[string]string{
		bundle(digest):                  "",
		bundle(strings.Repeat("0", 64)): "image.provenance.sigstore.json attests another image than sha256:abab",
		"nonsense":                      "image.provenance.sigstore.json: read the bundle: invalid character",
	} {
		if err := of.Save(ImageProvenanceFile, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := attestedImage(of, "sha256:"+digest)
		switch {
		case want == "" && (err != nil || len(got) != 1 || got[0].Name != ImageProvenanceFile):
			t.Errorf("%v, %v", got, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%v, expected %s", err, want)
		}
	}
}
