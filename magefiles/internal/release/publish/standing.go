package publish

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// moveBack makes a moving tag that names a withdrawn release name the highest
// one that stands. After moving it looks again, as move does: another release
// may have been recorded as healthy meanwhile.
func (r Release) moveBack(ctx context.Context, move Move, record State) error {
	ours := record.Image.Digest // what the tag named last, as far as it is this run's to move
	for range rounds {
		now, err := r.Registry.Digest(ctx, move.Tag)
		if err != nil {
			return err
		}
		if now != ours {
			r.Say("%s does not name %s: it stays", move.Tag, record.Version)
			return nil
		}
		target, err := r.standing(ctx, move, record)
		if err != nil {
			return err
		}
		switch {
		case target.From == now && now != record.Image.Digest:
			return nil
		case target.From == "" || target.From == now:
			r.Warn(
				"%s named nothing before %s that still stands: there is nothing to go back to, and it stays; release the next version",
				move.Tag,
				record.Version,
			)
			return nil
		}
		name := fmt.Sprintf("move %s back to %s", move.Tag, orDigest(target.Was, target.From))
		if err := r.retag(ctx, name, move.Tag, now, target.From); err != nil {
			return err
		}
		ours = target.From
	}
	return fmt.Errorf("move %s back: other releases kept moving it; run this again", move.Tag)
}

// standing is what a moving tag is to name in place of a withdrawn release: the
// highest release of its line that is recorded as healthy, or what it named
// before, if that is higher.
func (r Release) standing(ctx context.Context, move Move, record State) (Move, error) {
	before, err := r.earlier(ctx, move)
	if err != nil {
		return Move{}, err
	}
	line := lineOf(move.Tag)
	best, err := r.otherThan(ctx, line, record, false)
	if err != nil || best == nil {
		return before, err
	}
	if before.From != "" {
		was, err := r.versionOf(ctx, line, before, record)
		if err != nil || was != nil && was.Compare(best.version) > 0 {
			return before, err
		}
	}
	return Move{Tag: move.Tag, From: best.record.Image.Digest, Was: best.version.String()}, nil
}

// earlier goes back from a move to the last release that was not withdrawn.
func (r Release) earlier(ctx context.Context, move Move) (Move, error) {
	for range rounds {
		earlier, err := r.recordOf(ctx, "v"+move.Was)
		if err != nil || earlier == nil || earlier.RolledBack == "" {
			return move, err
		}
		at := slices.IndexFunc(earlier.Moved, func(m Move) bool { return m.Tag == move.Tag })
		if at < 0 {
			return Move{}, nil
		}
		move = earlier.Moved[at]
	}
	return Move{}, nil
}

// versionOf is the version of what a tag named before. An image that does not
// say it counts as the highest other release that is out; nil when there is none.
func (r Release) versionOf(ctx context.Context, line line, before Move, record State) (*version.Version, error) {
	if was, err := version.ParseTag("v" + before.Was); err == nil {
		return &was, nil
	}
	own, err := version.ParseTag(record.Tag)
	if err != nil {
		return nil, err
	}
	return r.highestOut(ctx, line, candidate{version: own})
}

// lineTag is a moving tag of a line, X or X.Y.
var lineTag = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// lineOf is the line of a moving tag that a record names, whatever the
// configuration says by now: that of its numbers, or all releases.
func lineOf(tag string) line {
	if !lineTag.MatchString(tag) {
		return line{tag, anyLine().with}
	}
	return line{tag, func(v version.Version) bool { return strings.HasPrefix(v.String(), tag+".") }}
}

// otherThan is the highest stable release of a line that is recorded as healthy,
// except for one; nil when there is none.
func (r Release) otherThan(ctx context.Context, line line, record State, out bool) (*candidate, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(
		candidates(releases, line, out),
		func(c candidate) bool { return c.release.Tag == record.Tag },
	)
	return r.best(ctx, others, record, out)
}

// recordOf is the record of the release of a tag; nil when there is none.
func (r Release) recordOf(ctx context.Context, tag string) (*State, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return nil, err
	}
	found := ours(releases, tag)
	if found == nil {
		return nil, nil
	}
	return r.glance(ctx, *found)
}

func orDigest(version, digest string) string {
	if version == "" {
		return digest
	}
	return version
}

// withdrawn tells whether the release of a version was taken back.
func (r Release) withdrawn(ctx context.Context, v version.Version) (bool, error) {
	record, err := r.recordOf(ctx, v.Tag())
	return record != nil && record.RolledBack != "", err
}
