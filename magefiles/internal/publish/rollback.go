package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
)

// Rollback takes a release back: the moving tags that name it name again what
// they named before, GitHub's badge goes back, and the release is marked with
// the reason. The version itself stays what it is. What was taken back is
// never promoted again.
func (r Release) Rollback(ctx context.Context, reason string) (Record, error) {
	found, err := r.Observe(ctx)
	if err != nil {
		return Record{}, err
	}
	if found.Record == nil {
		return Record{}, fmt.Errorf("%s has no record (%s) of how it was released: there is nothing to go back to; move latest by hand", r.Plan.Tag, RecordName)
	}
	record := *found.Record
	if record.RolledBack == "" {
		if strings.TrimSpace(reason) == "" {
			return Record{}, errors.New(`a rollback needs a reason, which users will read: -reason="…"`)
		}
		record.RolledBack = strings.Join(strings.Fields(reason), " ")
		if err := r.store(ctx, *found.Release, &record); err != nil { // first, so that no other run promotes it meanwhile
			return Record{}, err
		}
	}
	return record, r.takeBack(ctx, *found.Release, record)
}

// takeBack makes what follows a withdrawn release follow the one before.
func (r Release) takeBack(ctx context.Context, release github.Release, record Record) error {
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

// moveBack makes a moving tag name what it named before, if it names the
// release now.
func (r Release) moveBack(ctx context.Context, move Move, record Record) error {
	now, err := r.Registry.Digest(ctx, move.Tag)
	if err != nil {
		return err
	}
	if now != record.Image.Digest {
		r.Say("%s does not name %s: it stays", move.Tag, record.Version)
		return nil
	}
	before, err := r.standing(ctx, move)
	if err != nil {
		return err
	}
	if before.From == "" || before.From == now {
		r.Warn("%s named nothing before %s that still stands: there is nothing to go back to, and it stays; release the next version", move.Tag, record.Version)
		return nil
	}
	name := fmt.Sprintf("move %s back to %s", move.Tag, orDigest(before.Was, before.From))
	return r.retag(ctx, name, move.Tag, now, before.From)
}

// standing goes back from a move to the last release that was not withdrawn.
func (r Release) standing(ctx context.Context, move Move) (Move, error) {
	for range rounds {
		earlier, err := r.recordOf(ctx, "v"+move.Was)
		if err != nil || earlier == nil || earlier.RolledBack == "" {
			return move, err
		}
		at := slices.IndexFunc(earlier.Moved, func(m Move) bool { return m.Tag == move.Tag })
		if at < 0 {
			return Move{}, nil
		}
		move = earlier.Moved[at]
	}
	return Move{}, nil
}

// recordOf is the record of the release of a tag; nil when there is none.
func (r Release) recordOf(ctx context.Context, tag string) (*Record, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	found := ours(releases, tag)
	if found == nil {
		return nil, nil
	}
	return r.glance(ctx, *found)
}

func orDigest(version, digest string) string {
	if version == "" {
		return digest
	}
	return version
}

// badgeBack gives GitHub's badge to the release that had it before, or the last
// one before that which was not withdrawn.
func (r Release) badgeBack(ctx context.Context, record Record) error {
	tag := record.Badge
	for range rounds {
		earlier, err := r.recordOf(ctx, tag)
		if err != nil {
			return err
		}
		if earlier == nil || earlier.RolledBack == "" {
			break
		}
		tag = earlier.Badge
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return err
	}
	before, latest := ours(releases, tag), true
	if before == nil || before.Draft || tag == record.Tag {
		r.Say("GitHub's badge is left to GitHub: no release had it before")
		return nil
	}
	return r.settle(ctx, step{
		name: "make " + tag + " GitHub's latest release again",
		look: func(ctx context.Context) (bool, error) {
			now, err := r.GitHub.Latest(ctx)
			return now != record.Tag, err
		},
		do: func(ctx context.Context) error {
			_, err := r.GitHub.Edit(ctx, before.ID, github.Edit{MakeLatest: &latest})
			return err
		},
	})
}

// mark writes into the release, and its name, that it was taken back.
func (r Release) mark(ctx context.Context, release github.Release, record Record) error {
	name := record.Tag + " (withdrawn)"
	release, err := r.GitHub.Release(ctx, release.ID) // as it is now
	if err != nil {
		return err
	}
	if release.Name == name {
		r.Say("the release %s is marked as withdrawn already", record.Tag)
		return nil
	}
	body := fmt.Sprintf("> [!CAUTION]\n> This release was withdrawn: %s\n\n%s", changelog.Escape(record.RolledBack), release.Body)
	return r.edit(ctx, release, "mark the release "+record.Tag+" as withdrawn", github.Edit{Name: &name, Body: &body},
		func(now github.Release) bool { return now.Name == name })
}
