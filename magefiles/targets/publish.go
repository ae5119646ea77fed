package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Publish uploads what build left in dist, but makes nothing public.
//
// It needs GITHUB_TOKEN and a login at the registry. The image goes to the registry, by digest only, and the files to a
// draft release on GitHub. postRelease verifies the image and makes both public.
//
// Leaves in dist: release.json
//
// Example: publish -dry
func Publish(
	ctx context.Context,
	dry *bool, // list the steps and their state, and run none
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		g := newGraph(ctx, p, options{dry: is(dry)})
		return g.run(ctx, g.inOrder("publish", g.fromDist(ctx).publish()))
	})
}

// PostRelease verifies the published image, makes the release public, and notifies others.
//
// It needs what publish left in dist, the credentials of a release, and a container engine. It starts the image on
// each platform, names it and moves latest, publishes the release, rebuilds the docs, writes the version on the
// default branch, and announces the release. If publish.approval is set, it asks before the release becomes public.
//
// Leaves in dist: verify/*.json, release.json
//
// Example: postRelease -announce=again
func PostRelease(
	ctx context.Context,
	approve *string, // do not ask, since a person has approved `DIGEST`, that of the image or, without one, the commit
	docs *string, // leave docs.rebuild.command to a job `elsewhere`, which runs rebuildDocs
	verify *string, // start no image, and fail unless dist has what image:verify saw `elsewhere`
	announce *string, // end interrupted announcements, `again|seen`: post again, or record as posted; or slack:again
	dry *bool, // list the steps and their state, and run none
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		override := publish.Override(text(announce))
		if err := override.Valid(); err != nil {
			return err
		}
		if err := errors.Join(onlyElsewhere("docs", docs), onlyElsewhere("verify", verify)); err != nil {
			return err
		}
		g := newGraph(ctx, p, options{
			approve: text(approve), docs: text(docs), verify: text(verify), dry: is(dry),
		})
		of := g.fromDist(ctx)
		out, problems, err := of.what.open()
		for _, problem := range problems { // whoever is to announce must be able to
			err = errors.Join(err, problem.Problem)
		}
		if err != nil {
			return err
		}
		defer p.timing().writeSummary(out.Plan)
		if err := g.run(ctx, of.postRelease(override)); err != nil || is(dry) {
			return err
		}
		return releaseTable(ctx, p.screen, out)
	})
}

// Rollback rolls a release back: latest and GitHub's badge go to the highest healthy one left.
//
// It needs GITHUB_TOKEN and a login at the registry. The release stays, marked, and is never promoted again. If its
// verification found that the version before does not work on the data that this one has migrated, -force is needed.
//
// Leaves in dist: release.json
//
// Example: rollback v1.8.0 -reason="it loses printers"
func Rollback(
	ctx context.Context,
	tag string, // the release to roll back, such as v1.8.0
	reason *string, // what the marked release says: `TEXT`
	force *string, // roll it back even though users cannot go back without a backup, and record why: `TEXT`
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		if force != nil && strings.TrimSpace(*force) == "" {
			return errors.New(`-force needs a reason, which is recorded: -force="…"`)
		}
		out, err := releaseNamed(ctx, p, tag)
		if err != nil {
			return err
		}
		record, err := out.Rollback(ctx, publish.Rollback{Reason: text(reason), Force: text(force)})
		if err != nil {
			return err
		}
		return p.app.Save(publish.StateFile, record.JSON())
	})
}

// releaseNamed returns the release of a tag, for what needs no plan of it. Nothing is read yet.
func releaseNamed(ctx context.Context, p *session, tag string) (publish.Release, error) {
	asked, err := version.ParseTag(tag)
	if err != nil {
		return publish.Release{}, err
	}
	repository, err := plan.Address(ctx, p.repo)
	if err != nil {
		return publish.Release{}, err
	}
	decided := plan.Plan{Version: asked.String(), Tag: asked.Tag(), Repository: repository}
	out, _, err := p.delivery().newRelease(decided, nil)
	return out, err
}

// heldByDist returns the release that dist holds. Without a plan there, as on a fresh
// machine, the plan is made for the commit at HEAD. Problems are as of
// newRelease.
func (p delivery) heldByDist(ctx context.Context) (out publish.Release, problems []publish.Check, err error) {
	decided, err := savedPlan(p.app)
	if errors.Is(err, os.ErrNotExist) {
		asked, askErr := requested(nil, nil)
		if askErr != nil {
			return out, nil, askErr
		}
		decided, err = p.decisions().plan(ctx, asked)
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
	return p.newRelease(decided, notes)
}

func (p delivery) notes() ([]byte, error) {
	notes, err := os.ReadFile(p.app.Path(app.DistDir, "notes.md"))
	if err != nil {
		return nil, fmt.Errorf("read the release notes: %w; plan writes them", err)
	}
	return notes, nil
}

// recorded returns the release state that dist holds.
func recorded(of *app.App) (publish.State, error) {
	data, err := os.ReadFile(of.Path(app.DistDir, publish.StateFile))
	if err != nil {
		return publish.State{}, err
	}
	return publish.ParseState(data)
}
