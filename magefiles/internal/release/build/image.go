package build

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
)

// Image builds an image from the tree that is released, with the wheels and the SBOM in dist, into the folder in
// dist that LayoutOf returns.
func (b *Builder) Image(
	ctx context.Context, place work.Place, r *work.Release, of app.NamedImage,
) (image.Summary, error) {
	engine, err := b.Engine(ctx)
	if err != nil {
		return image.Summary{}, err
	}
	b.stage.Lock()
	defer b.stage.Unlock()
	options, err := b.whole(ctx, place, r, of)
	if err != nil {
		return image.Summary{}, err
	}
	options.Engine = engine
	return image.Build(ctx, place.Run, options)
}

// Part builds one platform's part of an image into dist/parts, as input for Assemble.
func (b *Builder) Part(
	ctx context.Context, place work.Place, r *work.Release, of app.NamedImage, platform string,
) error {
	engine, err := b.Engine(ctx)
	if err != nil {
		return err
	}
	b.stage.Lock()
	defer b.stage.Unlock()
	options, err := b.options(ctx, place, r, nil, of, PartDir(of.Key, platform))
	if err != nil {
		return err
	}
	options.Engine, options.Image.Platforms = engine, []string{platform}
	return image.Part(ctx, place.Run, options)
}

// Assemble joins the parts of an image, which may come from other machines.
func (b *Builder) Assemble(
	ctx context.Context, place work.Place, r *work.Release, of app.NamedImage,
) (image.Summary, error) {
	parts, err := b.parts(of)
	if err != nil {
		return image.Summary{}, err
	}
	b.stage.Lock()
	defer b.stage.Unlock()
	options, err := b.whole(ctx, place, r, of)
	if err != nil {
		return image.Summary{}, err
	}
	return image.Assemble(parts, options)
}

// whole returns the options for an image of all platforms, with the SBOM in dist.
func (b *Builder) whole(
	ctx context.Context, place work.Place, r *work.Release, of app.NamedImage,
) (image.Options, error) {
	bill, err := readSBOM(place.App)
	if err != nil {
		return image.Options{}, err
	}
	return b.options(ctx, place, r, bill, of, LayoutOf(of.Key))
}

// options stages the tree and checks, just before the image is built from it, that nothing else is there.
func (b *Builder) options(
	ctx context.Context, place work.Place, r *work.Release, bill []byte, of app.NamedImage, dest string,
) (image.Options, error) {
	if err := r.Staged(ctx); err != nil {
		return image.Options{}, err
	}
	if err := r.Untouched(ctx, b.App.Rel(r.Stage)); err != nil {
		return image.Options{}, fmt.Errorf("%s: %w", StepOf(of.Key), err)
	}
	vendor := ""
	if b.App.Config.Build.Vendor.Absent == "" {
		vendor = b.App.Path(app.DistDir, VendorDir)
	}
	where, err := place.App.Dist(dest)
	return image.Options{
		Step: StepOf(of.Key), Image: of.Image, Of: subject(r.Plan), Tag: b.App.Config.Publish.Tag(r.Plan.Version),
		Source: r.Stage, Vendor: vendor, SBOM: bill, Dest: where,
		Hint: func(text string) { b.Screen.Log.Info(text) },
	}, err
}

// subject describes what the image of a release is built from.
func subject(decided plan.Plan) image.Subject {
	return image.Subject{
		Version: decided.Version, Commit: decided.Commit, CommitTime: decided.CommitTime, Tree: decided.Tree,
		Repository: decided.Repository,
	}
}
