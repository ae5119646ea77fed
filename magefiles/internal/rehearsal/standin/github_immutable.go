package standin

import (
	"slices"
	"strings"
)

// Immutable releases: assets and tag of a release are frozen when it is published; its
// title, notes, prerelease and badge are not. A tag whose immutable release was deleted
// can't be used again
// (https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases).
// The description does not give the messages; these are from reports: of uploads and deleted
// assets https://github.com/uutils/coreutils/issues/13839, of tags
// https://github.com/github-community-projects/ospo-reusable-workflows/issues/83.

// restricted is the message for a push to a tag of an immutable release.
const restricted = "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"

// frozen refuses a change to the assets of an immutable release.
func (r *release) frozen(field, message string) error {
	if !r.Immutable {
		return nil
	}
	if field == "" {
		return unprocessable(message)
	}
	return invalid(field, "", "custom", message)
}

// uploadsAllowed and deletesAllowed refuse changes to the assets of an immutable release.
func (r *release) uploadsAllowed() error {
	return r.frozen("", "Cannot upload assets to an immutable release.")
}

func (r *release) deletesAllowed() error {
	return r.frozen("ReleaseAsset", "Cannot delete asset from an immutable release")
}

// settled refuses another tag for an immutable release, or to make it a draft again.
func (r *release) settled(next *release) error {
	if r.Tag != next.Tag || next.Draft {
		return r.frozen("Release", "Immutable releases cannot change their tag or become drafts")
	}
	return nil
}

// free refuses a tag of an immutable release that was deleted.
func (l *ledger) free(tag string) error {
	if slices.Contains(l.Burned, tag) {
		return invalid("Release", "tag_name", "custom", "tag_name was used by an immutable release")
	}
	return nil
}

// burned reports whether a ref is a tag that can't be created any more.
func (l *ledger) burned(ref string) bool {
	tag, is := strings.CutPrefix(ref, "refs/tags/")
	return is && slices.Contains(l.Burned, tag)
}

// burn stores the tag of an immutable release that is deleted.
func (l *ledger) burn(r *release) {
	if r.Immutable {
		l.Burned = append(l.Burned, r.Tag)
	}
}

// locked reports whether a ref is the tag of an immutable release.
func (b *backend) locked(ref string) bool {
	return slices.ContainsFunc(b.ledger.Releases, func(r *release) bool {
		return r.Immutable && ref == "refs/tags/"+r.Tag
	})
}

// countWrite counts a change to the assets of a published release.
func (l *ledger) countWrite(r *release) {
	if !r.Draft {
		l.Late = append(l.Late, r.Tag)
	}
}
