package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Build builds what a release is made of into dist.
// That is the frontend bundle, vendored wheels, OpenAPI spec, SBOM, checksums,
// and the image for all platforms.
func Build(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		release, err := p.prepare(ctx, tag, allow)
		if err != nil {
			return err
		}
		built, err := p.build(ctx, release)
		if err != nil {
			return err
		}
		p.artifactTable(release.plan, built)
		return nil
	})
}

// decide decides the version and shows the plan.
func (p *pipeline) decide(ctx context.Context, tag, allow *string) (plan.Plan, error) {
	asked, err := p.asked(tag, allow)
	if err != nil {
		return plan.Plan{}, err
	}
	before, _ := p.planned()
	decided, err := p.plan(ctx, asked)
	if err != nil {
		return plan.Plan{}, err
	}
	if err := decided.WriteTerminal(p.out); err != nil {
		return plan.Plan{}, err
	}
	if inActions() && before.Same(decided) { // another job has told of it
		return decided, errors.Join(decided.Refused(), sameTree(before, decided))
	}
	return decided, p.weigh(ctx, decided)
}

// prepare decides the version and stages the tree with the version in it.
func (p *pipeline) prepare(ctx context.Context, tag, allow *string) (release, error) {
	decided, err := p.decide(ctx, tag, allow)
	if err != nil {
		return release{}, err
	}
	if decided.Dirty {
		p.log.Warn(
			"the tree has changes that are not committed: they are part of what is built, and it can't be published",
		)
	}
	// What an earlier build says of itself doesn't hold for what is built now.
	for _, name := range []string{"checksums.txt", buildRecord} {
		if err := os.RemoveAll(p.app.Path(app.DistDir, name)); err != nil {
			return release{}, err
		}
	}
	prepared, err := p.stageTree(ctx, decided)
	if err != nil {
		return release{}, err
	}
	return prepared, p.savePlan(prepared.plan)
}

// artifacts are what a build leaves in dist.
type artifacts struct {
	Files []artifact.File `json:"files"`
	Image image.Summary   `json:"image"`
}

// build makes all artifacts.
func (p *pipeline) build(ctx context.Context, r release) (artifacts, error) {
	build, err := p.imageBuilder(ctx)
	if err != nil {
		return artifacts{}, err
	}
	return p.complete(ctx, r, build)
}

// imageBuilder finds the engine, and builds the image with it. It is asked for
// before any time is spent on what could not be built.
func (p *pipeline) imageBuilder(ctx context.Context) (func(image.Options) (image.Summary, error), error) {
	engine, err := p.builder(ctx)
	return func(options image.Options) (image.Summary, error) {
		options.Engine = engine
		return image.Build(ctx, p.run, options)
	}, err
}

// complete makes all artifacts: the image last, since it takes the wheels.
func (p *pipeline) complete(
	ctx context.Context,
	r release,
	build func(image.Options) (image.Summary, error),
) (artifacts, error) {
	if err := p.clear(); err != nil {
		return artifacts{}, err
	}
	defer p.group("build")()
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return p.buildFrontend(inner, r) })
	group.Go(func() error { return p.buildBackend(inner, r) })
	if err := group.Wait(); err != nil {
		return artifacts{}, err
	}
	bill, err := p.at(r.staged).buildSBOM(r)
	if err != nil {
		return artifacts{}, err
	}
	summary, err := p.buildImage(ctx, r, bill, build)
	if err != nil {
		return artifacts{}, err
	}
	files, err := artifact.Checksums(p.app.Path(app.DistDir), p.attached())
	if err != nil {
		return artifacts{}, err
	}
	return artifacts{files, summary}, p.saveBuild(r.plan)
}

// clear removes what an earlier build left, so that dist never holds parts of
// two versions.
func (p *pipeline) clear() error {
	for _, name := range append(p.attached(), "checksums.txt", buildRecord, "image.oci", "frontend", "vendor") {
		if err := os.RemoveAll(p.app.Path(app.DistDir, name)); err != nil {
			return err
		}
	}
	return nil
}

