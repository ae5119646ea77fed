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

// The record's name until it has taken its predecessor's place. GitHub can't
// replace an asset: the new one comes first, whole, then the old one goes, and
// the new one gets its name. Whoever finds both takes the new one. The name
// says which content it replaces: of two runs that replace the same one,
// GitHub lets only one have it, and one that comes too late is told by it.
const comingPrefix, comingSuffix = "release.after-", ".json"

func comingName(replaced string) string {
	return comingPrefix + replaced[:min(len(replaced), 16)] + comingSuffix
}

func isComing(name string) bool {
	return strings.HasPrefix(name, comingPrefix) && strings.HasSuffix(name, comingSuffix)
}

// errChanged says that another run changed the record meanwhile.
var errChanged = errors.New(
	"another run of this release, or a rollback, is under way or has been meanwhile; when it has ended, run this again",
)

// shelf is what is stored of a release's record.
type shelf struct {
	record *github.Asset // nil when there is none
	coming *github.Asset // the one that is to take its place; nil when there is none
	late   []github.Asset
}

// shelfOf finds the record among assets.
func (s states) shelfOf(ctx context.Context, assets []github.Asset) (shelf, error) {
	found := shelf{record: assetNamed(assets, StateFile)}
	replaces := ""
	if found.record != nil {
		var err error
		if replaces, err = s.files.sum(ctx, *found.record); err != nil {
			return shelf{}, err
		}
	}
	for i, asset := range assets {
		switch {
		case !isComing(asset.Name):
		case asset.State == uploaded && (found.record == nil || asset.Name == comingName(replaces)):
			found.coming = &assets[i]
		default:
			found.late = append(found.late, asset)
		}
	}
	return found, nil
}

// newest is the asset with the record as it was stored last.
func (s shelf) newest() *github.Asset {
	if s.coming != nil {
		return s.coming
	}
	return s.record
}

// seen is stored for a release that came with its assets, as the one of a tag does.
func (s states) seen(ctx context.Context, release github.Release) ([]github.Asset, *State, error) {
	if release.Assets != nil {
		record, err := s.load(ctx, release.Tag, release.Assets)
		if github.Status(err) != http.StatusNotFound {
			return release.Assets, record, err
		}
	}
	return s.stored(ctx, release)
}

// stored lists what is with a release, its record among it. The record may be
// replaced by another run just then: the list is asked for again.
func (s states) stored(
	ctx context.Context,
	release github.Release,
) (assets []github.Asset, record *State, err error) {
	for attempt := range step.Attempts {
		if attempt > 1 {
			if err := s.policy.Wait(ctx, attempt-2); err != nil {
				return nil, nil, err
			}
		}
		if assets, err = s.files.forge.Assets(ctx, release.ID); err != nil {
			return nil, nil, err
		}
		record, err = s.load(ctx, release.Tag, assets)
		if github.Status(err) != http.StatusNotFound {
			break
		}
	}
	return assets, record, err
}

// load reads the record that is stored with a release; nil when there is none.
func (s states) load(ctx context.Context, tag string, assets []github.Asset) (*State, error) {
	kept, err := s.shelfOf(ctx, assets)
	if err != nil || kept.newest() == nil || kept.newest().State != uploaded {
		return nil, err
	}
	var content bytes.Buffer
	if err := s.files.forge.Download(ctx, kept.newest().ID, &content); err != nil {
		return nil, err
	}
	record, err := ParseState(content.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the release %s: %w", tag, err)
	}
	record.base = fmt.Sprintf("%x", sha256.Sum256(content.Bytes()))
	return &record, nil
}

// replace does what is left of putting a new record in the place of the one
// with the checksum base, among the assets of the release.
func (s states) replace(
	ctx context.Context,
	release github.Release,
	assets []github.Asset,
	base string,
	file artifact.File,
	content []byte,
) error {
	kept, err := s.shelfOf(ctx, assets)
	if err != nil {
		return err
	}
	for _, late := range kept.late {
		if err := s.forge.DeleteAsset(ctx, late.ID); err != nil {
			return err
		}
	}
	if kept.coming != nil {
		if err := s.takeItsPlace(ctx, kept.record, *kept.coming); err != nil {
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
		comingName(base),
		mediaType(StateFile),
		bytes.NewReader(content),
		file.Size,
	)
	if err != nil {
		return err
	}
	if whole, err := s.files.same(ctx, arrived, file); err != nil || !whole {
		return errors.Join(err, fmt.Errorf("%s arrived with other content", StateFile))
	}
	return s.takeItsPlace(ctx, kept.newest(), arrived)
}

// takeItsPlace gives a new record the name of the old one, which goes. Where
// another run's is there by now, the name is taken, and that one stays.
func (s states) takeItsPlace(ctx context.Context, old *github.Asset, arrived github.Asset) error {
	if old != nil {
		if err := s.forge.DeleteAsset(ctx, old.ID); err != nil {
			return err
		}
	}
	return s.forge.RenameAsset(ctx, arrived.ID, StateFile)
}
