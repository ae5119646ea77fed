package build

import (
	"fmt"
	"os"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// PartDir is the folder in dist for a platform's part of the image.
func PartDir(platform string) string { return path.Join("parts", app.FileName(platform)) }

// parts are the parts of the image: one for each platform.
func (b *Builder) parts() ([]string, error) {
	var parts []string
	for _, platform := range b.App.Config.Build.Image.Platforms {
		part := b.App.Path(app.DistDir, PartDir(platform))
		if _, err := os.Stat(part); err != nil {
			return nil, fmt.Errorf(
				"there is no %s: run image:build -platform=%s, here or on a machine of that platform",
				b.App.Rel(part),
				platform,
			)
		}
		parts = append(parts, part)
	}
	return parts, nil
}
