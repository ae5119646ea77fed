package build

import (
	"context"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
)

// Vendor downloads the wheels of the image's Python dependencies for platforms into dist/vendor, after checking
// that their lock is up to date. Packages without a wheel are built from source, by the image's builder if they
// must be compiled.
func (b *Builder) Vendor(ctx context.Context, place work.Place, platforms []string) error {
	wheels, err := place.App.Dist(VendorDir)
	if err != nil {
		return err
	}
	lock, err := place.Backend.Vendor(ctx, wheels, platforms, containers{b, place})
	if err != nil {
		return err
	}
	return os.WriteFile(place.App.Path(app.DistDir, LockFile), lock, 0o644)
}

// containers runs builds with the image's builder.
type containers struct {
	builder *Builder
	place   work.Place
}

// Export builds a Dockerfile for a platform, and writes the files of its last stage to dest.
func (c containers) Export(ctx context.Context, dir, platform, dest string) error {
	engine, err := c.builder.Engine(ctx)
	if err != nil {
		return err
	}
	return image.Export(ctx, c.place.Run, engine, dir, platform, dest)
}
