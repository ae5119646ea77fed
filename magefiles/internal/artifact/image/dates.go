package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// buildEpoch is the SOURCE_DATE_EPOCH of every build, and the time that BuildKit
// gives to all files that the build made (rewrite-timestamp). It is not the
// commit's time, for two reasons:
//
//   - The cache key of a WORKDIR contains it, and so does that of a RUN in a stage
//     that declares it. Another value for each commit would run all that follows
//     again (https://github.com/docker/docs/pull/23795).
//   - BuildKit replaces later times alone. A layer that was cached before the
//     commit would keep the time of its own build, and the image would differ from
//     one that is built without a cache (https://github.com/moby/buildkit/issues/4748).
//
// On this day it is 1980 in every time zone, the first year that a zip file can
// hold. Assemble replaces it by the commit's time.
var buildEpoch = time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)

// rewrittenTo is the annotation of a layer with the time to which BuildKit set the times of its files.
const rewrittenTo = "buildkit/rewritten-timestamp"

// dates replaces buildEpoch with the commit's time in BuildKit's export. The files need a time that differs from
// release to release: web servers derive ETag and Last-Modified from it, so after an upgrade a browser would keep a
// page that has the same size (https://github.com/paketo-buildpacks/nginx/issues/447).
type dates struct {
	commit time.Time
	dir    string // folder for new layers, which must stay until the image is written
}

// image sets the time in the layers and the configuration of a platform's image.
// The layers of its base image are kept as they are: BuildKit leaves them
// compressed, and exports what it built uncompressed.
func (d dates) image(built v1.Image) (v1.Image, error) {
	manifest, err := built.Manifest()
	if err != nil {
		return nil, err
	}
	layers, err := built.Layers()
	if err != nil {
		return nil, err
	}
	manifest = manifest.DeepCopy()
	diffs := make([]v1.Hash, len(layers)) // digests of the uncompressed layers whose times change
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, descriptor := range manifest.Layers {
		if descriptor.MediaType != types.OCIUncompressedLayer {
			continue
		}
		if descriptor.Annotations[rewrittenTo] != "" {
			descriptor.Annotations[rewrittenTo] = fmt.Sprint(d.commit.Unix())
		}
		group.Go(func() error {
			dated, err := d.layer(layers[i])
			if err != nil {
				return err
			}
			diffs[i] = dated.diff
			layers[i], err = partial.CompressedToLayer(dated)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	config, err := d.config(built, diffs)
	if err != nil {
		return nil, err
	}
	return remake(manifest, config, layers)
}

// config returns the image's configuration with the commit's time. diffs are the new digests of the uncompressed
// layers (DiffIDs). A zero hash means that the layer belongs to the base image, whose digest stays. Unknown fields
// are kept.
func (d dates) config(built v1.Image, diffs []v1.Hash) ([]byte, error) {
	raw, err := built.RawConfigFile()
	if err != nil {
		return nil, err
	}
	var config map[string]json.RawMessage
	var known struct {
		History []map[string]json.RawMessage `json:"history"`
		RootFS  v1.RootFS                    `json:"rootfs"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, err
	}
	for _, entry := range append(known.History, config) {
		if err := d.created(entry); err != nil {
			return nil, err
		}
	}
	if len(known.RootFS.DiffIDs) != len(diffs) {
		return nil, fmt.Errorf("the image's configuration lists %d layers, and its manifest %d",
			len(known.RootFS.DiffIDs), len(diffs))
	}
	for i, diff := range diffs {
		if diff != (v1.Hash{}) {
			known.RootFS.DiffIDs[i] = diff
		}
	}
	if config["rootfs"], err = json.Marshal(known.RootFS); err != nil {
		return nil, err
	}
	if known.History != nil {
		if config["history"], err = json.Marshal(known.History); err != nil {
			return nil, err
		}
	}
	return json.Marshal(config)
}

// created replaces buildEpoch with the commit's time in a configuration, or in an entry of its history. Other
// times, such as those of the base image, stay.
func (d dates) created(entry map[string]json.RawMessage) error {
	var at time.Time
	raw, found := entry["created"]
	if !found {
		return nil
	}
	if err := json.Unmarshal(raw, &at); err != nil || !at.Equal(buildEpoch) {
		return err
	}
	var err error
	entry["created"], err = json.Marshal(d.commit.UTC())
	return err
}

// layer writes an uncompressed layer to a file, compressed and with the commit's
// time. The standard library's gzip takes three times as long.
func (d dates) layer(built v1.Layer) (datedLayer, error) {
	from, err := built.Compressed() // as it is stored: uncompressed
	if err != nil {
		return datedLayer{}, err
	}
	defer from.Close()
	file, err := os.CreateTemp(d.dir, "layer-*")
	if err != nil {
		return datedLayer{}, err
	}
	defer file.Close()
	digest, diff := sha256.New(), sha256.New()
	compressed := gzip.NewWriter(io.MultiWriter(file, digest))
	if err := d.files(io.MultiWriter(compressed, diff), from); err != nil {
		return datedLayer{}, err
	}
	if err := compressed.Close(); err != nil {
		return datedLayer{}, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return datedLayer{}, err
	}
	return datedLayer{file: file.Name(), size: size, digest: sum(digest), diff: sum(diff)}, nil
}

// files copies a tar archive with the commit's time instead of the build's.
func (d dates) files(to io.Writer, from io.Reader) error {
	reader, writer := tar.NewReader(from), tar.NewWriter(to)
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return writer.Close()
		}
		if err != nil {
			return err
		}
		for _, at := range []*time.Time{&header.ModTime, &header.AccessTime, &header.ChangeTime} {
			if at.Equal(buildEpoch) {
				*at = d.commit
			}
		}
		if err := writer.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(writer, reader); err != nil {
			return err
		}
	}
}

func sum(of hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", of.Sum(nil))}
}

// datedLayer is a compressed layer in a file.
type datedLayer struct {
	file         string
	size         int64
	digest, diff v1.Hash
}

func (l datedLayer) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l datedLayer) DiffID() (v1.Hash, error)            { return l.diff, nil }
func (l datedLayer) Size() (int64, error)                { return l.size, nil }
func (l datedLayer) Compressed() (io.ReadCloser, error)  { return os.Open(l.file) }
func (l datedLayer) MediaType() (types.MediaType, error) { return types.OCILayer, nil }
