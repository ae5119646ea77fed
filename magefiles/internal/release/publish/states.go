package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
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
	for i, asset := range assets {
		switch {
		case !isPending(asset.Name):
		case asset.State == uploaded && found.current == nil:
			found.succeed(&assets[i])
		case asset.State == uploaded && asset.Name == pendingName(replaces):
			found.pending = &assets[i]
		default:
			found.stale = append(found.stale, asset)
		}
	}
	return found, nil
}

// succeed takes an asset for the one that is to replace the current one, which another
// run has deleted already. One that replaces nothing came too late if there is another.
func (s *storedAssets) succeed(asset *github.Asset) {
	switch {
	case s.pending == nil:
		s.pending = asset
	case asset.Name == pendingName(""):
		s.stale = append(s.stale, *asset)
	default:
		if s.pending.Name == pendingName("") {
			s.stale = append(s.stale, *s.pending)
		}
		s.pending = asset
	}
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
	var content bytes.Buffer
	if err := s.files.forge.Download(ctx, kept.newest().ID, &content); err != nil {
		return nil, err
	}
	state, err := ParseState(content.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the release %s: %w", tag, err)
	}
	state.base = fmt.Sprintf("%x", sha256.Sum256(content.Bytes()))
	return &state, nil
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
		if err := s.forge.DeleteAsset(ctx, each.ID); err != nil {
			return err
		}
	}
	if kept.pending != nil {
		if err := s.replaceCurrent(ctx, kept.current, *kept.pending); err != nil {
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
	return s.replaceCurrent(ctx, kept.newest(), arrived)
}

// replaceCurrent gives a new state the name of the old one, which goes. Where
// another run's is there by now, the name is taken, and that one stays.
func (s states) replaceCurrent(ctx context.Context, old *github.Asset, arrived github.Asset) error {
	if old != nil {
		if err := s.forge.DeleteAsset(ctx, old.ID); err != nil {
			return err
		}
	}
	return s.forge.RenameAsset(ctx, arrived.ID, StateFile)
}
