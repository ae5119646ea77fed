package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
)

// Publishes reports whether a tag of the image gets published: as that of one of the
// versions, as a moving tag, or by something else.
func (p Publish) Publishes(tag string, versions []string) bool {
	if slices.Contains(p.OtherTags, tag) || tag == latestTag && slices.Contains(p.Tags, tag) {
		return true
	}
	return slices.ContainsFunc(versions, func(version string) bool {
		parts := strings.SplitN(version, ".", 3)
		return tag == p.Tag(version) || len(parts) == 3 &&
			(slices.Contains(p.Tags, "X") && tag == p.Tag(parts[0]) ||
				slices.Contains(p.Tags, "X.Y") && tag == p.Tag(parts[0]+"."+parts[1]))
	})
}

// latestTag is the tag of the newest version.
const latestTag = "latest"

// Tags are the tags of the image that get published, to check files that mention tags.
type Tags struct {
	config   Config
	versions []string
}

// NewTags returns the tags of the released versions, of which the last is the current one.
func NewTags(config Config, versions []string) Tags { return Tags{config, versions} }

// Problem returns why nobody can pull the image by a tag that a file mentions, or "" if it gets published. A
// changelog may mention old tags.
func (t Tags) Problem(found mention.Mention) string {
	if found.File == t.config.Changelog.File || t.config.Publish.Publishes(found.Tag, t.versions) {
		return ""
	}
	reason := "no such tag gets published"
	version := strings.Trim(found.Tag, "v")
	if slices.Contains(t.versions, version) {
		reason = fmt.Sprintf("the tag of %s is %s", version, t.config.Publish.Tag(version))
	}
	return fmt.Sprintf("%s:%d names %s:%s: %s", found.File, found.Line, found.Name, found.Tag, reason)
}

// Advice says what to do about a tag that does not get published.
func (t Tags) Advice(found mention.Mention) string {
	var tags []string
	if len(t.versions) > 0 {
		tags = append(tags, t.config.Publish.Tag(t.versions[len(t.versions)-1]))
	}
	if slices.Contains(t.config.Publish.Tags, latestTag) {
		tags = append(tags, latestTag)
	}
	advice := fmt.Sprintf("add %s to publish.otherTags if something else publishes it", found.Tag)
	if len(tags) == 0 {
		return advice
	}
	return fmt.Sprintf("name %s there, change publish.versionTag, or %s", strings.Join(tags, " or "), advice)
}
