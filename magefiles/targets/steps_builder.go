package targets

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// findBuilder returns the step that finds a builder for the images, before time is spent on what
// could not be built.
func (g building) findBuilder() *step.Step {
	if g.app.Config.Build.Image.Absent != "" {
		return g.absent("plan", "builder", g.app.Config.Build.Image.Absent)
	}
	return g.step("plan", "builder", finder{g.graph, g.images().all()})
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
	if err := misnamedHere(ctx, f.session); err != nil {
		return err
	}
	_, err := f.builder.Engine(ctx)
	return err
}

// unfit returns why the image in dist cannot be released, "" if it can or if there is none. It may
// have been built before there was a builder with the official base images.
func unfit(of *app.App, purpose image.Purpose, key string) string {
	layout := build.LayoutOf(key)
	built, err := image.Inspect(of.Path(app.DistDir, layout))
	if err != nil {
		return "" // it is restored, or made again
	}
	if purpose.Check(layout, built.NotForRelease) != nil {
		return "the image is not for release"
	}
	return ""
}

// sayPurpose shows a warning if the image in dist may not be released.
func sayPurpose(of *app.App, purpose image.Purpose, screen *report.Screen, key string) {
	layout := build.LayoutOf(key)
	built, err := image.Inspect(of.Path(app.DistDir, layout))
	if err != nil {
		return // whoever needs it reports it
	}
	if refused := purpose.Check(layout, built.NotForRelease); refused != nil {
		screen.Warn("build", refused.Error())
	}
}
