package image

import (
	"cmp"
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Summary describes the content of an OCI layout.
type Summary struct {
	Digest    string     `json:"digest"` // of the index, sha256:…
	Platforms []Platform `json:"platforms"`
	Version   string     `json:"-"` // version in the index's annotations
	Revision  string     `json:"-"` // commit in the index's annotations
	// NotForRelease is why the image must not be released, according to its index or
	// any platform's image; "" when it may be.
	NotForRelease string `json:"-"`
	Tree          string `json:"-"` // the git tree that it was built from
}

// Platform is the image of one platform.
type Platform struct {
	Name   string `json:"name"`   // such as linux/arm64
	Digest string `json:"digest"` // of its manifest
	Size   int64  `json:"size"`   // bytes to pull: configuration and compressed layers
}

// Inspect reads the layout at dir.
func Inspect(dir string) (Summary, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return Summary{}, fmt.Errorf("read the OCI layout %s: %w", dir, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return Summary{}, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return Summary{}, err
	}
	summary := Summary{
		Digest:        digest.String(),
		Version:       manifest.Annotations[VersionKey],
		Revision:      manifest.Annotations[revisionKey],
		Tree:          manifest.Annotations[treeKey],
		NotForRelease: reasonIn(manifest.Annotations),
	}
	for _, descriptor := range manifest.Manifests {
		if descriptor.Annotations[ReferenceType] == attestation {
			continue
		}
		image, err := index.Image(descriptor.Digest)
		if err != nil {
			return Summary{}, err
		}
		size, sizeErr := pullSize(image)
		reason, err := reasonOf(image)
		if err := errors.Join(sizeErr, err); err != nil {
			return Summary{}, err
		}
		summary.NotForRelease = cmp.Or(summary.NotForRelease, reason)
		summary.Platforms = append(summary.Platforms, Platform{
			Name: PlatformName(descriptor.Platform), Digest: descriptor.Digest.String(), Size: size})
	}
	return summary, nil
}

func pullSize(image v1.Image) (int64, error) {
	manifest, err := image.Manifest()
	if err != nil {
		return 0, err
	}
	size := manifest.Config.Size
	for _, layer := range manifest.Layers {
		size += layer.Size
	}
	return size, nil
}
