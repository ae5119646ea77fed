package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// anyLine is the line of all releases, which the badge follows.
func anyLine() line { return line{"", func(version.Version) bool { return true }} }

// release makes the draft public, with the notes of the build that is recorded:
// another run may have written its own. Whether it gets the badge is said at
// once, so that GitHub does not choose.
func (r Release) release(ctx context.Context, draft github.Release, record State) error {
	if !draft.Draft {
		r.Say("the release %s is out already", draft.Tag)
		return nil
	}
	draft, err := r.refresh(ctx, draft, github.Release{Body: r.body(record)})
	if err != nil {
		return err
	}
	if err := r.deleteOthers(ctx, draft, record); err != nil {
		return err
	}
	out, latest := false, false
	if r.mayMove(record) {
		follows, err := r.followed(ctx, record)
		if err != nil {
			return err
		}
		latest = follows
	}
	return r.edit(
		ctx,
		draft,
		"publish the release "+draft.Tag,
		github.Edit{Draft: &out, Prerelease: &record.Prerelease, MakeLatest: &latest},
		func(now github.Release) bool { return !now.Draft },
	)
}

// deleteOthers deletes other drafts of a release that goes out, whatever of its
// files they have.
func (r Release) deleteOthers(ctx context.Context, draft github.Release, record State) error {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return err
	}
	files := []string{StateFile}
	for _, file := range record.Files {
		files = append(files, file.Name)
	}
	return r.deleteTwins(ctx, releases, draft, files...)
}

// followed tells whether the badge is to be this release's.
func (r Release) followed(ctx context.Context, record State) (bool, error) {
	target, err := r.highest(ctx, anyLine(), record, true)
	if err != nil || target.record.Tag != record.Tag {
		return false, err
	}
	now, err := r.GitHub.Latest(ctx)
	if err != nil {
		return false, err
	}
	is, err := version.ParseTag(now)
	if err != nil {
		return true, nil //nolint:nilerr // there is none, or it is no release of ours
	}
	if is.Compare(target.version) <= 0 {
		return true, nil
	}
	return r.overtakes(ctx, target, is)
}

// overtakes tells whether a release gets what a higher one has: that was
// withdrawn, and no other release that is out and stands is higher, either.
func (r Release) overtakes(ctx context.Context, target candidate, is version.Version) (bool, error) {
	gone, err := r.withdrawn(ctx, is)
	if err != nil || !gone {
		return false, err
	}
	other, err := r.highestOut(ctx, anyLine(), target)
	return err == nil && (other == nil || other.Compare(target.version) < 0), err
}

// badge makes GitHub's badge follow the highest healthy release that is out.
func (r Release) badge(ctx context.Context, record State) error {
	if !r.mayMove(record) {
		return nil
	}
	for round := range rounds {
		if round > 0 {
			if err := r.wait(ctx, min(round, attempts)-1); err != nil { // GitHub's answer may lag behind
				return err
			}
		}
		target, err := r.highest(ctx, anyLine(), record, true)
		if err != nil {
			return err
		}
		now, err := r.GitHub.Latest(ctx)
		if err != nil {
			return err
		}
		is, err := version.ParseTag(now)
		if err == nil && is.Compare(target.version) >= 0 {
			moves, err := r.overtakes(ctx, target, is)
			if err != nil {
				return err
			}
			if !moves || now == record.Tag { // Promote undoes what it did for a release that is withdrawn by now
				r.Say("GitHub's latest release is %s", now)
				return nil
			}
		}
		latest := true
		if _, err := r.GitHub.Edit(
			ctx,
			target.release.ID,
			github.Edit{MakeLatest: &latest},
		); err != nil &&
			!passing(err) {
			return fmt.Errorf("make %s GitHub's latest release: %w", target.version.Tag(), err)
		}
	}
	return errors.New("make it GitHub's latest release: other releases kept changing it; run this again")
}
