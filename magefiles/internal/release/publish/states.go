package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// states keeps the state of each release as an asset of it.
type states struct {
	files  files
	forge  assetKeeper
	policy step.Policy
}

// assetKeeper changes what is with a release.
type assetKeeper interface {
	uploader
	RenameAsset(ctx context.Context, id int64, name string) error
}

// The name of a new state until it has replaced the current one. GitHub can't
// replace an asset: the new one is uploaded first, then the old one is deleted, and
// the new one is renamed. Whoever finds both takes the new one. The name contains
// the checksum of the content that it replaces: of two runs that replace the same
// content, GitHub lets only one have the name. One that comes too late is
// recognized by it.
const pendingPrefix, pendingSuffix = "release.after-", ".json"

func pendingName(replaced string) string {
	return pendingPrefix + replaced[:min(len(replaced), 16)] + pendingSuffix
}

func isPending(name string) bool {
	return strings.HasPrefix(name, pendingPrefix) && strings.HasSuffix(name, pendingSuffix)
}

// isState reports whether an asset is a state, or one that is to replace it.
func isState(asset github.Asset) bool { return asset.Name == StateFile || isPending(asset.Name) }

// errChanged says that another run changed the state meanwhile.
var errChanged = errors.New(
	"another run of this release, or a rollback, is under way or has been meanwhile; when it has ended, run this again",
)

// storedAssets is what is stored of a release's state.
type storedAssets struct {
	current *github.Asset  // nil when there is none
	pending *github.Asset  // the one that is to replace it; nil when there is none
	stale   []github.Asset // what runs left that came too late
}

// storedIn finds the state among assets.
func (s states) storedIn(ctx context.Context, assets []github.Asset) (storedAssets, error) {
	found := storedAssets{current: assetNamed(assets, StateFile)}
	replaces := ""
	if found.current != nil {
		var err error
		if replaces, err = s.files.sum(ctx, *found.current); err != nil {
			return storedAssets{}, err
		}
	}
	var successors []github.Asset
	for i, asset := range assets {
		switch {
		case !isPending(asset.Name):
		case asset.State == uploaded && found.current == nil:
			successors = append(successors, asset)
		case asset.State == uploaded && asset.Name == pendingName(replaces):
			found.pending = &assets[i]
		default:
			found.stale = append(found.stale, asset)
		}
	}
	if len(successors) == 0 {
		return found, nil
	}
	at, err := s.furthest(ctx, successors)
	if err != nil {
		return storedAssets{}, err
	}
	found.pending = &successors[at]
	found.stale = append(found.stale, slices.Delete(slices.Clone(successors), at, at+1)...)
	return found, nil
}

// furthest is the index of the asset that is to replace the current one, which another run
// has deleted already. The others came too late: what they replace had been replaced, so
// that they are behind. One that replaces nothing is the first state.
func (s states) furthest(ctx context.Context, successors []github.Asset) (int, error) {
	first := func(a github.Asset) bool { return a.Name == pendingName("") }
	later := len(slices.DeleteFunc(slices.Clone(successors), first))
	best, most := 0, -1
	for i, asset := range successors {
		progress := 0
		switch {
		case first(asset) && later > 0:
			continue
		case later > 1:
			state, err := s.read(ctx, asset)
			if err != nil {
				return 0, err
			}
			progress = state.progress()
		}
		if progress > most {
			best, most = i, progress
		}
	}
	return best, nil
}

// newest is the asset with the state as it was stored last.
func (s storedAssets) newest() *github.Asset {
	if s.pending != nil {
		return s.pending
	}
	return s.current
}

// seen is stored for a release that came with its assets, as the one of a tag does.
func (s states) seen(ctx context.Context, release github.Release) ([]github.Asset, *State, error) {
	if release.Assets != nil {
		state, err := s.load(ctx, release.Tag, release.Assets)
		if github.Status(err) != http.StatusNotFound {
			return release.Assets, state, err
		}
	}
	return s.stored(ctx, release)
}

