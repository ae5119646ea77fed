package publish

import (
	"context"
	"errors"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// candidate is a release that a moving tag or the badge may name.
type candidate struct {
	version version.Version
	release github.Release
	record  State // zero until it is read
}

// candidates are the stable releases of a line, the highest first: all of them,
// or only those that are out.
func candidates(releases []github.Release, line line, out bool) []candidate {
	var list []candidate
	for _, release := range releases {
		v, err := version.ParseTag(release.Tag)
		if err == nil && v.Stable() && line.with(v) && (!out || !release.Draft) {
			list = append(list, candidate{version: v, release: release})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return b.version.Compare(a.version) })
	return list
}

// best is the highest of the candidates that a moving tag, or with out GitHub's
// badge, may name; nil when there is none. It is recorded as healthy, and the
// image that a moving tag is to name has its version as a tag: a promotion that
// is still under way tags it first, and one that was given up may have lost it.
func (r Release) best(ctx context.Context, list []candidate, record State, out bool) (*candidate, error) {
	for _, other := range list {
		read, err := r.glance(ctx, other.release)
		if err != nil {
			return nil, err
		}
		if read != nil && read.healthy() && (read.Image != nil) == (record.Image != nil) {
			other.record = *read
			if tagged, err := r.tagged(ctx, *read); out || tagged || err != nil {
				return &other, err
			}
		}
	}
	return nil, nil
}

// tagged tells whether the image of a release, if it has one, has its version as
// a tag in the registry.
func (r Release) tagged(ctx context.Context, record State) (bool, error) {
	if record.Image == nil || r.Registry == nil {
		return true, nil
	}
	digest, err := r.Registry.Digest(ctx, record.Version)
	return digest == record.Image.Digest, err
}

// highest is the highest stable release of a line that is recorded as healthy,
// this one included. Only records of higher versions are read.
func (r Release) highest(ctx context.Context, line line, record State, out bool) (candidate, error) {
	own, err := version.ParseTag(record.Tag)
	if err != nil {
		return candidate{}, err
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return candidate{}, err
	}
	higher := slices.DeleteFunc(
		candidates(releases, line, out),
		func(c candidate) bool { return c.version.Compare(own) <= 0 },
	)
	if best, err := r.best(ctx, higher, record, out); err != nil {
		return candidate{}, err
	} else if best != nil {
		return *best, nil
	}
	this := candidate{version: own, record: record}
	if found := ours(releases, record.Tag); found != nil {
		this.release = *found
	}
	return this, nil
}

// highestOut is the highest stable release of a line that is out and was not
// withdrawn, however it was made, except for the target; nil when there is none.
func (r Release) highestOut(ctx context.Context, line line, target candidate) (*version.Version, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	for _, other := range candidates(releases, line, true) {
		if other.version.Compare(target.version) == 0 {
			continue
		}
		record, err := r.glance(ctx, other.release)
		if err != nil {
			return nil, err
		}
		if record == nil || record.RolledBack == "" {
			return &other.version, nil
		}
	}
	return nil, nil
}

// Before is the version that users have whom the release reaches: the highest
// stable one below it that is out and was not withdrawn, "" when there is none.
// The release that is before it in git may never have come out.
func (r Release) Before(ctx context.Context) (string, error) {
	own, err := version.ParseTag(r.Plan.Tag)
	if err != nil {
		return "", err
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return "", err
	}
	for _, other := range candidates(releases, anyLine(), true) {
		if other.version.Compare(own) >= 0 {
			continue
		}
		record, err := r.glance(ctx, other.release)
		if err != nil {
			return "", err
		}
		if record == nil || record.RolledBack == "" {
			return other.version.String(), nil
		}
	}
	return "", nil
}

// glance reads another release's record; nil when it has none, or one that we
// don't know how to read: it was not made by us, or by a newer odin-release.
func (r Release) glance(ctx context.Context, release github.Release) (*State, error) {
	_, record, err := r.stored(ctx, release)
	if errors.Is(err, errUnreadable) {
		r.Warn("%v: %s counts as not proven", err, release.Tag)
		return nil, nil
	}
	return record, err
}
