package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// ReleaseRefs is the pattern of the refs that show which releases a remote has.
const ReleaseRefs = "refs/tags/v*"

// SameReleases returns an error if a remote, whose refs are there, has other releases than this clone: the
// decisions made here would be wrong. Only the tag that is being released may be missing there.
func SameReleases(remote string, tags []git.Tag, there map[string]string, onItsWay string) error {
	here := refsOf(tags)
	missing := lacks(there, here)
	moved := differs(there, here)
	private := slices.DeleteFunc(lacks(here, there), func(name string) bool { return name == onItsWay })
	switch {
	case len(moved) > 0:
		return fmt.Errorf(
			"%s has release tags on other commits than they are here (%s): git fetch --tags --force %s",
			remote,
			List(moved, 3),
			remote,
		)
	case len(missing) > 0:
		return fmt.Errorf(
			"%s has release tags that are not here (%s): git fetch --tags %s",
			remote,
			List(missing, 3),
			remote,
		)
	case len(private) > 0:
		return fmt.Errorf(
			"%s does not have release tags that are here (%s): git push %s %s, or git tag -d %s",
			remote,
			List(private, 3),
			remote,
			private[0],
			private[0],
		)
	}
	return nil
}

// NewReleases lists the release tags of a remote that are missing here.
func NewReleases(tags []git.Tag, there map[string]string) []string { return lacks(there, refsOf(tags)) }

func refsOf(tags []git.Tag) map[string]string {
	refs := map[string]string{}
	for _, tag := range tags {
		refs["refs/tags/"+tag.Name] = tag.Commit
	}
	return refs
}

// lacks returns the release tags of one side that the other does not have.
func lacks(one, other map[string]string) []string {
	return picked(one, func(ref, _ string) bool { return other[ref] == "" })
}

// differs returns the release tags that are on different commits.
func differs(one, other map[string]string) []string {
	return picked(one, func(ref, on string) bool { return other[ref] != "" && other[ref] != on })
}

// picked lists, in order, the release tags among refs that count.
func picked(refs map[string]string, counts func(ref, on string) bool) []string {
	var names []string
	for ref, on := range refs {
		name, isTag := strings.CutPrefix(ref, "refs/tags/")
		if _, err := version.ParseLegacyTag(name); isTag && err == nil && counts(ref, on) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
