package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// Prove records that the image was seen healthy on these platforms: all of
// them, and by the digests that are recorded. Nothing gets a name, or is
// promoted, that was not proven. What the moving tags name now is recorded too,
// for a rollback.
//
// The order matters where two releases come at once: each is first recorded as
// healthy, then looks at the moving tags. Whoever moves a tag last looks at the
// records after that, and so sees every release that could have the tag.
func (r Release) Prove(ctx context.Context, healthy []verify.Health) (State, error) {
	found, err := r.published(ctx)
	if err != nil {
		return State{}, err
	}
	record := *found.State
	if record.Proven || record.RolledBack != "" {
		return record, nil
	}
	if err := record.verifiedBy(healthy); err != nil {
		return State{}, err
	}
	record.Healthy, record.Proven = healthy, true
	if r.mayMove(record) {
		if record.Moved, err = r.before(ctx, record); err != nil {
			return State{}, err
		}
		if record.Badge, err = r.GitHub.Latest(ctx); err != nil {
			return State{}, err
		}
	}
	return record, r.store(ctx, *found.Release, &record)
}

// published is what is there of a release that Publish brought.
func (r Release) published(ctx context.Context) (Found, error) {
	found, err := r.ObservePublished(ctx)
	if err != nil {
		return Found{}, err
	}
	if err := found.refuses(r, ""); err != nil {
		return Found{}, err
	}
	if !found.FullyPublished(r.Plan) {
		return Found{}, fmt.Errorf("%s is not published yet; run publish first", r.Plan.Tag)
	}
	return found, nil
}

// mayMove tells whether moving tags follow a release: prereleases have none.
func (r Release) mayMove(record State) bool { return !record.Prerelease && record.RolledBack == "" }

// Promote gives the image its version as a tag, and moves what follows the
// highest healthy stable release: the image's moving tags, then GitHub's badge,
// with the release itself going out in between. It needs a release that is
// proven.
func (r Release) Promote(ctx context.Context) (State, error) {
	found, err := r.published(ctx)
	if err != nil {
		return State{}, err
	}
	record := *found.State
	if record.RolledBack != "" {
		return record, r.undo(ctx, *found.Release, record)
	}
	if !record.Proven {
		return State{}, fmt.Errorf("%s was not seen healthy yet: nothing is promoted; run postRelease", r.Plan.Tag)
	}
	if err := r.nameVersion(ctx, *found.Release, record); err != nil {
		return State{}, err
	}
	if r.mayMove(record) && record.Image != nil {
		for _, line := range r.lines() {
			if err := r.move(ctx, line, record); err != nil {
				return State{}, err
			}
		}
	}
	if err := r.release(ctx, *found.Release, record); err != nil {
		return State{}, err
	}
	if err := r.badge(ctx, record); err != nil {
		return State{}, err
	}
	// A rollback may have come meanwhile, and have found nothing to move back yet.
	_, now, err := r.stored(ctx, *found.Release)
	if err != nil || now == nil || now.RolledBack == "" {
		return record, err
	}
	return *now, r.undo(ctx, *found.Release, *now)
}

// undo makes sure that nothing follows a release that was taken back.
func (r Release) undo(ctx context.Context, release github.Release, record State) error {
	r.Warn("%s was taken back (%s): nothing is promoted; release the next version", r.Plan.Tag, record.RolledBack)
	return r.takeBack(ctx, release, record)
}
