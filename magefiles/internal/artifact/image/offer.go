package image

import (
	"os"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// offerLayers links the blobs of an earlier layout, if there is one, into the folder that BuildKit exports to: it does
// not send what is there already, such as the layers of the base images. A blob whose content is not that of its name
// is left out, since nobody else would notice. That a file can't be linked costs time, nothing else.
func offerLayers(earlier, export string) {
	entries, err := os.ReadDir(blobs(earlier))
	if err != nil || os.MkdirAll(blobs(export), 0o755) != nil {
		return
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, entry := range entries {
		group.Go(func() error {
			if file := filepath.Join(blobs(earlier), entry.Name()); holds(file) {
				_ = os.Link(file, filepath.Join(blobs(export), entry.Name()))
			}
			return nil
		})
	}
	_ = group.Wait()
}

// blobs is the folder of a layout's blobs
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs).
func blobs(layout string) string { return filepath.Join(layout, "blobs", "sha256") }

// holds reports whether the content of a blob is that of its name.
func holds(file string) bool {
	opened, err := os.Open(file)
	if err != nil {
		return false
	}
	defer opened.Close()
	sum, _, err := v1.SHA256(opened)
	return err == nil && sum.Hex == filepath.Base(file)
}
