package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
)

// recordOnItsWay is the record's name until it has taken its predecessor's
// place. GitHub can't replace an asset: the new one comes first, whole, then
// the old one goes, and the new one gets its name. Whoever finds both takes
// the new one.
const recordOnItsWay = "release.new.json"

// stored lists what is with a release, its record among it. The record may be
// replaced by another run just then: the list is asked for again.
func (r Release) stored(ctx context.Context, release int64) (assets []github.Asset, record *Record, err error) {
	for attempt := range attempts {
		if attempt > 1 {
			if err := r.wait(ctx, attempt); err != nil {
				return nil, nil, err
			}
		}
		if assets, err = r.GitHub.Assets(ctx, release); err != nil {
			return nil, nil, err
		}
		record, err = r.load(ctx, assets)
		if github.Status(err) != http.StatusNotFound {
			break
		}
	}
	return assets, record, err
}

// load reads the record that is stored with a release; nil when there is none.
func (r Release) load(ctx context.Context, assets []github.Asset) (*Record, error) {
	for _, name := range []string{recordOnItsWay, RecordName} {
		asset := assetNamed(assets, name)
		if asset == nil || asset.State != uploaded {
			continue
		}
		var content bytes.Buffer
		if err := r.GitHub.Download(ctx, asset.ID, &content); err != nil {
			return nil, err
		}
		record, err := ParseRecord(content.Bytes())
		if err != nil {
			return nil, fmt.Errorf("the release %s: %w", r.Plan.Tag, err)
		}
		if name == recordOnItsWay && record.Announced.State == statePosting {
			record.Announced = Announced{} // nothing is posted before the record of it is in its place
		}
		return &record, nil
	}
	return nil, nil
}

// store keeps the record with the release.
func (r Release) store(ctx context.Context, release github.Release, record Record) error {
	content := record.JSON()
	file := artifact.File{Name: recordOnItsWay, Size: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256(content))}
	return r.settle(ctx, step{
		name: "record it in " + RecordName,
		look: func(ctx context.Context) (bool, error) {
			assets, err := r.GitHub.Assets(ctx, release.ID)
			if err != nil {
				return false, err
			}
			stored := assetNamed(assets, RecordName)
			return stored != nil && assetNamed(assets, recordOnItsWay) == nil && r.same(ctx, *stored, file), nil
		},
		do: func(ctx context.Context) error { return r.replace(ctx, release, file, content) },
	})
}

// replace does what is left of putting a new record in the old one's place.
func (r Release) replace(ctx context.Context, release github.Release, file artifact.File, content []byte) error {
	assets, err := r.GitHub.Assets(ctx, release.ID)
	if err != nil {
		return err
	}
	old, coming := assetNamed(assets, RecordName), assetNamed(assets, recordOnItsWay)
	switch {
	case coming == nil:
	case coming.State != uploaded:
		if err := r.GitHub.DeleteAsset(ctx, coming.ID); err != nil {
			return err
		}
	default: // an earlier run's: newer than what it was to replace, so that it takes its place first
		if err := r.takeItsPlace(ctx, old, *coming); err != nil || r.same(ctx, *coming, file) {
			return err
		}
		old = coming
	}
	arrived, err := r.GitHub.Upload(ctx, release, recordOnItsWay, mediaType(recordOnItsWay), bytes.NewReader(content), file.Size)
	if err != nil {
		return err
	}
	if !r.same(ctx, arrived, file) {
		return fmt.Errorf("%s arrived with other content", recordOnItsWay)
	}
	return r.takeItsPlace(ctx, old, arrived)
}

// takeItsPlace gives a new record the name of the old one, which goes.
func (r Release) takeItsPlace(ctx context.Context, old *github.Asset, arrived github.Asset) error {
	if old != nil {
		if err := r.GitHub.DeleteAsset(ctx, old.ID); err != nil {
			return err
		}
	}
	return r.GitHub.RenameAsset(ctx, arrived.ID, RecordName)
}
