package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
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

// attestedImage returns ImageProvenanceFile, if it is in dist. It is an error if that attests another image.
func attestedImage(of *app.App, digest string) ([]artifact.File, error) {
	return checked(of, ImageProvenanceFile, func(attests signature.Statement) error {
		if attests.About(digest) {
			return nil
		}
		return fmt.Errorf("%s attests another image than %s; "+
			"delete it, or bring the one that was made for this build", ImageProvenanceFile, digest)
	})
}

// attested returns ProvenanceFile, if it is in dist. It is an error if that attests other files than those that are
// released. The signature is not verified here: whoever downloads the files does that.
func attested(of *app.App, files []artifact.File) ([]artifact.File, error) {
	return checked(of, ProvenanceFile, func(attests signature.Statement) error {
		for _, file := range files {
			if file.Name != ChecksumsFile && !attests.About(file.SHA256) {
				return fmt.Errorf("%s attests other files than these: it has no subject with the SHA-256 of %s; "+
					"delete it, or bring the one that was made for this build", ProvenanceFile, file.Name)
			}
		}
		return nil
	})
}

// checked returns an attestation, if it is in dist and passes a check of its statement.
func checked(of *app.App, name string, check func(signature.Statement) error) ([]artifact.File, error) {
	data, err := attestation(of, name)
	if data == nil || err != nil {
		return nil, err
	}
	bundle, err := signature.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := check(bundle.Statement); err != nil {
		return nil, err
	}
	file, err := artifact.Measure(of.Path(app.DistDir), name)
	return []artifact.File{file}, err
}