// attached lists the files of dist that will be attached to the release.
func (p *pipeline) attached() []string {
	var names []string
	for name, absent := range map[string]string{
		"frontend.tar.gz":   p.app.Config.Build.Frontend.Absent,
		"vendor.tar.gz":     p.app.Config.Build.Vendor.Absent,
		"requirements.lock": p.app.Config.Build.Vendor.Absent,
	} {
		if absent == "" {
			names = append(names, name)
		}
	}
	if p.app.Config.Contract.Absent == "" {
		names = append(names, "openapi.json")
	}
	names = append(names, "sbom.spdx.json")
	slices.Sort(names)
	return names
}

func (p *pipeline) buildFrontend(ctx context.Context, r release) error {
	if absent := p.app.Config.Build.Frontend.Absent; absent != "" {
		p.log.Infof("frontend:build is absent: %s", absent)
		return nil
	}
	bundle := p.app.Path(app.DistDir, "frontend")
	if err := p.inCopy(
		ctx,
		r,
		"bundle",
		func(copied *pipeline) error { return copied.frontend.Build(ctx, bundle, r.plan.CommitTime) },
	); err != nil {
		return err
	}
	return artifact.Archive(bundle, p.app.Path(app.DistDir, "frontend.tar.gz"), r.plan.CommitTime)
}

// buildBackend makes what uv, and the app itself, make of the tree.
func (p *pipeline) buildBackend(ctx context.Context, r release) error {
	if p.app.Config.Build.Vendor.Absent != "" && p.app.Config.Contract.Absent != "" {
		return errors.Join(p.buildVendor(ctx), p.buildSpec(ctx)) // which say so
	}
	return p.inCopy(ctx, r, "tree", func(copied *pipeline) error {
		group, inner := errgroup.WithContext(ctx)
		group.Go(func() error { return copied.buildVendor(inner) })
		group.Go(func() error { return copied.buildSpec(inner) })
		return group.Wait()
	})
}

// vendorInCopy is buildVendor for the tree that is released.
func (p *pipeline) vendorInCopy(ctx context.Context, r release) error {
	if p.app.Config.Build.Vendor.Absent != "" {
		return p.buildVendor(ctx)
	}
	return p.inCopy(ctx, r, "tree", func(copied *pipeline) error { return copied.buildVendor(ctx) })
}

func (p *pipeline) buildVendor(ctx context.Context) error {
	vendor := p.app.Config.Build.Vendor
	if vendor.Absent != "" {
		p.log.Infof("backend:vendor is absent: %s", vendor.Absent)
		return nil
	}
	wheels, err := p.app.Dist("vendor")
	if err != nil {
		return err
	}
	if err := p.backend.Vendor(ctx, wheels, p.app.Config.Build.Image.Platforms); err != nil {
		return err
	}
	head, err := p.repo.Head(ctx)
	if err != nil {
		return err
	}
	lock, err := os.ReadFile(p.source.Path(vendor.Lock))
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.app.Path(app.DistDir, "requirements.lock"), lock, 0o644); err != nil {
		return err
	}
	return artifact.Archive(wheels, p.app.Path(app.DistDir, "vendor.tar.gz"), head.Time)
}

// buildSpec writes the OpenAPI document that the app, with its new version,
// gives of itself.
func (p *pipeline) buildSpec(ctx context.Context) error {
	if absent := p.app.Config.Contract.Absent; absent != "" {
		p.log.Infof("the OpenAPI spec is absent: %s", absent)
		return nil
	}
	// The contract suite's own environment and bounds hold here too.
	at := slices.IndexFunc(p.app.Config.Suites, func(s app.Step) bool { return s.Kind == "contract" })
	suite := app.Step{Name: "backend:contract"}
	if at >= 0 {
		suite = p.app.Config.Suites[at]
	}
	spec, err := p.spec(ctx, suite)
	if err != nil {
		return run.Named(suite.Name, err)
	}
	return os.WriteFile(p.app.Path(app.DistDir, "openapi.json"), spec, 0o644)
}