// stored lists what is with a release, its state among it. The state may be
// replaced by another run just then: the list is asked for again.
func (s states) stored(
	ctx context.Context,
	release github.Release,
) (assets []github.Asset, state *State, err error) {
	for attempt := range step.Attempts {
		if attempt > 1 {
			if err := s.policy.Wait(ctx, attempt-2); err != nil {
				return nil, nil, err
			}
		}
		if assets, err = s.files.forge.Assets(ctx, release.ID); err != nil {
			return nil, nil, err
		}
		state, err = s.load(ctx, release.Tag, assets)
		if github.Status(err) != http.StatusNotFound {
			break
		}
	}
	return assets, state, err
}

// load reads the state that is stored with a release; nil when there is none.
func (s states) load(ctx context.Context, tag string, assets []github.Asset) (*State, error) {
	kept, err := s.storedIn(ctx, assets)
	if err != nil || kept.newest() == nil || kept.newest().State != uploaded {
		return nil, err
	}
	state, err := s.read(ctx, *kept.newest())
	if errors.Is(err, errUnreadable) {
		err = fmt.Errorf("the release %s: %w", tag, err)
	}
	if err != nil {
		return nil, err
	}
	return &state, nil
}

// read reads the state that is in an asset.
func (s states) read(ctx context.Context, asset github.Asset) (State, error) {
	var content bytes.Buffer
	if err := s.files.forge.Download(ctx, asset.ID, &content); err != nil {
		return State{}, err
	}
	state, err := ParseState(content.Bytes())
	state.base = fmt.Sprintf("%x", sha256.Sum256(content.Bytes()))
	return state, err
}

// replace does what is left of putting a new state in the place of the one
// with the checksum base, among the assets of the release.
func (s states) replace(
	ctx context.Context,
	release github.Release,
	assets []github.Asset,
	base string,
	file artifact.File,
	content []byte,
) error {
	kept, err := s.storedIn(ctx, assets)
	if err != nil {
		return err
	}
	for _, each := range kept.stale {
		if _, err := s.forge.DeleteAsset(ctx, each.ID); err != nil {
			return err
		}
	}
	if kept.pending != nil {
		if err := s.replaceCurrent(ctx, release, kept.current, *kept.pending); err != nil {
			return err
		}
	}
	now := ""
	if newest := kept.newest(); newest != nil {
		if now, err = s.files.sum(ctx, *newest); err != nil {
			return err
		}
	}
	switch now {
	case file.SHA256:
		return nil
	case base:
	default:
		return errChanged
	}
	arrived, err := s.forge.Upload(
		ctx,
		release,
		pendingName(base),
		mediaType(StateFile),
		bytes.NewReader(content),
		file.Size,
	)
	if err != nil {
		return err
	}
	if whole, err := s.files.same(ctx, arrived, file); err != nil || !whole {
		return errors.Join(err, fmt.Errorf("%s arrived with different content", StateFile))
	}
	return s.replaceCurrent(ctx, release, kept.newest(), arrived)
}

// errUnderWay says that another run replaces the state just now.
var errUnderWay = errors.New("another run of this release is under way")

// replaceCurrent gives a new state the name of the old one, which goes. Whoever deletes
// the old one may do so: nobody else has replaced it. Otherwise another run may have, and
// may have deleted its own state to replace that, so that the name is free. Where a state
// of another is there, that one stays.
func (s states) replaceCurrent(
	ctx context.Context,
	release github.Release,
	old *github.Asset,
	arrived github.Asset,
) error {
	existed := false
	if old != nil {
		var err error
		if existed, err = s.forge.DeleteAsset(ctx, old.ID); err != nil {
			return err
		}
	}
	if !existed {
		assets, err := s.files.forge.Assets(ctx, release.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(assets, func(a github.Asset) bool {
			return a.ID != arrived.ID && isState(a)
		}) {
			return errUnderWay
		}
	}
	return s.forge.RenameAsset(ctx, arrived.ID, StateFile)
}
