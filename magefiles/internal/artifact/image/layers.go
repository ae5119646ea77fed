package image

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Layer is a layer of a platform's image.
type Layer struct {
	Digest  string `json:"digest"`
	Size    int64  `json:"size"`    // compressed, in bytes
	Command string `json:"command"` // the instruction that made it, or "" if the image does not say
}

// Layers returns the layers of each platform of the layout at dir, the lowest first, by the
// digest of the platform's manifest.
func Layers(dir string, of Summary) (map[string][]Layer, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("read the OCI layout %s: %w", dir, err)
	}
	all := map[string][]Layer{}
	for _, platform := range of.Platforms {
		digest, err := v1.NewHash(platform.Digest)
		if err != nil {
			return nil, err
		}
		image, err := index.Image(digest)
		if err != nil {
			return nil, err
		}
		if all[platform.Digest], err = layersOf(image); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// layersOf returns an image's layers, each with the entry of the history that made it
// (https://github.com/opencontainers/image-spec/blob/main/config.md): the history has one non-empty entry per
// layer.
func layersOf(image v1.Image) ([]Layer, error) {
	manifest, err := image.Manifest()
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	var commands []string
	for _, entry := range config.History {
		if !entry.EmptyLayer {
			commands = append(commands, command(entry.CreatedBy))
		}
	}
	layers := make([]Layer, len(manifest.Layers))
	for i, layer := range manifest.Layers {
		layers[i] = Layer{Digest: layer.Digest.String(), Size: layer.Size}
		if len(commands) == len(layers) { // otherwise it is unknown which entry made which layer
			layers[i].Command = commands[i]
		}
	}
	return layers, nil
}

// wrapping matches what builders write before an instruction.
var wrapping = pattern.Lazy(`^(RUN )?(\|[0-9]+ (\S+=\S* )*)?/bin/sh -c (#\(nop\) +)?`)

// command returns the instruction in an entry of the history.
func command(createdBy string) string {
	text := strings.TrimSuffix(createdBy, " # buildkit")
	found := wrapping().FindStringSubmatch(text)
	if found == nil {
		return strings.Join(strings.Fields(text), " ")
	}
	text = text[len(found[0]):]
	if found[4] == "" {
		text = "RUN " + text
	}
	return strings.Join(strings.Fields(text), " ")
}
