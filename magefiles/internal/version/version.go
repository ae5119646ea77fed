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

// First is the version proposed for an app that was never released.
var First = Version{semver.New(0, 1, 0, "", "")}

// ParseTag reads a tag such as v1.8.0-rc.1. Build metadata is refused, since
// an image tag cannot carry it.
func ParseTag(tag string) (Version, error) {
	text, ok := strings.CutPrefix(tag, "v")
	if !ok {
		return Version{}, fmt.Errorf("%q is not a release tag: it must begin with v, as in v1.8.0", tag)
	}
	parsed, err := semver.StrictNewVersion(text)
	if err != nil || len(text) > 100 {
		return Version{}, fmt.Errorf("%q is not a release tag: expected vMAJOR.MINOR.PATCH with an optional prerelease, as in v1.8.0 or v1.8.0-rc.1", tag)
	}
	if parsed.Metadata() != "" {
		return Version{}, fmt.Errorf("%q has build metadata (+%s), which an image tag cannot carry", tag, parsed.Metadata())
	}
	return Version{parsed}, nil
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

// Compare orders versions by SemVer precedence: negative, zero or positive.
func (v Version) Compare(other Version) int { return v.v.Compare(other.v) }

// NextPatch is the version with the patch number one up; for a prerelease it
// is the release it leads to.
func (v Version) NextPatch() Version {
	next := v.v.IncPatch()
	return Version{&next}
}
