package publish

import (
	"context"
	"errors"
	"fmt"
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
		if err := r.store(ctx, *found.Release, record); err != nil { // first, so that no other run promotes it meanwhile
			return Record{}, err
		}
	}
	for _, move := range record.Moved {
		if err := r.moveBack(ctx, move, record); err != nil {
			return Record{}, err
		}
	}
	if err := r.badgeBack(ctx, record); err != nil {
		return Record{}, err
	}
	return record, r.mark(ctx, *found.Release, record)
}

// moveBack makes a moving tag name what it named before, if it names the
// release now.
func (r Release) moveBack(ctx context.Context, move Move, record Record) error {
	now, err := r.Registry.Digest(ctx, move.Tag)
	if err != nil {
		return err
	}
	switch {
	case now != record.Image.Digest:
		r.Say("%s does not name %s: it stays", move.Tag, record.Version)
		return nil
	case move.From == "" || move.From == now:
		r.Warn("%s named nothing before %s: there is nothing to go back to, and it stays; release the next version", move.Tag, record.Version)
		return nil
	}
	return r.settle(ctx, step{
		name: fmt.Sprintf("move %s back to %s", move.Tag, orDigest(move.Was, move.From)),
		look: func(ctx context.Context) (bool, error) {
			is, err := r.Registry.Digest(ctx, move.Tag)
			return is != now, err
		},
		do: func(ctx context.Context) error { return r.Registry.Tag(ctx, move.Tag, move.From) },
	})
}

func orDigest(version, digest string) string {
	if version == "" {
		return digest
	}
	return version
}

// badgeBack gives GitHub's badge to the release that had it before.
func (r Release) badgeBack(ctx context.Context, record Record) error {
	if record.Badge == "" || record.Badge == record.Tag {
		return nil
	}
	latest := true
	return r.settle(ctx, step{
		name: "make " + record.Badge + " GitHub's latest release again",
		look: func(ctx context.Context) (bool, error) {
			now, err := r.GitHub.Latest(ctx)
			return now != record.Tag, err
		},
		do: func(ctx context.Context) error {
			releases, err := r.GitHub.Releases(ctx)
			if err != nil {
				return err
			}
			before := ours(releases, record.Badge)
			if before == nil {
				return fmt.Errorf("the release %s is gone; choose another on GitHub", record.Badge)
			}
			_, err = r.GitHub.Edit(ctx, before.ID, github.Edit{MakeLatest: &latest})
			return err
		},
	})
}

// mark writes into the release, and its name, that it was taken back.
func (r Release) mark(ctx context.Context, release github.Release, record Record) error {
	name := record.Tag + " (withdrawn)"
	if release.Name == name {
		r.Say("the release %s is marked as withdrawn already", record.Tag)
		return nil
	}
	body := fmt.Sprintf("> [!CAUTION]\n> This release was withdrawn: %s\n\n%s", changelog.Escape(record.RolledBack), release.Body)
	return r.edit(ctx, release, "mark the release "+record.Tag+" as withdrawn", github.Edit{Name: &name, Body: &body},
		func(now github.Release) bool { return now.Name == name })
}
