package targets

import (
	"context"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// images are the steps that build each image for all platforms, the app's own first.
func (g building) images() []*step.Step { return g.eachImage(g.image) }

// assembled are the steps that join each image from parts that were built elsewhere.
func (g building) assembled() []*step.Step { return g.eachImage(g.assembly) }

// parts are the steps that build one platform's part of each image.
func (g building) parts(platform string) []*step.Step {
	return g.eachImage(func(of app.NamedImage) *step.Step { return g.part(of, platform) })
}

// eachImage declares a step for each image. An app without an image has the step of its own
// image, as one that is absent.
func (g building) eachImage(declare func(app.NamedImage) *step.Step) []*step.Step {
	steps := []*step.Step{declare(app.NamedImage{Image: g.app.Config.Build.Image})}
	for _, each := range app.FurtherImages(g.app.Config) {
		steps = append(steps, declare(each))
	}
	return steps
}

// image is an image in dist, built for all platforms.
func (g building) image(of app.NamedImage) *step.Step {
	return g.imageStep(
		of, build.StepOf(of.Key), baseImages,
		func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return g.builder.Image(ctx, place, r, of)
		},
	)
}

// assembly is an image in dist, joined from parts.
func (g building) assembly(of app.NamedImage) *step.Step {
	return g.imageStep(
		of, assemblyOf(of.Key), 0,
		func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return g.builder.Assemble(ctx, place, r, of)
		},
	)
}

// assemblyOf is the title of the step that joins an image, under its key.
func assemblyOf(key string) string {
	if key == "" {
		return titleAssemble
	}
	return titleAssemble + " " + key
}

// imageInputs are what an image is built from besides the tree and the wheels.
func (g building) imageInputs(of app.NamedImage) func(context.Context, *work.Release, step.Inputs) error {
	return func(_ context.Context, r *work.Release, inputs step.Inputs) error {
		inputs.Config("build.image", of.Image)
		inputs.Config("release", identity(r.Plan))
		inputs.Config("purpose", g.builder.Purpose)
		return nil
	}
}

func (g building) imageStep(
	of app.NamedImage, title string, fresh time.Duration,
	built func(context.Context, work.Place, *work.Release) (any, error),
) *step.Step {
	if of.Image.Absent != "" {
		return g.absent("build", title, of.Image.Absent)
	}
	return g.localStep(localStep{
		phase: "build", title: title, fresh: fresh, always: title == assemblyOf(of.Key),
		outputs: []string{build.LayoutOf(of.Key)},
		unfit:   func() string { return g.unfit(of.Key) },
		inputs:  g.imageInputs(of),
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			var value any
			err := g.begun(func() (err error) {
				value, err = built(ctx, place, r)
				return err
			})
			g.sayPurpose(of.Key)
			return value, err
		},
	}, g.vendor(), g.sbom())
}

// part is one platform's part of an image, in dist/parts.
func (g building) part(of app.NamedImage, platform string) *step.Step {
	title := build.StepOf(of.Key) + " " + platform
	if of.Image.Absent != "" {
		return g.absent("build", title, of.Image.Absent)
	}
	dir := build.PartDir(of.Key, platform)
	return g.localStep(localStep{
		phase: "build", title: title, fresh: baseImages, outputs: []string{dir}, inputs: g.imageInputs(of),
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			if err := g.builder.Part(ctx, place, r, of, platform); err != nil {
				return nil, err
			}
			g.screen.Log.Infof("%s: the image's part is in %s", platform, g.app.Rel(g.app.Path(app.DistDir, dir)))
			return nil, nil
		},
	}, g.vendor())
}
