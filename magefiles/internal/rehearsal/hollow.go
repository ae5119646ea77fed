package rehearsal

import (
	"fmt"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Hollow writes an OCI layout of an image that has a version and no platform, for a
// release that is only listed.
func Hollow(dir, version string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	index := mutate.Annotations(
		mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
		map[string]string{"org.opencontainers.image.version": version},
	)
	if _, err := layout.Write(dir, index.(v1.ImageIndex)); err != nil {
		return fmt.Errorf("write %s: %w", dir, err)
	}
	return nil
}
