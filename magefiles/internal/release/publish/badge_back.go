package publish

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// badgeBack gives GitHub's badge, where a withdrawn release has it, to the
// highest healthy release that is out, or to the one that had it before, if that
// is higher. Then it looks again, as moveBack does.
func (r Release) badgeBack(ctx context.Context, record State) error {
	ours := record.Tag // who had it last, as far as it is this run's to move
	for range rounds {
		now, err := r.GitHub.Latest(ctx)
		if err != nil || now != ours {
			return err
		}
		target, err := r.badgeHolder(ctx, record)
		if err != nil {
			return err
		}
		switch {
		case target == nil && now == record.Tag:
			r.Say("GitHub's badge is left to GitHub: no release had it before")
			return nil
		case target == nil || target.Tag == now:
			return nil
		}
		if err := r.giveBadge(ctx, *target, now); err != nil {
			return err
		}
		ours = target.Tag
	}
	return errors.New("give GitHub's badge back: other releases kept changing it; run this again")
}

func (r Release) giveBadge(ctx context.Context, to github.Release, from string) error {
	latest := true
	return r.settle(ctx, step{
		name: "make " + to.Tag + " GitHub's latest release again",
		look: func(ctx context.Context) (bool, error) {
			now, err := r.GitHub.Latest(ctx)
			return now != from, err
		},
		do: func(ctx context.Context) error {
			_, err := r.GitHub.Edit(ctx, to.ID, github.Edit{MakeLatest: &latest})
			return err
		},
	})
}

// badgeHolder is the release that is to have the badge of a withdrawn one; nil
// when there is none.
func (r Release) badgeHolder(ctx context.Context, record State) (*github.Release, error) {
	tag := record.Badge
	for range rounds {
		earlier, err := r.recordOf(ctx, tag)
		if err != nil {
			return nil, err
		}
		if earlier == nil || earlier.RolledBack == "" {
			break
		}
		tag = earlier.Badge
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	before := ours(releases, tag)
	if before != nil && (before.Draft || tag == record.Tag) {
		before = nil
	}
	best, err := r.otherThan(ctx, anyLine(), record, true)
	if err != nil || best == nil {
		return before, err
	}
	if before != nil {
		if had, err := version.ParseTag(before.Tag); err != nil || had.Compare(best.version) >= 0 {
			return before, nil //nolint:nilerr // what is no release of ours had it: it stays with that
		}
	}
	return &best.release, nil
}
