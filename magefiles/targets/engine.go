package targets

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// testBedVariable names scripts/testbed of a checkout of this project, which
// scripts/pipeline does. A rehearsal may start it, and nothing else.
const testBedVariable = "ODIN_TESTBED"

// builder is the engine to build with. It says, once, when nothing that it
// builds may be released.
func (p *pipeline) builder(ctx context.Context) (image.Engine, error) {
	engine, err := p.engine(ctx)
	if err != nil {
		return engine, err
	}
	p.sayBuilder.Do(func() {
		if refused := p.purpose.Check(
			"what the builder "+engine.Builder+" builds",
			engine.NotForRelease,
		); refused != nil {
			p.warn("build", refused.Error())
		} else if engine.NotForRelease != "" {
			p.log.Infof("builder %s, for rehearsals only: %s", engine.Builder, engine.NotForRelease)
		}
	})
	return engine, nil
}

// engine finds a builder for the image's platforms, and starts one when there
// is none and this machine lets it.
func (p *pipeline) engine(ctx context.Context) (image.Engine, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return image.Engine{}, nil
	}
	engine, err := image.FindEngine(ctx, p.run, config, p.purpose)
	if err == nil || ctx.Err() != nil {
		return engine, err
	}
	if config.Builder != "" {
		return image.Engine{}, fmt.Errorf(
			"image:build: %w",
			err,
		) // a builder that the configuration names is not set up here
	}
	p.log.Info("no builder for the image yet: setting one up")
	if startErr := p.startEngine(ctx); startErr != nil {
		return image.Engine{}, fmt.Errorf("image:build: %w\n%w\n%s", err, startErr, p.engineHelp())
	}
	return image.FindEngine(ctx, p.run, config, p.purpose)
}

// startEngine sets up what is missing: all of it where that may be installed,
// else a builder on the engine that is there.
func (p *pipeline) startEngine(ctx context.Context) error {
	if !p.backend.Tools.MayInstall {
		return image.CreateBuilder(ctx, p.run)
	}
	script := os.Getenv(testBedVariable)
	if p.purpose != image.ForRehearsal || script == "" {
		return image.StartEngine(ctx, p.run, p.scratch)
	}
	node, err := p.backend.Tools.Node(ctx, "image:build")
	if err != nil {
		return err
	}
	return image.StartTestBed(ctx, p.run, script, node)
}

// engineHelp is what helps when there is no builder and none could be started.
func (p *pipeline) engineHelp() string {
	help := "Start Docker with Buildx (https://docs.docker.com/engine/install/); " +
		"on Debian and Ubuntu, sudo scripts/engine of odin-release sets everything up"
	if p.purpose == image.ForRehearsal && os.Getenv(testBedVariable) == "" {
		help += ". A rehearsal can do without Docker Hub: run scripts/pipeline -C DIR rehearse in a clone of odin-release, " +
			"on Debian or Ubuntu as root"
	}
	return help
}

// unreleasable tells why what was built, or would be built here, may not be
// released. Another machine may have the builder, so that none here is none.
func (p *pipeline) unreleasable(ctx context.Context, decided plan.Plan) error {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return nil
	}
	var problems []error
	if engine, err := image.LookForEngine(ctx, p.run, config, p.purpose); err == nil {
		problems = append(problems, p.purpose.Check("what the builder "+engine.Builder+" builds", engine.NotForRelease))
	}
	if _, err := p.buildOf(decided); err != nil {
		return errors.Join(problems...) // publish does not take what dist has, whatever that is
	}
	built, err := image.Inspect(p.app.Path(app.DistDir, "image.oci"))
	if err == nil && built.Version == decided.Version && built.Revision == decided.Commit {
		problems = append(problems, p.purpose.Check("image.oci", built.NotForRelease))
	}
	return errors.Join(problems...)
}