// buildSBOM lists what is pinned, and says what is left out.
func (p *pipeline) buildSBOM(r release) ([]byte, error) {
	config := p.app.Config.Build
	var packages []sbom.Package
	var omitted []string
	for _, source := range []struct {
		what, absent, none string
		list               func(root string) (sbom.Listing, error)
	}{
		{"Python packages", absence("build.vendor", config.Vendor.Absent), "no uv.lock or requirements file pins any", p.backend.Packages},
		{"npm packages", absence("build.frontend", config.Frontend.Absent), "there is no package-lock.json in " + config.Frontend.Directory, p.frontend.Packages},
	} {
		found, err := source.list(r.staged)
		if err != nil {
			return nil, err
		}
		if len(found.Packages) > 0 {
			p.log.Infof("SBOM: %d %s, pinned in %s", len(found.Packages), source.what, strings.Join(found.From, ", "))
		} else if source.absent != "" {
			found.Omitted = append(
				[]string{source.what + ": " + source.absent + ", and " + source.none},
				found.Omitted...)
		}
		for _, each := range found.Omitted {
			p.log.Warnf("SBOM: not listed: %s", each)
		}
		packages, omitted = append(packages, found.Packages...), append(omitted, found.Omitted...)
	}
	bill, err := sbom.Document(
		sbom.Subject{Name: path.Base(config.Image.Name), Version: r.plan.Version, Commit: r.plan.Commit,
			Source: r.plan.Repository, Created: r.plan.CommitTime},
		packages,
		omitted,
	)
	if err != nil {
		return nil, err
	}
	return bill, os.WriteFile(p.app.Path(app.DistDir, "sbom.spdx.json"), bill, 0o644)
}

// absence says that a part is absent, and why; "" when it is not.
func absence(key, why string) string {
	if why == "" {
		return ""
	}
	return key + " is absent (" + why + ")"
}

// buildImage has the image built of all that is there for it.
func (p *pipeline) buildImage(
	ctx context.Context,
	r release,
	bill []byte,
	build func(image.Options) (image.Summary, error),
) (image.Summary, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		p.log.Infof("image:build is absent: %s", config.Absent)
		return image.Summary{}, nil
	}
	if err := p.untouched(ctx, r); err != nil {
		return image.Summary{}, fmt.Errorf("image:build: %w", err)
	}
	vendor := ""
	if p.app.Config.Build.Vendor.Absent == "" {
		vendor = p.app.Path(app.DistDir, "vendor")
	}
	summary, err := build(image.Options{
		Image:  config,
		Plan:   r.plan,
		Source: r.staged,
		Vendor: vendor,
		SBOM:   bill,
		Dest:   p.app.Path(app.DistDir, "image.oci"),
		Hint:   func(text string) { p.log.Info(text) },
	})
	if refused := p.purpose.Check("image.oci", summary.NotForRelease); refused != nil {
		p.warn("build", refused.Error())
	}
	return summary, err
}

// artifactTable shows what was built.
func (p *pipeline) artifactTable(decided plan.Plan, built artifacts) {
	rows := make([][]string, 0, len(built.Files)+len(built.Image.Platforms)+1)
	for _, file := range built.Files {
		rows = append(rows, []string{file.Name, report.Size(file.Size), "sha256:" + file.SHA256})
	}
	if built.Image.Digest != "" {
		rows = append(rows, []string{"image.oci", "", built.Image.Digest})
	}
	for _, platform := range built.Image.Platforms {
		rows = append(rows, []string{"  " + platform.Name, report.Size(platform.Size), platform.Digest})
	}
	p.table(
		fmt.Sprintf("%s (%s), in %s", decided.Tag, decided.Commit[:12], p.app.Path(app.DistDir)),
		[]string{"artifact", ">size", "digest"},
		rows,
	)
	p.output("version", decided.Version)
	p.output("image", p.app.Config.Build.Image.Name)
	p.output("digest", built.Image.Digest)
}
