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
)

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
func (r Release) shelfOf(ctx context.Context, assets []github.Asset) (shelf, error) {
	found := shelf{record: assetNamed(assets, StateFile)}
	replaces := ""
	if found.record != nil {
		var err error
		if replaces, err = r.sum(ctx, *found.record); err != nil {
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

// stored lists what is with a release, its record among it. The record may be
// replaced by another run just then: the list is asked for again.
func (r Release) stored(
	ctx context.Context,
	release github.Release,
) (assets []github.Asset, record *State, err error) {
	for attempt := range attempts {
		if attempt > 1 {
			if err := r.wait(ctx, attempt-2); err != nil {
				return nil, nil, err
			}
		}
		if assets, err = r.GitHub.Assets(ctx, release.ID); err != nil {
			return nil, nil, err
		}
		record, err = r.load(ctx, release.Tag, assets)
		if github.Status(err) != http.StatusNotFound {
			break
		}
	}
	return assets, record, err
}

// load reads the record that is stored with a release; nil when there is none.
func (r Release) load(ctx context.Context, tag string, assets []github.Asset) (*State, error) {
	kept, err := r.shelfOf(ctx, assets)
	if err != nil || kept.newest() == nil || kept.newest().State != uploaded {
		return nil, err
	}
	var content bytes.Buffer
	if err := r.GitHub.Download(ctx, kept.newest().ID, &content); err != nil {
		return nil, err
	}
	record, err := ParseState(content.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the release %s: %w", tag, err)
	}
	record.base = fmt.Sprintf("%x", sha256.Sum256(content.Bytes()))
	return &record, nil
}

// store keeps the record with the release. It replaces just the content that
// the record was read from: where that is not there any more, another run was
// faster, and what it recorded stays.
func (r Release) store(ctx context.Context, release github.Release, record *State) error {
	content := record.JSON()
	file := artifact.File{
		Name:   StateFile,
		Size:   int64(len(content)),
		SHA256: fmt.Sprintf("%x", sha256.Sum256(content)),
	}
	var assets []github.Asset // what is with the release now
	err := r.settle(ctx, step{
		name: "record it in " + StateFile,
		look: func(ctx context.Context) (there bool, err error) {
			if assets, err = r.GitHub.Assets(ctx, release.ID); err != nil {
				return false, err
			}
			onItsWay := slices.ContainsFunc(assets, func(a github.Asset) bool { return isComing(a.Name) })
			stored := assetNamed(assets, StateFile)
			if stored == nil || onItsWay {
				return false, nil
			}
			return r.same(ctx, *stored, file)
		},
		do: func(ctx context.Context) error { return r.replace(ctx, release, assets, record.base, file, content) },
	})
	record.base = file.SHA256
	return err
}

// replace does what is left of putting a new record in the place of the one
// with the checksum base, among the assets of the release.
func (r Release) replace(
	ctx context.Context,
	release github.Release,
	assets []github.Asset,
	base string,
	file artifact.File,
	content []byte,
) error {
	kept, err := r.shelfOf(ctx, assets)
	if err != nil {
		return err
	}
	for _, late := range kept.late {
		if err := r.GitHub.DeleteAsset(ctx, late.ID); err != nil {
			return err
		}
	}
	if kept.coming != nil {
		if err := r.takeItsPlace(ctx, kept.record, *kept.coming); err != nil {
			return err
		}
	}
	now := ""
	if newest := kept.newest(); newest != nil {
		if now, err = r.sum(ctx, *newest); err != nil {
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
	arrived, err := r.GitHub.Upload(
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
	if whole, err := r.same(ctx, arrived, file); err != nil || !whole {
		return errors.Join(err, fmt.Errorf("%s arrived with other content", StateFile))
	}
	return r.takeItsPlace(ctx, kept.newest(), arrived)
}

// takeItsPlace gives a new record the name of the old one, which goes. Where
// another run's is there by now, the name is taken, and that one stays.
func (r Release) takeItsPlace(ctx context.Context, old *github.Asset, arrived github.Asset) error {
	if old != nil {
		if err := r.GitHub.DeleteAsset(ctx, old.ID); err != nil {
			return err
		}
	}
	return r.GitHub.RenameAsset(ctx, arrived.ID, StateFile)
}
