package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// findBuilder makes sure that there is a builder for the images before any time is spent on
// what could not be built.
func (g building) findBuilder() *step.Step {
	if g.app.Config.Build.Image.Absent != "" {
		return g.absent("plan", "builder", g.app.Config.Build.Image.Absent)
	}
	images := g.images()
	return g.step("plan", "builder", finder{g.graph, images})
}

// finder finds a builder, unless all images are reused.
type finder struct {
	*graph
	images []*step.Step
}

// Done reports whether no builder is needed.
func (f finder) Done(ctx context.Context) (step.State, error) {
	for _, image := range f.images {
		if state, err := image.Work.Done(ctx); err != nil || !state.Is() {
			return step.State{Status: step.ToDo}, err
		}
	}
	return step.State{Status: step.Done, Why: "not needed, since the image is reused"}, nil
}

// Do finds one, and sets it up where it may.
func (f finder) Do(ctx context.Context) error {
	_, err := f.builder.Engine(ctx)
	return err
}

// unfit is why an image in dist cannot be released: a builder may be there by now that has
// the official base images.
func (g building) unfit(key string) string {
	layout := build.LayoutOf(key)
	built, err := image.Inspect(g.app.Path(app.DistDir, layout))
	if err != nil {
		return "" // it is restored, or made again
	}
	if g.builder.Purpose.Check(layout, built.NotForRelease) != nil {
		return "the image is not for release"
	}
	return ""
}

// sayPurpose says when what was built may not be released.
func (g building) sayPurpose(key string) {
	layout := build.LayoutOf(key)
	built, err := image.Inspect(g.app.Path(app.DistDir, layout))
	if err != nil {
		return // whoever needs it reports it
	}
	if refused := g.builder.Purpose.Check(layout, built.NotForRelease); refused != nil {
		g.screen.Warn("build", refused.Error())
	}
}
