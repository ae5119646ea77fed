package publish

import (
	"regexp"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// line is a moving tag and the releases that it may name.
type line struct {
	tag  string
	with func(version.Version) bool
}

// anyLine is the line of all releases, which the badge follows.
func anyLine() line { return line{"", func(version.Version) bool { return true }} }

// linesOf are the moving tags that a version is asked to have.
func linesOf(own string, names []string) []line {
	parts := strings.SplitN(own, ".", 3)
	var list []line
	for _, name := range names {
		prefix := map[string]string{"X": parts[0] + ".", "X.Y": parts[0] + "." + parts[1] + "."}[name]
		tag := strings.TrimSuffix(prefix, ".")
		if tag == "" {
			tag = name
		}
		list = append(list, line{tag, func(v version.Version) bool { return strings.HasPrefix(v.String(), prefix) }})
	}
	return list
}

// lineTag is a moving tag of a line, X or X.Y.
var lineTag = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// lineOf is the line of a moving tag that a state names, whatever the
// configuration says by now: that of its numbers, or all releases.
func lineOf(tag string) line {
	if !lineTag.MatchString(tag) {
		return line{tag, anyLine().with}
	}
	return line{tag, func(v version.Version) bool { return strings.HasPrefix(v.String(), tag+".") }}
}
