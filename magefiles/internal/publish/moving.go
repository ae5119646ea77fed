package publish

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// before is what the moving tags name now.
func (r Release) before(ctx context.Context, record Record) ([]Move, error) {
	if record.Image == nil {
		return nil, nil
	}
	var moves []Move
	for _, line := range r.lines() {
		now, err := r.Registry.Digest(ctx, line.tag)
		if err != nil {
			return nil, err
		}
		move := Move{Tag: line.tag, From: now}
		if now != "" {
			if move.Was, err = r.Registry.Version(ctx, now); err != nil {
				return nil, err
			}
		}
		moves = append(moves, move)
	}
	return moves, nil
}

// line is a moving tag and the releases that it may name.
type line struct {
	tag  string
	with func(version.Version) bool
}

// lines are the moving tags that the release is asked to have.
func (r Release) lines() []line {
	parts := strings.SplitN(r.Plan.Version, ".", 3)
	var list []line
	for _, name := range r.Config.Publish.Tags {
		prefix := map[string]string{"X": parts[0] + ".", "X.Y": parts[0] + "." + parts[1] + "."}[name]
		tag := strings.TrimSuffix(prefix, ".")
		if tag == "" {
			tag = name
		}
		list = append(list, line{tag, func(v version.Version) bool { return strings.HasPrefix(v.String(), prefix) }})
	}
	return list
}

// candidate is a release that a moving tag or the badge may name.
type candidate struct {
	version version.Version
	release github.Release
	record  Record
}

// highest is the highest stable release of a line that is recorded as healthy,
// this one included. Only records of higher versions are read.
func (r Release) highest(ctx context.Context, line line, record Record, out bool) (candidate, error) {
	own, err := version.ParseTag(record.Tag)
	if err != nil {
		return candidate{}, err
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return candidate{}, err
	}
	best := candidate{version: own, record: record}
	if found := ours(releases, record.Tag); found != nil {
		best.release = *found
	}
	for _, release := range releases {
		v, err := version.ParseTag(release.Tag)
		if err != nil || !v.Stable() || !line.with(v) || v.Compare(best.version) <= 0 || out && release.Draft {
			continue
		}
		other, err := r.glance(ctx, release)
		if err != nil {
			return candidate{}, err
		}
		if other != nil && other.healthy() && (other.Image != nil) == (record.Image != nil) {
			best = candidate{v, release, *other}
		}
	}
	return best, nil
}

// glance reads another release's record; nil when it has none, or one that we
// don't know how to read: it was not made by us, or by a newer odin-release.
func (r Release) glance(ctx context.Context, release github.Release) (*Record, error) {
	_, record, err := r.stored(ctx, release)
	if errors.Is(err, errUnreadable) {
		r.Warn("%v: %s counts as not proven", err, release.Tag)
		return nil, nil
	}
	return record, err
}

// rounds bounds how often a tag is looked at again: each time another release
// was faster.
const rounds = 10

// move makes a moving tag name the highest healthy release of its line. After
// moving it looks again at both, since another release may have done the same.
func (r Release) move(ctx context.Context, line line, record Record) error {
	for range rounds {
		target, err := r.highest(ctx, line, record, false)
		if err != nil {
			return err
		}
		now, err := r.Registry.Digest(ctx, line.tag)
		if err != nil {
			return err
		}
		if now == target.record.Image.Digest {
			r.Say("%s is %s", line.tag, target.version)
			return nil
		}
		if stays, err := r.stays(ctx, line, now, target); err != nil || stays {
			return err
		}
		if err := r.settle(ctx, step{
			name: fmt.Sprintf("move %s to %s", line.tag, target.version),
			look: func(ctx context.Context) (bool, error) {
				is, err := r.Registry.Digest(ctx, line.tag)
				return is != now, err // moved, by us or by another release: the next round tells
			},
			do: func(ctx context.Context) error { return r.Registry.Tag(ctx, line.tag, target.record.Image.Digest) },
		}); err != nil {
			return err
		}
	}
	return fmt.Errorf("move %s: other releases kept moving it; run this again", line.tag)
}

// stays tells whether a moving tag must not move to the target: it names a
// higher release. One that does not say what it is counts as the highest other
// release that is out.
func (r Release) stays(ctx context.Context, line line, now string, target candidate) (bool, error) {
	if now == "" {
		return false, nil
	}
	said, err := r.Registry.Version(ctx, now)
	if err != nil {
		return false, err
	}
	is, err := version.ParseTag("v" + strings.TrimPrefix(said, "v"))
	if err != nil {
		other, err := r.highestOut(ctx, line, target)
		if err != nil || other == nil {
			return false, err
		}
		is = *other
	}
	if is.Compare(target.version) <= 0 {
		return false, nil
	}
	r.Say("%s stays at %s, which is higher than %s", line.tag, is, target.version)
	return true, nil
}

// highestOut is the highest stable release of a line that is out, however it
// was made, except for the target; nil when there is none.
func (r Release) highestOut(ctx context.Context, line line, target candidate) (*version.Version, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	var highest *version.Version
	for _, release := range releases {
		v, err := version.ParseTag(release.Tag)
		if err != nil || release.Draft || !v.Stable() || !line.with(v) || v.Compare(target.version) == 0 {
			continue
		}
		if highest == nil || v.Compare(*highest) > 0 {
			highest = &v
		}
	}
	return highest, nil
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
	below := map[version.Version]github.Release{}
	for _, release := range releases {
		if v, err := version.ParseTag(release.Tag); err == nil && !release.Draft && v.Stable() && v.Compare(own) < 0 {
			below[v] = release
		}
	}
	highestFirst := slices.SortedFunc(maps.Keys(below), func(a, b version.Version) int { return b.Compare(a) })
	for _, v := range highestFirst {
		record, err := r.glance(ctx, below[v])
		if err != nil {
			return "", err
		}
		if record == nil || record.RolledBack == "" {
			return v.String(), nil
		}
	}
	return "", nil
}
