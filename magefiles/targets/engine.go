package targets

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/image"
)

// engine finds a builder for the image's platforms, and starts one when there
// is none and this machine lets it.
func (p *pipeline) engine(ctx context.Context) (image.Engine, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return image.Engine{}, nil
	}
	engine, err := image.FindEngine(ctx, p.run, config.Builder, config.Platforms)
	if err == nil || ctx.Err() != nil {
		return engine, err
	}
	if config.Builder != "" {
		return image.Engine{}, fmt.Errorf("image:build: %w", err) // a builder that was asked for is its owner's affair
	}
	p.log.Info("no builder for the image yet: setting one up")
	if startErr := p.startEngine(ctx); startErr != nil {
		return image.Engine{}, fmt.Errorf("image:build: %w\n%w\nStart Docker with Buildx (https://docs.docker.com/engine/install/); "+
			"on Debian and Ubuntu, sudo scripts/engine of odin-release sets everything up", err, startErr)
	}
	return image.FindEngine(ctx, p.run, config.Builder, config.Platforms)
}

// startEngine sets up what is missing: all of it where that may be installed,
// else a builder on the engine that is there.
func (p *pipeline) startEngine(ctx context.Context) error {
	if !p.backend.Tools.MayInstall {
		return image.CreateBuilder(ctx, p.run)
	}
	node, err := p.backend.Tools.Node(ctx, "image:build")
	if err != nil {
		return err
	}
	return image.StartEngine(ctx, p.run, node)
}
