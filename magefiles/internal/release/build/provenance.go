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
func ImageProvenance(of *app.App) ([]byte, error) {
	data, err := os.ReadFile(of.Path(app.DistDir, ImageProvenanceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// attestedImage returns ImageProvenanceFile, if it is in dist. An attestation of another image
// is an error.
func attestedImage(of *app.App, digest string) ([]artifact.File, error) {
	data, err := ImageProvenance(of)
	if data == nil || err != nil {
		return nil, err
	}
	digests, err := subjects(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ImageProvenanceFile, err)
	}
	if !slices.Contains(digests, strings.TrimPrefix(digest, "sha256:")) {
		return nil, fmt.Errorf("%s attests another image than %s; "+
			"delete it, or bring the one that was made for this build", ImageProvenanceFile, digest)
	}
	file, err := artifact.Measure(of.Path(app.DistDir), ImageProvenanceFile)
	return []artifact.File{file}, err
}

// attested returns ProvenanceFile, if it is in dist. An attestation of other files than
// those that are released is an error. Its signature is not verified: whoever downloads
// the files does that.
func attested(of *app.App, files []artifact.File) ([]artifact.File, error) {
	data, err := os.ReadFile(of.Path(app.DistDir, ProvenanceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	digests, err := subjects(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ProvenanceFile, err)
	}
	for _, file := range files {
		if file.Name != ChecksumsFile && !slices.Contains(digests, file.SHA256) {
			return nil, fmt.Errorf("%s attests other files than these: it has no subject with the SHA-256 of %s; "+
				"delete it, or bring the one that was made for this build", ProvenanceFile, file.Name)
		}
	}
	file, err := artifact.Measure(of.Path(app.DistDir), ProvenanceFile)
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
