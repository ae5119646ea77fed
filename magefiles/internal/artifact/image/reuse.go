package image

import (
	"os"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// reuseLayers links the blobs of an earlier layout, if there is one, into the folder that BuildKit exports to, so that
// BuildKit does not send them again, such as the layers of the base images. A blob whose digest does not match its name
// is skipped, because BuildKit does not check. Errors are ignored: BuildKit then sends the layer.
func reuseLayers(earlier, export string) {
	entries, err := os.ReadDir(blobs(earlier))
	if err != nil || os.MkdirAll(blobs(export), 0o755) != nil {
		return
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, entry := range entries {
		group.Go(func() error {
			if file := filepath.Join(blobs(earlier), entry.Name()); matches(file) {
				_ = os.Link(file, filepath.Join(blobs(export), entry.Name()))
			}
			return nil
		})
	}
	_ = group.Wait()
}

// blobs returns the folder of a layout's blobs
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs).
func blobs(layout string) string { return filepath.Join(layout, "blobs", "sha256") }

// matches reports whether the digest of a blob matches its name.
func matches(file string) bool {
	opened, err := os.Open(file)
	if err != nil {
		return false
	}
	defer opened.Close()
	sum, _, err := v1.SHA256(opened)
	return err == nil && sum.Hex == filepath.Base(file)
}
