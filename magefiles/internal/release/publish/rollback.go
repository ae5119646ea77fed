package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// Rollback takes a release back: the moving tags that name it, and GitHub's
// badge, go to the highest release that stands, and the release is marked with
// the reason. The version itself stays what it is. What was taken back is
// never promoted again.
func (r Release) Rollback(ctx context.Context, reason string) (State, error) {
	found, err := r.Observe(ctx)
	if err != nil {
		return State{}, err
	}
	if found.State == nil {
		return State{}, fmt.Errorf(
			"%s has no record (%s) of how it was released: there is nothing to go back to; move latest by hand",
			r.Plan.Tag,
			StateFile,
		)
	}
	record := *found.State
	if record.RolledBack == "" {
		if strings.TrimSpace(reason) == "" {
			return State{}, errors.New(`a rollback needs a reason, which users will read: -reason="…"`)
		}
		record.RolledBack = strings.Join(strings.Fields(reason), " ")
	}
	return record, r.takeBack(ctx, *found.Release, record)
}

// takeBack makes what follows a withdrawn release follow one that stands. That
// it is withdrawn is recorded first, so that no other run promotes it meanwhile.
func (r Release) takeBack(ctx context.Context, release github.Release, record State) error {
	if err := r.store(ctx, release, &record); err != nil {
		return err
	}
	for _, move := range record.Moved {
		if err := r.moveBack(ctx, move, record); err != nil {
			return err
		}
	}
	if err := r.mark(ctx, release, record); err != nil {
		return err
	}
	return r.badgeBack(ctx, record)
}

// mark writes into the release, and its name, that it was taken back.
func (r Release) mark(ctx context.Context, release github.Release, record State) error {
	name := record.Tag + " (withdrawn)"
	release, err := r.GitHub.Release(ctx, release.ID) // as it is now
	if err != nil {
		return err
	}
	if release.Name == name {
		r.Say("the release %s is marked as withdrawn already", record.Tag)
		return nil
	}
	body := fmt.Sprintf(
		"> [!CAUTION]\n> This release was withdrawn: %s\n\n%s",
		changelog.Escape(record.RolledBack),
		release.Body,
	)
	return r.edit(ctx, release, "mark the release "+record.Tag+" as withdrawn", github.Edit{Name: &name, Body: &body},
		func(now github.Release) bool { return now.Name == name })
}
