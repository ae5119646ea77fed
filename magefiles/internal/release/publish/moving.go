package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// before is what the moving tags name now.
func (r Release) before(ctx context.Context, record State) ([]Move, error) {
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

// rounds bounds how often a tag is looked at again: each time another release
// was faster.
const rounds = 10

// move makes a moving tag name the highest healthy release of its line. After
// moving it looks again at both, since another release may have done the same.
func (r Release) move(ctx context.Context, line line, record State) error {
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
		name := fmt.Sprintf("move %s to %s", line.tag, target.version)
		if err := r.retag(ctx, name, line.tag, now, target.record.Image.Digest); err != nil {
			return err
		}
	}
	return fmt.Errorf("move %s: other releases kept moving it; run this again", line.tag)
}

// retag gives a tag another image than the one that it names now.
func (r Release) retag(ctx context.Context, name, tag, now, digest string) error {
	return r.settle(ctx, step{
		name: name,
		look: func(ctx context.Context) (bool, error) {
			is, err := r.Registry.Digest(ctx, tag)
			return is != now, err // moved, by us or by another release: who needs to know looks again
		},
		do: func(ctx context.Context) error { return r.Registry.Tag(ctx, tag, digest) },
	})
}

// stays tells whether a moving tag must not move to the target: it names a
// higher release. One that does not say what it is, or was withdrawn, counts as
// the highest other release that is out and stands.
func (r Release) stays(ctx context.Context, line line, now string, target candidate) (bool, error) {
	if now == "" {
		return false, nil
	}
	said, err := r.Registry.Version(ctx, now)
	if err != nil {
		return false, err
	}
	is, err := version.ParseTag("v" + strings.TrimPrefix(said, "v"))
	gone := false
	if err == nil && is.Compare(target.version) > 0 {
		if gone, err = r.withdrawn(ctx, is); err != nil {
			return false, err
		}
	}
	if err != nil || gone {
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
