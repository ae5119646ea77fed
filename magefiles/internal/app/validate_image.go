package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

const versionValue = "{version}"

var (
	// imageTag is a tag of the OCI distribution specification
	// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests).
	imageTag = pattern.Lazy(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	// besideVersion matches templates in which a digit or dot beside {version} would become part of the version.
	besideVersion = pattern.Lazy(`[0-9.]\{version\}|\{version\}[0-9.]`)
	// argValues are the placeholders of build arguments.
	argValues = []string{versionValue, "{commit}"}
)

// validate checks the build arguments, and what may be a Git LFS pointer.
func (b Build) validate(doc document) []error {
	problems := validateArgs(doc, "$.build.image.args.", b.Image.Args)
	for i, pattern := range b.LFS.Allow {
		if err := checkIgnorePattern(pattern); err != nil {
			place := fmt.Sprintf("$.build.lfs.allow[%d]", i)
			problems = append(problems, doc.errorAt(place,
				"%q is not a pattern of paths inside the app: %v", pattern, err))
		}
	}
	return problems
}

// validate checks the template of the version's tag, and the tags that something else publishes.
func (p Publish) validate(doc document) []error {
	var problems []error
	example := p.Tag("1.8.0")
	if strings.Count(p.VersionTag, versionValue) != 1 || !imageTag().MatchString(example) ||
		besideVersion().MatchString(p.VersionTag) {
		problems = append(problems, doc.errorAt("$.publish.versionTag",
			"%q is not the form of an image tag, such as v{version}: {version} once, with letters, digits and any of "+
				"_ . - around it, and no digit or dot beside it", p.VersionTag))
	}
	for i, tag := range p.OtherTags {
		place := fmt.Sprintf("$.publish.otherTags[%d]", i)
		if !imageTag().MatchString(tag) {
			problems = append(problems, doc.errorAt(place, "%q is not an image tag", tag))
		} else if slices.Contains(p.Tags, tag) {
			problems = append(problems, doc.errorAt(place, "%s is one of publish.tags: leave one of the two out", tag))
		}
	}
	return problems
}

// validateArgs checks the placeholders in build arguments.
func validateArgs(doc document, place string, args map[string]string) []error {
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(args)) {
		if err := knownPlaceholders(args[key], argValues); err != nil {
			problems = append(problems, doc.errorAt(place+key, "%v", err))
		}
	}
	return problems
}
