package targets

import (
	"context"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// building declares the steps of a build.
type building struct{ *graph }

func (g *graph) building() building { return building{g} }

// Titles of the steps of a build.
const (
	titleAssemble = "assemble"
	titleFinish   = "checksums"
)

// baseImages is how long an image is reused: its base images, which are named
// by tags, may be others by then.
const baseImages = 24 * time.Hour

// frontendBundle returns the step that builds dist/frontend with Vite.
func (g building) frontendBundle() *step.Step {
	config := g.app.Config.Build.Frontend
	if config.Absent != "" {
		return g.absent("build", "frontend:build", config.Absent)
	}
	side := app.Step{Kind: "vite", Directory: config.Directory, Inputs: config.Inputs}
	return g.localStep(localStep{
		phase: "build", title: "frontend:build", view: work.StepView(g.app.Config, side),
		outputs: []string{build.FrontendDir, build.FrontendFile},
		inputs: func(_ context.Context, r *work.Release, inputs step.Inputs) error {
			inputs.Config("build.frontend", config)
			inputs.Config("time", r.Plan.CommitTime)
			return nil
		},
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return build.Frontend(ctx, place, r.Plan.CommitTime) })
		},
	})
}

// begun does a part of a build of an app. The record of an earlier build in dist is removed first.
func begun(of *app.App, work func() error) error {
	if err := build.Begin(of); err != nil {
		return err
	}
	return work()
}

// pythonSide returns the view of a step that runs the backend's Python code and reads the inputs.
func pythonSide(config app.Config, inputs []string) snapshot.View {
	side := app.Step{Kind: "contract", Directory: config.Contract.Directory, Inputs: inputs}
	return work.StepView(config, side)
}

// vendor returns the step that downloads the wheels of the image into dist/vendor.
func (g building) vendor() *step.Step {
	config := g.app.Config.Build
	if config.Vendor.Absent != "" {
		return g.absent("build", "backend:vendor", config.Vendor.Absent)
	}
	return g.localStep(localStep{
		phase:   "build",
		title:   "backend:vendor",
		view:    pythonSide(g.app.Config, []string{config.Vendor.Lock, config.Vendor.Source}),
		outputs: []string{build.VendorDir, build.LockFile},
		inputs: func(_ context.Context, _ *work.Release, inputs step.Inputs) error {
			inputs.Config("build.vendor", config.Vendor)
			inputs.Config("platforms", config.Image.Platforms)
			return nil
		},
		make: func(ctx context.Context, place work.Place, _ *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return g.builder.Vendor(ctx, place, config.Image.Platforms) })
		},
	})
}

// packedVendor returns the step that packs dist/vendor.tar.gz.
func (g building) packedVendor() *step.Step {
	if absent := g.app.Config.Build.Vendor.Absent; absent != "" {
		return g.absent("build", build.VendorFile, absent)
	}
	return g.localStep(localStep{
		phase: "build", title: build.VendorFile, view: nothing, outputs: []string{build.VendorFile},
		inputs: func(_ context.Context, r *work.Release, inputs step.Inputs) error {
			inputs.Config("time", r.Plan.CommitTime)
			return nil
		},
		make: func(_ context.Context, _ work.Place, r *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return build.PackVendor(g.app, r.Plan.CommitTime) })
		},
	}, g.vendor())
}

// nothing is the view of a step that reads only the results of other steps.
var nothing = snapshot.View{Nothing: true}

// spec returns the step that writes the OpenAPI document of the app to dist/openapi.json.
func (g building) spec() *step.Step {
	config := g.app.Config.Contract
	if config.Absent != "" {
		return g.absent("build", build.SpecFile, config.Absent)
	}
	return g.localStep(localStep{
		phase: "build", title: build.SpecFile, view: pythonSide(g.app.Config, build.ContractSuite(g.app.Config).Inputs),
		outputs: []string{build.SpecFile},
		inputs: func(_ context.Context, _ *work.Release, inputs step.Inputs) error {
			g.checking().configured(inputs, build.ContractSuite(g.app.Config))
			inputs.Config("contract", config)
			inputs.Config("environment of the contract", g.app.Config.Environments[config.Environment])
			return nil
		},
		make: func(ctx context.Context, place work.Place, _ *work.Release) (any, error) {
			return nil, begun(g.app, func() error { return build.Spec(ctx, place) })
		},
	})
}

// sbom returns the step that writes dist/sbom.spdx.json.
func (g building) sbom() *step.Step {
	return g.localStep(localStep{
		phase: "build", title: build.SBOMFile, outputs: []string{build.SBOMFile},
		inputs: func(_ context.Context, r *work.Release, inputs step.Inputs) error {
			inputs.Config("build", g.app.Config.Build)
			inputs.Config("environments", g.app.Config.Environments)
			inputs.Config("release", identity(r.Plan))
			return nil
		},
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			var listing build.Listing
			err := begun(g.app, func() (err error) {
				listing, err = build.SBOM(ctx, place, r.Plan)
				return err
			})
			for _, listed := range listing.Listed {
				g.screen.Log.Infof("SBOM: %s", listed)
			}
			for _, omitted := range listing.Omitted {
				g.screen.Log.Warnf("SBOM: not listed: %s", omitted)
			}
			return listing, err
		},
	}, g.vendor())
}

// identity returns the parts of a plan that artifacts contain.
func identity(decided plan.Plan) any {
	return []any{decided.Version, decided.Tag, decided.Commit, decided.CommitTime, decided.Repository, decided.Tree}
}

// finish returns the step that writes checksums.txt and build.json in dist, after all other parts and the images.
func (g building) finish(images ...*step.Step) *step.Step {
	parts := append([]*step.Step{g.frontendBundle(), g.vendor(), g.packedVendor(), g.spec(), g.sbom()}, g.files()...)
	if len(g.app.Config.Publish.Attach) > 0 {
		parts = append(parts, g.attached())
	}
	return g.localStep(localStep{
		phase: "build", title: titleFinish, view: nothing, outputs: []string{build.ChecksumsFile, build.RecordFile},
		inputs: func(_ context.Context, r *work.Release, inputs step.Inputs) error {
			inputs.Config("release", identity(r.Plan))
			inputs.Config("dirty", r.Plan.Dirty)
			return nil
		},
		make: func(ctx context.Context, _ work.Place, r *work.Release) (any, error) {
			if g.app.Config.Build.Image.Absent != "" { // else it is staged for the image
				if err := r.Staged(ctx); err != nil {
					return nil, err
				}
			}
			return build.Finish(g.app, r.Plan)
		},
	}, append(parts, images...)...)
}
