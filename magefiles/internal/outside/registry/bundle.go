package registry

import (
	"bytes"
	"context"
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Annotations of a bundle's manifest, as cosign 3 writes them.
const (
	contentKey   = "dev.sigstore.bundle.content"
	predicateKey = "dev.sigstore.bundle.predicateType"
)

// Bundle is a Sigstore bundle that is attached to a manifest.
type Bundle struct {
	MediaType     string // of the bundle
	PredicateType string // type of the statement about the manifest
	Content       []byte
}

// manifest is the manifest of a bundle. v1.Manifest has no artifact type.
type manifest struct {
	SchemaVersion int64             `json:"schemaVersion"`
	MediaType     types.MediaType   `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        v1.Descriptor     `json:"config"`
	Layers        []v1.Descriptor   `json:"layers"`
	Subject       v1.Descriptor     `json:"subject"`
	Annotations   map[string]string `json:"annotations"`
}

// artifact is a bundle in the form in which a registry stores it.
type artifact struct {
	content    Bundle
	manifest   []byte
	descriptor v1.Descriptor // of the manifest, as an index lists it
}

// noConfig is the empty configuration.
var noConfig = static.NewLayer([]byte("{}"), "application/vnd.oci.empty.v1+json")

// artifacts returns bundles in the form in which they are attached to a manifest. Nothing in them depends on the
// time, so the same bundle always has the same digest.
func (r Referrers) artifacts(ctx context.Context, subject string, contents []Bundle) ([]artifact, error) {
	of, err := r.repository.puller.Head(ctx, r.repository.repository.Digest(subject))
	if err != nil {
		return nil, err
	}
	config, err := partial.Descriptor(noConfig)
	if err != nil {
		return nil, err
	}
	list := make([]artifact, len(contents))
	for i, content := range contents {
		layer, err := partial.Descriptor(content.layer())
		if err != nil {
			return nil, err
		}
		made := manifest{
			SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: content.MediaType,
			Config: *config, Layers: []v1.Descriptor{*layer},
			Subject:     v1.Descriptor{MediaType: of.MediaType, Digest: of.Digest, Size: of.Size},
			Annotations: map[string]string{contentKey: "dsse-envelope", predicateKey: content.PredicateType},
		}
		if list[i], err = described(content, made); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (b Bundle) layer() v1.Layer { return static.NewLayer(b.Content, types.MediaType(b.MediaType)) }

func described(content Bundle, made manifest) (artifact, error) {
	raw, err := json.Marshal(made)
	if err != nil {
		return artifact{}, err
	}
	digest, size, err := v1.SHA256(bytes.NewReader(raw))
	return artifact{content, raw, v1.Descriptor{
		MediaType: made.MediaType, Digest: digest, Size: size,
		ArtifactType: made.ArtifactType, Annotations: made.Annotations,
	}}, err
}
