package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Publish brings what build left in dist to where it is published.
// The image goes to the registry, by its digest only; the release to GitHub, as
// a draft with all files. postRelease verifies both and makes them public.
// Leaves release.json.
func Publish(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		out, _, err := p.fromDist(ctx)
		if err != nil {
			return err
		}
		return p.inOrder(ctx, phase{"publish", func(ctx context.Context) error { return p.publish(ctx, out) }})
	})
}

// PostRelease proves that a published image works, and makes the release public.
// It starts the image, moves latest, publishes the release, and tells of it.
// When a run ended while it announced the release, -announce=again posts that
// once more, and -announce=seen says that it is there.
func PostRelease(ctx context.Context, announce *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		override := publish.Override(text(announce))
		if override != publish.NoOverride && override != publish.PostAgain && override != publish.AlreadyPosted {
			return fmt.Errorf("-announce=%s is not one of again, seen", override)
		}
		out, problems, err := p.fromDist(ctx)
		for _, problem := range problems { // whoever is to announce must be able to
			err = errors.Join(err, problem.Problem)
		}
		if err != nil {
			return err
		}
		defer p.retell(out.Plan)
		if err := p.inOrder(ctx,
			phase{"verify", func(ctx context.Context) error { return p.verify(ctx, out) }},
			phase{"promote", func(ctx context.Context) error { return p.promote(ctx, out) }},
			phase{"tell", func(ctx context.Context) error { return p.tell(ctx, out, override) }},
		); err != nil {
			return err
		}
		return p.releaseTable(ctx, out)
	})
}

// Rollback takes a release back: latest and GitHub's badge go to the highest that is left.
// The release stays, marked with -reason, and is never promoted again.
func Rollback(ctx context.Context, tag string, reason *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		asked, err := version.ParseTag(tag)
		if err != nil {
			return err
		}
		repository, err := plan.Address(ctx, p.repo)
		if err != nil {
			return err
		}
		out, _, err := p.published(plan.Plan{Version: asked.String(), Tag: asked.Tag(), Repository: repository}, nil)
		if err != nil {
			return err
		}
		record, err := out.Rollback(ctx, text(reason))
		if err != nil {
			return err
		}
		return p.app.Save(publish.StateFile, record.JSON())
	})
}

// fromDist is the release that dist holds. Without a plan there, as on a fresh
// machine, the plan is made for the commit at HEAD. Problems are as of
// published.
func (p *pipeline) fromDist(ctx context.Context) (out publish.Release, problems []publish.Check, err error) {
	decided, err := p.planned()
	if errors.Is(err, os.ErrNotExist) {
		asked, askErr := p.asked(nil, nil)
		if askErr != nil {
			return out, nil, askErr
		}
		decided, err = p.plan(ctx, asked)
	}
	if err != nil {
		return out, nil, err
	}
	head, err := p.repo.Head(ctx)
	if err != nil {
		return out, nil, err
	}
	if head.Hash != decided.Commit {
		return out, nil, fmt.Errorf("%s is of commit %s, and this is %s: check out %s, or plan and build this one",
			p.app.Path(app.DistDir, "plan.json"), git.Short(decided.Commit), git.Short(head.Hash), decided.Tag)
	}
	notes, err := p.notes()
	if err != nil {
		return out, nil, err
	}
	return p.published(decided, notes)
}

func (p *pipeline) notes() ([]byte, error) {
	notes, err := os.ReadFile(p.app.Path(app.DistDir, "notes.md"))
	if err != nil {
		return nil, fmt.Errorf("read the release notes: %w; plan writes them", err)
	}
	return notes, nil
}

// publish publishes what dist holds.
func (p *pipeline) publish(ctx context.Context, out publish.Release) error {
	defer p.group("publish")()
	built, err := p.built(ctx, out.Plan)
	if err != nil {
		return err
	}
	record, err := out.Publish(ctx, built)
	if err != nil {
		return err
	}
	return p.app.Save(publish.StateFile, record.JSON())
}

// built is what build left in dist, checked against its checksums and the plan.
func (p *pipeline) built(ctx context.Context, decided plan.Plan) (publish.Artifacts, error) {
	dist := p.app.Path(app.DistDir)
	sums, err := os.ReadFile(p.app.Path(app.DistDir, "checksums.txt"))
	if err != nil {
		return publish.Artifacts{}, fmt.Errorf("nothing is built yet: run build (%w)", err)
	}
	built := publish.Artifacts{Dir: dist}
	names := append(p.attached(), "checksums.txt")
	slices.Sort(names)
	for _, name := range names {
		file, err := artifact.Measure(dist, name)
		if err != nil {
			return publish.Artifacts{}, fmt.Errorf("%w; run build", err)
		}
		if line := file.SHA256 + "  " + name + "\n"; name != "checksums.txt" && !strings.Contains(string(sums), line) {
			return publish.Artifacts{}, fmt.Errorf(
				"%s is not what was built: its SHA-256 is not the one in checksums.txt; run build",
				name,
			)
		}
		built.Files = append(built.Files, file)
	}
	if p.app.Config.Build.Image.Absent != "" {
		return built, p.releasable(ctx, decided, "")
	}
	if built.Image, err = image.Inspect(p.app.Path(app.DistDir, "image.oci")); err != nil {
		return publish.Artifacts{}, fmt.Errorf("%w; run build", err)
	}
	if built.Image.Version != decided.Version || built.Image.Revision != decided.Commit {
		return publish.Artifacts{}, fmt.Errorf(
			"image.oci is %s of commit %s, and what is released is %s of %s: run build",
			built.Image.Version,
			git.Short(built.Image.Revision),
			decided.Version,
			git.Short(decided.Commit),
		)
	}
	for _, platform := range p.app.Config.Build.Image.Platforms {
		if !slices.ContainsFunc(built.Image.Platforms, func(b image.Platform) bool { return b.Name == platform }) {
			return publish.Artifacts{}, fmt.Errorf("image.oci has no image for %s: run build", platform)
		}
	}
	if err := p.purpose.Check("image.oci", built.Image.NotForRelease); err != nil {
		return publish.Artifacts{}, err
	}
	return built, p.releasable(ctx, decided, built.Image.Tree)
}

// recorded is the record that dist holds.
func (p *pipeline) recorded() (publish.State, error) {
	data, err := os.ReadFile(p.app.Path(app.DistDir, publish.StateFile))
	if err != nil {
		return publish.State{}, err
	}
	return publish.ParseState(data)
}

// promote makes a proven release public.
func (p *pipeline) promote(ctx context.Context, out publish.Release) error {
	defer p.group("promote")()
	record, err := out.Promote(ctx)
	if err != nil {
		return err
	}
	return p.app.Save(publish.StateFile, record.JSON())
}

// tell tells of a release that is public.
func (p *pipeline) tell(ctx context.Context, out publish.Release, override publish.Override) error {
	defer p.group("tell")()
	record, err := out.Notify(ctx, override)
	if record.Tag == "" {
		return err
	}
	return errors.Join(err, p.app.Save(publish.StateFile, record.JSON()))
}
