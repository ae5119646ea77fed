package targets

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
)

// titleOnImage is the title of the suites that need the image. They belong to the phase
// test, and wait for the build.
const titleOnImage = "test the image"

// onImage adds what a suite depends on that needs the image, besides the image itself: how
// it is started, and the browser.
func (g checking) onImage(inputs step.Inputs, suite app.Step) {
	if suite.Kind == "playwright" {
		inputs.Tool("browser", g.place.Backend.Tools.Identity(frontend.Browser(g.session.run)))
	}
	if !suite.NeedsImage() {
		return
	}
	inputs.Config("verify", g.app.Config.Verify)
	inputs.Config("postgresql", g.app.Config.Postgresql)
	if g.options.built {
		built, err := image.Inspect(g.app.Path(app.DistDir, build.ImageDir))
		if err == nil { // else the suite says so
			inputs.Tool("image", built.Digest)
		}
	}
}

// serve starts the image of a build for a suite.
func (g checking) serve(
	r *work.Release,
) func(context.Context, work.Place, func(context.Context, map[string]string) error) error {
	return func(
		ctx context.Context, place work.Place, use func(context.Context, map[string]string) error,
	) error {
		check, err := g.builtImage(ctx, r)
		if err != nil {
			return err
		}
		return verify.Serve(ctx, place.Run, g.scratch, g.screen.Log, check,
			func(ctx context.Context, serving verify.Serving) error { return use(ctx, serving.Environ()) })
	}
}

// builtImage returns the image in dist, if it is that of the release, for the platform that the
// engine runs without an emulator.
func (g checking) builtImage(ctx context.Context, r *work.Release) (verify.Check, error) {
	layout := g.app.Path(app.DistDir, build.ImageDir)
	built, err := image.Inspect(layout)
	if err != nil {
		return verify.Check{}, fmt.Errorf("%w; run build first", err)
	}
	if built.Version != r.Plan.Version || built.Revision != r.Plan.Commit ||
		built.Tree != "" && built.Tree != r.Plan.Tree {
		return verify.Check{}, fmt.Errorf(
			"dist/image.oci is %s of the tree %s, and this is to be %s of the tree %s: run build",
			built.Version,
			work.ShortTree(built.Tree),
			r.Plan.Version,
			work.ShortTree(r.Plan.Tree),
		)
	}
	native, err := verify.NativePlatform(ctx, g.session.run)
	if err != nil {
		return verify.Check{}, err
	}
	for _, each := range built.Platforms {
		if each.Name == native || strings.HasPrefix(each.Name, native+"/") {
			check := g.checklist().imageCheck(each.Name, each.Digest, built.Version)
			check.Repository, check.Layout = build.ImageDir, layout
			return check, nil
		}
	}
	return verify.Check{}, fmt.Errorf("the image is not built for %s, the platform of this machine: add it to "+
		"build.image.platforms, or run the suite on another machine", native)
}
