package image

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// remade is an image whose configuration and layers were replaced. It implements partial.CompressedImageCore.
type remade struct {
	mediaType        types.MediaType
	manifest, config []byte
	layers           map[v1.Hash]v1.Layer
}

// remake replaces the configuration and the layers in a manifest, which it modifies. The rest of the manifest
// stays, including the layers' annotations.
func remake(manifest *v1.Manifest, config []byte, layers []v1.Layer) (v1.Image, error) {
	made := remade{mediaType: manifest.MediaType, config: config, layers: map[v1.Hash]v1.Layer{}}
	for i, layer := range layers {
		descriptor, err := partial.Descriptor(layer)
		if err != nil {
			return nil, err
		}
		changed := &manifest.Layers[i]
		changed.Digest, changed.Size, changed.MediaType = descriptor.Digest, descriptor.Size, descriptor.MediaType
		made.layers[descriptor.Digest] = layer
	}
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	manifest.Config.Digest, manifest.Config.Size = digest, size
	if manifest.Config.Data != nil {
		manifest.Config.Data = config
	}
	if made.manifest, err = json.Marshal(manifest); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(made)
}

func (r remade) RawConfigFile() ([]byte, error)      { return r.config, nil }
func (r remade) RawManifest() ([]byte, error)        { return r.manifest, nil }
func (r remade) MediaType() (types.MediaType, error) { return r.mediaType, nil }

func (r remade) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	if layer, found := r.layers[digest]; found {
		return layer, nil
	}
	return nil, fmt.Errorf("the image has no layer %s", digest)
}
