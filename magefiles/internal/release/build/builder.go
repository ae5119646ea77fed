package build

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Builder finds, and if allowed sets up, the builder of images.
type Builder struct {
	App        *app.App
	Run        *run.Runner
	Scratch    *scratch.Run
	Screen     *report.Screen
	Tools      tools.Tools
	Purpose    image.Purpose // of the app's image
	MayInstall bool          // whether a container engine may be installed
	TestBed    string        // the value of TestBedVariable

	say   sync.Once  // to name the builder once, if its images may not be released
	stage sync.Mutex // for one image at a time: all are built from the same copy of the tree
}

// TestBedVariable is the environment variable with the path of scripts/testbed in a checkout of this project.
// scripts/pipeline sets it. Only a rehearsal may start that script.
const TestBedVariable = "ODIN_TESTBED"

// Engine returns the engine to build with. It logs once if nothing that it builds may be released.
func (b *Builder) Engine(ctx context.Context) (image.Engine, error) {
	engine, err := b.find(ctx)
	if err != nil {
		return engine, err
	}
	b.say.Do(func() {
		if refused := b.Purpose.Check(
			"what the builder "+engine.Builder+" builds",
			engine.NotForRelease,
		); refused != nil {
			b.Screen.Warn("build", refused.Error())
		} else if engine.NotForRelease != "" {
			b.Screen.Log.Infof("builder %s, for rehearsals only: %s", engine.Builder, engine.NotForRelease)
		}
	})
	return engine, nil
}

// find finds a builder for the image's platforms, or starts one if there is none and this machine allows it.
func (b *Builder) find(ctx context.Context) (image.Engine, error) {
	config := b.App.Config.Build.Image
	if config.Absent != "" {
		return image.Engine{}, nil
	}
	engine, err := image.FindEngine(ctx, b.Run, config, b.Purpose)
	if err == nil || ctx.Err() != nil {
		return engine, err
	}
	if config.Builder != "" {
		return image.Engine{}, fmt.Errorf(
			"image:build: %w",
			err,
		) // a builder that is configured by name is not set up here
	}
	b.Screen.Log.Info("no builder for the image yet: setting one up")
	if startErr := b.Start(ctx); startErr != nil {
		return image.Engine{}, fmt.Errorf("image:build: %w\n%w\n%s", err, startErr, b.help())
	}
	if engine, err = image.FindEngine(ctx, b.Run, config, b.Purpose); err != nil {
		return image.Engine{}, fmt.Errorf("image:build: %w", err)
	}
	return engine, nil
}

// Start sets up what is missing: everything if that may be installed, or else only a builder on the existing
// engine.
func (b *Builder) Start(ctx context.Context) error {
	if !b.MayInstall {
		return image.CreateBuilder(ctx, b.Run)
	}
	if b.Purpose != image.ForRehearsal || b.TestBed == "" {
		return image.StartEngine(ctx, b.Run, b.Scratch)
	}
	node, err := b.Tools.Node(ctx, "image:build")
	if err != nil {
		return err
	}
	return image.StartTestBed(ctx, b.Run, b.TestBed, node)
}

// help returns advice for when there is no builder and none could be started.
func (b *Builder) help() string {
	help := "Start Docker with Buildx (https://docs.docker.com/engine/install/); " +
		"on Debian and Ubuntu, sudo scripts/engine of odin-release sets everything up"
	if b.Purpose == image.ForRehearsal && b.TestBed == "" {
		help += ". A rehearsal can do without Docker Hub: run scripts/pipeline -C DIR rehearse in a clone of " +
			"odin-release, on Debian or Ubuntu as root"
	}
	return help
}

// Unreleasable reports why what was built, or would be built here, may not be released. It is not an error if this
// machine has no builder, since another machine may have one.
func (b *Builder) Unreleasable(ctx context.Context, decided plan.Plan) error {
	config := b.App.Config.Build.Image
	if config.Absent != "" {
		return nil
	}
	var problems []error
	if engine, err := image.LookForEngine(ctx, b.Run, config, b.Purpose); err == nil {
		problems = append(problems, b.Purpose.Check("what the builder "+engine.Builder+" builds", engine.NotForRelease))
	}
	if _, err := recordOf(b.App, decided); err != nil {
		return errors.Join(problems...) // publish will refuse what is in dist anyway
	}
	for _, each := range app.Images(b.App.Config) {
		layout := LayoutOf(each.Key)
		built, err := image.Inspect(b.App.Path(app.DistDir, layout))
		if err == nil && built.Version == decided.Version && built.Revision == decided.Commit {
			problems = append(problems, b.Purpose.Check(layout, built.NotForRelease))
		}
	}
	return errors.Join(problems...)
}
