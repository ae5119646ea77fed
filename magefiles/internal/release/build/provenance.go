package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
)

// ProvenanceFile is the signed attestation of where the files of dist come from, a Sigstore
// bundle (https://docs.sigstore.dev/about/bundle/). The release workflow adds it to dist
// before a release is published; a release from another machine has none.
const ProvenanceFile = "provenance.sigstore.json"

// ImageProvenanceFile is the same for the image. It is attached to the image, too.
const ImageProvenanceFile = "image.provenance.sigstore.json"

// ImageProvenance returns the content of ImageProvenanceFile, nil if it is not in dist.
func ImageProvenance(of *app.App) ([]byte, error) { return attestation(of, ImageProvenanceFile) }

// attestation returns the content of an attestation, nil if it is not in dist.
func attestation(of *app.App, file string) ([]byte, error) {
	data, err := os.ReadFile(of.Path(app.DistDir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// attestedImage returns ImageProvenanceFile, if it is in dist. An attestation of another image
// is an error.
func attestedImage(of *app.App, digest string) ([]artifact.File, error) {
	return checked(of, ImageProvenanceFile, func(digests []string) error {
		if slices.Contains(digests, strings.TrimPrefix(digest, "sha256:")) {
			return nil
		}
		return fmt.Errorf("%s attests another image than %s; "+
			"delete it, or bring the one that was made for this build", ImageProvenanceFile, digest)
	})
}

// attested returns ProvenanceFile, if it is in dist. An attestation of other files than
// those that are released is an error. Its signature is not verified: whoever downloads
// the files does that.
func attested(of *app.App, files []artifact.File) ([]artifact.File, error) {
	return checked(of, ProvenanceFile, func(digests []string) error {
		for _, file := range files {
			if file.Name != ChecksumsFile && !slices.Contains(digests, file.SHA256) {
				return fmt.Errorf("%s attests other files than these: it has no subject with the SHA-256 of %s; "+
					"delete it, or bring the one that was made for this build", ProvenanceFile, file.Name)
			}
		}
		return nil
	})
}

// checked returns an attestation, if it is in dist, after a check of the digests of what it
// attests.
func checked(of *app.App, name string, check func(digests []string) error) ([]artifact.File, error) {
	data, err := attestation(of, name)
	if data == nil || err != nil {
		return nil, err
	}
	digests, err := subjects(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := check(digests); err != nil {
		return nil, err
	}
	file, err := artifact.Measure(of.Path(app.DistDir), name)
	return []artifact.File{file}, err
}

// subjects are the SHA-256 checksums that the statement of a bundle attests
// (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).
func subjects(bundle []byte) ([]string, error) {
	var envelope struct {
		DSSE struct{ Payload []byte } `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(bundle, &envelope); err != nil {
		return nil, err
	}
	var statement struct {
		Subject []struct {
			Digest struct{ SHA256 string }
		}
	}
	if err := json.Unmarshal(envelope.DSSE.Payload, &statement); err != nil {
		return nil, fmt.Errorf("its statement: %w", err)
	}
	digests := make([]string, len(statement.Subject))
	for i, subject := range statement.Subject {
		digests[i] = subject.Digest.SHA256
	}
	return digests, nil
}
