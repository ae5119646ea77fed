// Package version reads release versions and their tags: Semantic Versioning
// 2.0.0 (https://semver.org/spec/v2.0.0.html) behind a "v".
package version

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Version is a release version without build metadata.
type Version struct{ v *semver.Version }

// largest is the largest number that npm takes in a version: JavaScript's
// Number.MAX_SAFE_INTEGER (https://github.com/npm/node-semver).
const largest = 1<<53 - 1

// maxLength bounds a tag, which is an image's tag too (OCI distribution
// specification: 128 characters), with room for what a branch adds to it.
const maxLength = 100

// First is the version proposed for an app that was never released.
var First = Version{semver.New(0, 1, 0, "", "")}

// ParseTag reads a tag such as v1.8.0-rc.1. Build metadata is refused, since
// an image tag cannot carry it.
func ParseTag(tag string) (Version, error) {
	text, ok := strings.CutPrefix(tag, "v")
	if !ok {
		return Version{}, fmt.Errorf("%q is not a release tag: it must begin with v, as in v1.8.0", shown(tag))
	}
	parsed, err := semver.StrictNewVersion(text)
	if err != nil || len(text) > maxLength {
		return Version{}, fmt.Errorf(
			"%q is not a release tag: expected vMAJOR.MINOR.PATCH with an optional prerelease, as in v1.8.0 or v1.8.0-rc.1",
			shown(tag),
		)
	}
	if max(parsed.Major(), parsed.Minor(), parsed.Patch()) > largest {
		return Version{}, fmt.Errorf("%q has a number above %d, which npm cannot read", tag, uint64(largest))
	}
	if parsed.Metadata() != "" {
		return Version{}, fmt.Errorf(
			"%q has build metadata (+%s), which an image tag cannot carry",
			tag,
			parsed.Metadata(),
		)
	}
	return Version{parsed}, nil
}

// shown is a tag for an error: foreign input may be of any length.
func shown(tag string) string {
	if len(tag) > maxLength {
		return tag[:maxLength] + "…"
	}
	return tag
}

// legacyTag is a tag of two numbers, as from before a project knew SemVer.
var legacyTag = regexp.MustCompile(`^v(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)$`)

// ParseLegacyTag reads what ParseTag reads, and v0.1 as v0.1.0: history has
// such tags, though none is made any more.
func ParseLegacyTag(tag string) (Version, error) {
	if legacyTag.MatchString(tag) {
		tag += ".0"
	}
	return ParseTag(tag)
}

// String is the version without the v, as package files carry it.
func (v Version) String() string { return v.v.String() }

// Tag is the version with its v, as git carries it.
func (v Version) Tag() string { return "v" + v.v.String() }

// Stable tells whether the version is no prerelease.
func (v Version) Stable() bool { return v.v.Prerelease() == "" }

// Base is the version that a patch begins at, the one before it: v1.7.2 of
// v1.7.3. There is none of a version that is no patch.
func (v Version) Base() (Version, bool) {
	if v.v.Patch() == 0 || !v.Stable() {
		return Version{}, false
	}
	return Version{semver.New(v.v.Major(), v.v.Minor(), v.v.Patch()-1, "", "")}, true
}

// Line is what the version is a patch of: 1.7 of v1.7.3.
func (v Version) Line() string { return fmt.Sprintf("%d.%d", v.v.Major(), v.v.Minor()) }

// Compare orders versions by SemVer precedence: negative, zero or positive.
func (v Version) Compare(other Version) int { return v.v.Compare(other.v) }
