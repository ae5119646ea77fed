package targets

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/seed"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// before gives the stand-ins what the release before left: its image, named by
// its version and latest, and its release. An app whose last release can't be
// built any more is rehearsed without.
func (s stage) before(ctx context.Context, out outside, decided plan.Plan) error {
	if decided.Baseline == "" {
		return nil
	}
	if err := rehearsal.CloneAt(ctx, s.run, s.aside("app"), s.aside("before"), decided.Baseline); err != nil {
		return err
	}
	last, why := s.clone.Earlier(filepath.Join(s.aside("before"), filepath.FromSlash(decided.Folder)))
	if why != "" && app.ConfigPath(s.clone) != "" {
		s.screen.Log.Infof("%s %s: today's %s is used for it", decided.Baseline, why, app.ConfigFile)
	}
	err := working(
		ctx,
		last,
		out,
		func(ctx context.Context, p *session) error { return p.staging().seed(ctx, decided.Baseline) },
	)
	if err != nil && ctx.Err() == nil {
		s.screen.Log.Warnf(
			"%s can't be built as it was, so that the upgrade from it is not rehearsed: %s",
			decided.Baseline,
			oneLine(err),
		)
		return nil
	}
	return err
}

// oneLine returns an error whose lines are joined, each once.
func oneLine(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// newest gives the stand-ins the highest release, where that is not the one
// before: what is rehearsed is a hotfix of an older line. Nobody will start its
// image.
func (s stage) newest(ctx context.Context, out outside, decided plan.Plan) error {
	tag := "v" + decided.Latest.To
	if decided.Prerelease || decided.Latest.Moves || decided.Latest.To == decided.Version || tag == decided.Baseline {
		return nil
	}
	return working(ctx, s.clone, out, func(ctx context.Context, p *session) error {
		return p.staging().seedWith(ctx, tag, func(context.Context) (publish.Artifacts, error) {
			dir := filepath.Join(s.dir, "newest")
			for _, each := range app.Images(p.app.Config) {
				layout := filepath.Join(dir, filepath.FromSlash(build.LayoutOf(each.Key)))
				if err := rehearsal.Hollow(layout, decided.Latest.To); err != nil {
					return publish.Artifacts{}, err
				}
			}
			return p.staging().left(dir)
		})
	})
}

// left returns the images that a build left in a folder.
func (p staging) left(dir string) (publish.Artifacts, error) {
	left := publish.Artifacts{Dir: dir}
	for _, each := range app.Images(p.app.Config) {
		layout := build.LayoutOf(each.Key)
		built, err := image.Inspect(filepath.Join(dir, filepath.FromSlash(layout)))
		if err != nil {
			return left, err
		}
		if each.Key == "" {
			left.Image = built
			continue
		}
		left.Images = append(left.Images, publish.BuiltImage{Name: each.Image.Name, Layout: layout, Summary: built})
	}
	return left, nil
}

// seed publishes an old release's image and release, without the proof that
// a new one needs.
func (p staging) seed(ctx context.Context, tag string) error {
	return p.seedWith(ctx, tag, func(ctx context.Context) (publish.Artifacts, error) {
		dist := p.app.Path(app.DistDir)
		built, err := p.left(dist)
		was, parsed := version.ParseLegacyTag(tag)
		if err == nil && parsed == nil && built.Image.Version == was.String() {
			return built, nil
		}
		if err := p.buildAgain(ctx, tag); err != nil {
			return publish.Artifacts{}, err
		}
		return p.left(dist)
	})
}

// seedWith publishes an old release with the images that are made, unless
// that is done already.
func (p staging) seedWith(
	ctx context.Context,
	tag string,
	made func(context.Context) (publish.Artifacts, error),
) error {
	released, err := version.ParseLegacyTag(tag)
	if err != nil {
		return err
	}
	out, _, err := p.delivery().newRelease(plan.Plan{Tag: tag, Version: released.String()}, nil)
	if err != nil {
		return err
	}
	there, err := seed.Published(ctx, out.GitHub.Releases, tag)
	if err != nil || there {
		return err
	}
	p.screen.Log.Infof("setting the stage: what %s left", tag)
	if p.app.Config.Build.Image.Absent != "" {
		return seed.Publish(ctx, out.GitHub.Releases, tag)
	}
	built, err := made(ctx)
	if err != nil {
		return err
	}
	defer p.display.Begin("release "+tag, 0).End()
	versionTag := out.Config.Publish.Tag(out.Plan.Version)
	from := seed.Image{Layout: filepath.Join(built.Dir, build.ImageDir), Digest: built.Image.Digest}
	if err := seed.Push(ctx, out.Registry, versionTag, from); err != nil {
		return err
	}
	for i, each := range built.Images {
		from := seed.Image{Layout: filepath.Join(built.Dir, filepath.FromSlash(each.Layout)), Digest: each.Digest}
		if err := seed.Push(ctx, out.Images[i].Registry, versionTag, from); err != nil {
			return err
		}
	}
	return seed.Publish(ctx, out.GitHub.Releases, tag)
}

// buildAgain builds the images of an old release. A tag of two numbers is built as the version that it stands for.
func (p staging) buildAgain(ctx context.Context, tag string) error {
	released, err := version.ParseLegacyTag(tag)
	if err != nil {
		return err
	}
	if err := rehearsal.Name(ctx, p.run, p.app.Root, released.Tag(), tag); err != nil {
		return err
	}
	g := newGraph(ctx, p.session, options{asked: plan.Asked{Tag: released.Tag()}})
	if err := g.steps.Ensure(ctx, g.together("build", g.building().images().all()...)); err != nil {
		return err
	}
	if noted, err := g.planned(); err == nil { // what is rehearsed is compared with it
		overview.Source{App: p.app, Cache: p.cache, Plan: &noted.Plan}.Keep()
	}
	return nil
}
