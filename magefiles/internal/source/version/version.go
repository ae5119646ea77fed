// Package version parses release versions and their tags: Semantic Versioning 2.0.0
// (https://semver.org/spec/v2.0.0.html) with a leading "v".
package version

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Version is a release version without build metadata.
type Version struct{ v *semver.Version }

// largest is the largest number that npm accepts in a version: JavaScript's
// Number.MAX_SAFE_INTEGER (https://github.com/npm/node-semver).
const largest = 1<<53 - 1

// maxLength limits a tag, which is also an image's tag (OCI distribution specification:
// 128 characters), with room for what a branch adds to it.
const maxLength = 100

// First is the version proposed for an app without a release.
var First = Version{semver.New(0, 1, 0, "", "")}

// ParseTag parses a tag such as v1.8.0-rc.1. It refuses build metadata, since an image
// tag cannot contain it.
func ParseTag(tag string) (Version, error) {
	text, ok := strings.CutPrefix(tag, "v")
	if !ok {
		return Version{}, fmt.Errorf("%q is not a release tag: it must begin with v, as in v1.8.0", shown(tag))
	}
	parsed, err := semver.StrictNewVersion(text)
	if err != nil || len(text) > maxLength {
		return Version{}, fmt.Errorf(
			"%q is not a release tag: expected vMAJOR.MINOR.PATCH with an optional prerelease, as in v1.8.0 or "+
				"v1.8.0-rc.1",
			shown(tag),
		)
	}
	if max(parsed.Major(), parsed.Minor(), parsed.Patch()) > largest {
		return Version{}, fmt.Errorf("%q has a number above %d, which npm cannot read", tag, uint64(largest))
	}
	if parsed.Metadata() != "" {
		return Version{}, fmt.Errorf(
			"%q has build metadata (+%s), which an image tag cannot contain",
			tag,
			parsed.Metadata(),
		)
	}
	return Version{parsed}, nil
}

// shown shortens a tag for an error, since input may be of any length.
func shown(tag string) string {
	if len(tag) > maxLength {
		return tag[:maxLength] + "…"
	}
	return tag
}

// legacyTag matches a tag of two numbers, from before the project used SemVer.
var legacyTag = pattern.Lazy(`^v(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)$`)

// ParseLegacyTag parses what ParseTag parses, and v0.1 as v0.1.0: old tags of that form
// exist, though none is made any more.
func ParseLegacyTag(tag string) (Version, error) {
	if legacyTag().MatchString(tag) {
		tag += ".0"
	}
	return ParseTag(tag)
}

// ParseStated parses a version as another tool states it, such as in the label or the tag
// of an image: with or without v, and perhaps of two numbers.
func ParseStated(text string) (Version, error) {
	return ParseLegacyTag("v" + strings.TrimPrefix(text, "v"))
}

// String returns the version without the v, as package files contain it.
func (v Version) String() string { return v.v.String() }

// Tag returns the version with its v, as in git.
func (v Version) Tag() string { return "v" + v.v.String() }

// Stable reports whether the version is not a prerelease.
func (v Version) Stable() bool { return v.v.Prerelease() == "" }

// Base returns the version that a patch starts at, the one before it: v1.7.2 for
// v1.7.3. Other versions have none.
func (v Version) Base() (Version, bool) {
	if v.v.Patch() == 0 || !v.Stable() {
		return Version{}, false
	}
	return Version{semver.New(v.v.Major(), v.v.Minor(), v.v.Patch()-1, "", "")}, true
}

// Line returns the line of a version's patches: 1.7 for v1.7.3.
func (v Version) Line() string { return fmt.Sprintf("%d.%d", v.v.Major(), v.v.Minor()) }

// Compare orders versions by SemVer precedence: negative, zero or positive.
func (v Version) Compare(other Version) int { return v.v.Compare(other.v) }
