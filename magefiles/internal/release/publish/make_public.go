package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// draftNotes is the effect that the draft has the notes of the build that is
// recorded, before it goes out: another run may have written its own.
type draftNotes struct {
	shared *published
	notes  *writeNotes
}

// Title implements Effect.
func (e *draftNotes) Title() string { return "write the notes of " + e.shared.release.Plan.Tag }

// Done implements step.Work.
func (e *draftNotes) Done(ctx context.Context) (step.State, error) {
	if state, err := e.shared.asDraft(ctx); err != nil || state.Status != "" {
		return state, err
	}
	return e.notes.Done(ctx)
}

// Do implements step.Work.
func (e *draftNotes) Do(ctx context.Context) error { return e.notes.Do(ctx) }

// badger edits releases, and knows who has GitHub's badge "Latest".
type badger interface {
	editor
	Latest(ctx context.Context) (tag string, err error)
}

// makePublic is the effect that the release is out. Whether it gets the badge is
// said at once, so that GitHub does not choose.
type makePublic struct {
	shared *published
	forge  badger
}

// Title implements Effect.
func (m *makePublic) Title() string { return "publish the release " + m.shared.release.Plan.Tag }

// Done implements step.Work.
func (m *makePublic) Done(ctx context.Context) (step.State, error) {
	if state, err := m.shared.asDraft(ctx); err != nil || state.Status != "" {
		return state, err
	}
	now, err := m.forge.Release(ctx, m.shared.draft.ID)
	if err == nil {
		m.shared.draft.Draft = now.Draft
	}
	return doneIf(!now.Draft, "it is a draft"), err
}

// Do implements step.Work.
func (m *makePublic) Do(ctx context.Context) error {
	state := m.shared.state
	out, latest := false, false
	if mayMove(state) {
		follows, err := m.followed(ctx)
		if err != nil {
			return final(err)
		}
		latest = follows
	}
	if err := m.complete(ctx); err != nil {
		return final(err)
	}
	change := github.Edit{Draft: &out, Prerelease: &state.Prerelease, MakeLatest: &latest}
	_, err := m.forge.Edit(ctx, m.shared.draft.ID, change)
	return nextVersion(err)
}

// complete fails if a file is gone from the draft: nobody could attach it to an immutable
// release. This is the last look before the release goes out.
func (m *makePublic) complete(ctx context.Context) error {
	now, err := m.forge.Release(ctx, m.shared.draft.ID)
	if err != nil {
		return err
	}
	gone, err := lacking(ctx, m.shared.tools.files, now.Assets, m.shared.state.Files)
	if err != nil {
		return err
	}
	for _, each := range m.shared.stateFiles() {
		if assetNamed(now.Assets, each.name) == nil {
			gone = append(gone, each.name)
		}
	}
	if len(gone) > 0 && now.Draft {
		return fmt.Errorf("%s is gone from the draft: run the whole release again, which attaches it",
			strings.Join(gone, ", "))
	}
	return nil
}

// followed reports whether the badge is to be this release's.
func (m *makePublic) followed(ctx context.Context) (bool, error) {
	ranking, state := m.shared.tools.ranking, m.shared.state
	target, err := ranking.highest(ctx, anyLine(), state, true)
	if err != nil || target.state.Tag != state.Tag {
		return false, err
	}
	now, err := m.forge.Latest(ctx)
	if err != nil {
		return false, err
	}
	is, err := version.ParseLegacyTag(now)
	if err != nil {
		return true, nil //nolint:nilerr // there is none, or it is no release of ours
	}
	if is.Compare(target.version) <= 0 {
		return true, nil
	}
	return ranking.overtakes(ctx, target, is)
}

// overtakes reports whether a release gets what a higher one has: that was
// rolled back, and no other release that is out and stands is higher, either.
func (r ranking) overtakes(ctx context.Context, target candidate, is version.Version) (bool, error) {
	gone, err := r.rolledBack(ctx, is)
	if err != nil || gone == nil {
		return false, err
	}
	other, err := r.highestOut(ctx, anyLine(), target.version)
	return err == nil && (other == nil || other.Compare(target.version) < 0), err
}
