package targets

import (
	"context"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// imaging declares the steps that build images.
type imaging struct{ building }

func (g building) images() imaging { return imaging{g} }

// all returns the steps that build each image for all platforms, the app's own first.
func (g imaging) all() []*step.Step { return eachImage(g.app.Config, g.image) }

// assembled returns the steps that join each image from parts that were built elsewhere.
func (g imaging) assembled() []*step.Step { return eachImage(g.app.Config, g.assembly) }

// parts returns the steps that build one platform's part of each image.
func (g imaging) parts(platform string) []*step.Step {
	return eachImage(g.app.Config, func(of app.NamedImage) *step.Step { return g.part(of, platform) })
}

// eachImage declares a step for each image. An app without an image has the step of its own image, as
// one that is absent.
func eachImage(config app.Config, declare func(app.NamedImage) *step.Step) []*step.Step {
	steps := []*step.Step{declare(app.NamedImage{Image: config.Build.Image})}
	for _, each := range app.FurtherImages(config) {
		steps = append(steps, declare(each))
	}
	return steps
}

// image returns the step that builds an image for all platforms.
func (g imaging) image(of app.NamedImage) *step.Step {
	return g.imageStep(
		of, build.StepOf(of.Key), baseImages,
		func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return g.builder.Image(ctx, place, r, of)
		},
	)
}

// assembly returns the step that joins an image from its parts.
func (g imaging) assembly(of app.NamedImage) *step.Step {
	return g.imageStep(
		of, assemblyOf(of.Key), 0,
		func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return g.builder.Assemble(ctx, place, r, of)
		},
	)
}

// assemblyOf returns the title of the step that joins the image of a key.
func assemblyOf(key string) string {
	if key == "" {
		return titleAssemble
	}
	return titleAssemble + " " + key
}

// imageInputs adds what an image is built from besides the tree and the wheels to the inputs of a step.
func imageInputs(
	of app.NamedImage, purpose image.Purpose,
) func(context.Context, *work.Release, step.Inputs) error {
	return func(_ context.Context, r *work.Release, inputs step.Inputs) error {
		inputs.Config("build.image", of.Image)
		inputs.Config("release", identity(r.Plan))
		inputs.Config("purpose", purpose)
		return nil
	}
}

// imageStep returns a step that leaves an image in dist. It needs the wheels and the SBOM.
func (g imaging) imageStep(
	of app.NamedImage, title string, fresh time.Duration,
	built func(context.Context, work.Place, *work.Release) (any, error),
) *step.Step {
	if of.Image.Absent != "" {
		return g.absent("build", title, of.Image.Absent)
	}
	return g.localStep(localStep{
		phase: "build", title: title, fresh: fresh, always: title == assemblyOf(of.Key),
		outputs: []string{build.LayoutOf(of.Key)},
		unfit:   func() string { return unfit(g.app, g.builder.Purpose, of.Key) },
		inputs:  imageInputs(of, g.builder.Purpose),
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			var value any
			err := begun(g.app, func() (err error) {
				value, err = built(ctx, place, r)
				return err
			})
			sayPurpose(g.app, g.builder.Purpose, g.screen, of.Key)
			return value, err
		},
	}, g.vendor(), g.sbom())
}

// part returns the step that builds one platform's part of an image, in dist/parts.
func (g imaging) part(of app.NamedImage, platform string) *step.Step {
	title := build.StepOf(of.Key) + " " + platform
	if of.Image.Absent != "" {
		return g.absent("build", title, of.Image.Absent)
	}
	dir := build.PartDir(of.Key, platform)
	return g.localStep(localStep{
		phase:   "build",
		title:   title,
		fresh:   baseImages,
		outputs: []string{dir},
		inputs:  imageInputs(of, g.builder.Purpose),
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			if err := g.builder.Part(ctx, place, r, of, platform); err != nil {
				return nil, err
			}
			g.screen.Log.Infof("%s: the image's part is in %s", platform, g.app.Rel(g.app.Path(app.DistDir, dir)))
			return nil, nil
		},
	}, g.vendor())
}
