package image

import (
	"bytes"
	"encoding/json"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// How BuildKit stores attestations beside an image
// (https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md).
const (
	// ReferenceType is the annotation of an attestation in an index.
	ReferenceType   = "vnd.docker.reference.type"
	referenceDigest = "vnd.docker.reference.digest"
	attestation     = "attestation-manifest"
	predicateType   = "in-toto.io/predicate-type"
	inToto          = types.MediaType("application/vnd.in-toto+json")
	spdxPredicate   = "https://spdx.dev/Document"
)

// described is an image whose descriptor keeps the artifact type that BuildKit wrote
// instead of one derived from its configuration.
type described struct {
	v1.Image
	artifactType string
}

// ArtifactType returns the artifact type of the image's descriptor.
func (d described) ArtifactType() (string, error) { return d.artifactType, nil }

// attestationOf turns the attestations of an exported image into those of the image that was made from it: their
// statements and their manifest name the new image by its digest.
func attestationOf(beside v1.Image, exported v1.Hash, made v1.Image) (v1.Image, error) {
	manifest, err := beside.Manifest()
	if err != nil {
		return nil, err
	}
	config, err := beside.RawConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := beside.Layers()
	if err != nil {
		return nil, err
	}
	subject, err := partial.Descriptor(made)
	if err != nil {
		return nil, err
	}
	for i, layer := range layers {
		statement, err := content(layer)
		if err != nil {
			return nil, err
		}
		statement = bytes.ReplaceAll(statement, []byte(exported.Hex), []byte(subject.Digest.Hex))
		layers[i] = static.NewLayer(statement, manifest.Layers[i].MediaType)
		digest, err := layers[i].Digest()
		if err != nil {
			return nil, err
		}
		// The configuration of older versions of BuildKit lists the statements.
		config = bytes.ReplaceAll(config, []byte(manifest.Layers[i].Digest.Hex), []byte(digest.Hex))
	}
	manifest = manifest.DeepCopy()
	// Attestations are found through the index. A subject would need the Referrers API,
	// which not every registry has.
	manifest.Subject = nil
	return remake(manifest, config, layers)
}

func content(layer v1.Layer) ([]byte, error) {
	reader, err := layer.Compressed()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

// addSBOM adds an in-toto statement (https://in-toto.io/Statement/v0.1) with
// the SBOM to a platform's attestations.
func addSBOM(image v1.Image, digest v1.Hash, options Options) (v1.Image, error) {
	if options.SBOM == nil {
		return image, nil
	}
	statement, err := json.Marshal(map[string]any{
		"_type":         "https://in-toto.io/Statement/v0.1",
		"predicateType": spdxPredicate,
		"subject": []any{
			map[string]any{"name": options.reference(), "digest": map[string]string{digest.Algorithm: digest.Hex}},
		},
		"predicate": json.RawMessage(options.SBOM),
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{
		Layer:       static.NewLayer(statement, inToto),
		Annotations: map[string]string{predicateType: spdxPredicate},
	})
}

// PlatformName formats a platform as os/architecture[/variant].
func PlatformName(platform *v1.Platform) string {
	name := platform.OS + "/" + platform.Architecture
	if platform.Variant != "" && platform.Architecture != "arm64" { // arm64 is always v8
		name += "/" + platform.Variant
	}
	return name
}
