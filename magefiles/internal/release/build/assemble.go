package build

import (
	"fmt"
	"os"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// PartDir returns the folder in dist for one platform's part of an image, by the image's key.
func PartDir(key, platform string) string {
	file := app.FileName(platform)
	if key != "" {
		file = key + "." + file // no platform name contains a dot
	}
	return path.Join("parts", file)
}

// parts returns the folders with the parts of an image, one for each platform.
func (b *Builder) parts(of app.NamedImage) ([]string, error) {
	var parts []string
	for _, platform := range of.Image.Platforms {
		part := b.App.Path(app.DistDir, PartDir(of.Key, platform))
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
