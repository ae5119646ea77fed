package targets

import (
	"context"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
)

// Assemble joins the parts of the image that image:build -platform=… left in dist/parts.
// What else a release is made of it builds, as build does.
func Assemble(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		release, err := p.prepare(ctx, tag, allow)
		if err != nil {
			return err
		}
		parts, err := p.parts()
		if err != nil {
			return err
		}
		start := time.Now()
		built, err := p.complete(
			ctx,
			release,
			func(options image.Options) (image.Summary, error) { return image.Assemble(parts, options) },
		)
		p.spent("build", "assemble", start, err != nil)
		if err != nil {
			return err
		}
		p.artifactTable(release.plan, built)
		return nil
	})
}

// buildPart builds a platform's part of the image.
func (p *pipeline) buildPart(ctx context.Context, tag, allow *string, platform string) error {
	prepared, err := p.prepare(ctx, tag, allow)
	if err != nil {
		return err
	}
	if absent := p.app.Config.Build.Image.Absent; absent != "" {
		p.log.Infof("image:build is absent: %s", absent)
		return nil
	}
	return p.timed("build", "image:build "+platform, func() error { return p.makePart(ctx, prepared, platform) })
}

func (p *pipeline) makePart(ctx context.Context, prepared release, platform string) error {
	defer p.group("image:build " + platform)()
	engine, err := p.builder(ctx)
	if err != nil {
		return err
	}
	if err := p.vendorInCopy(ctx, prepared); err != nil {
		return err
	}
	part, err := p.app.Dist(partOf(platform))
	if err != nil {
		return err
	}
	_, err = p.buildImage(ctx, prepared, nil, func(options image.Options) (image.Summary, error) {
		options.Engine, options.Dest = engine, part
		return image.Summary{}, image.Part(ctx, p.run, options)
	})
	if err == nil {
		p.log.Infof("%s: the image's part is in %s", platform, p.app.Rel(part))
	}
	return err
}

// partOf is the folder in dist for a platform's part of the image.
func partOf(platform string) string {
	return path.Join("parts", app.FileName(platform))
}

// parts are the parts of the image: one for each platform.
func (p *pipeline) parts() ([]string, error) {
	var parts []string
	config := p.app.Config.Build.Image
	for _, platform := range config.Platforms {
		part := p.app.Path(app.DistDir, partOf(platform))
		if _, err := os.Stat(part); err != nil && config.Absent == "" {
			return nil, fmt.Errorf(
				"there is no %s: run image:build -platform=%s, here or where that platform is at home",
				p.app.Rel(part),
				platform,
			)
		}
		parts = append(parts, part)
	}
	return parts, nil
}
