package targets

import (
	"context"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// files returns a step for each command of build.files.
func (g building) files() []*step.Step {
	steps := make([]*step.Step, len(g.app.Config.Build.Files))
	for i, entry := range g.app.Config.Build.Files {
		steps[i] = g.filesOf(entry)
	}
	return steps
}

// filesOf returns the step that runs a command of build.files.
func (g building) filesOf(entry app.Files) *step.Step {
	return g.localStep(localStep{
		phase: "build", title: entry.Name, view: work.StepView(g.app.Config, entry.Step()), outputs: entry.Outputs,
		inputs: func(_ context.Context, r *work.Release, inputs step.Inputs) error {
			g.checking().configured(inputs, entry.Step())
			inputs.Config("build.files", entry)
			inputs.Config("version and time", []any{r.Plan.Version, r.Plan.CommitTime})
			return nil
		},
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return build.Files(ctx, place, entry, r.Plan) })
		},
	})
}

// attached returns the step that copies the files of publish.attach into dist/attached.
func (g building) attached() *step.Step {
	var needs []*step.Step
	for _, pattern := range g.app.Config.Publish.Attach {
		switch folder, _, _ := strings.Cut(strings.TrimPrefix(path.Clean(pattern), app.DistDir+"/"), "/"); {
		case !strings.HasPrefix(path.Clean(pattern), app.DistDir+"/"):
		case folder == build.FrontendDir:
			needs = append(needs, g.frontendBundle())
		case folder == build.VendorDir:
			needs = append(needs, g.vendor())
		}
	}
	return g.localStep(localStep{
		phase: "build", title: artifact.AttachedDir, outputs: []string{artifact.AttachedDir},
		inputs: func(_ context.Context, _ *work.Release, inputs step.Inputs) error {
			inputs.Config("publish.attach", g.app.Config.Publish.Attach)
			inputs.Config("build.files", g.app.Config.Build.Files)
			return nil
		},
		make: func(_ context.Context, place work.Place, _ *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return build.Attach(place) })
		},
	}, needs...)
}
