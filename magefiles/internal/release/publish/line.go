package publish

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// line is a moving tag and the releases that it may name.
type line struct {
	tag     string
	numbers string // X or X.Y of these releases, "" for all
	with    func(version.Version) bool
}

// newLine returns the line of the releases with these numbers.
func newLine(tag, numbers string) line {
	return line{tag, numbers, func(v version.Version) bool {
		return numbers == "" || strings.HasPrefix(v.String(), numbers+".")
	}}
}

// anyLine returns the line of all releases, which the badge follows.
func anyLine() line { return newLine("", "") }

// linesOf returns the moving tags that a version is asked to have.
func linesOf(own string, config app.Publish) []line {
	parts := strings.SplitN(own, ".", 3)
	var list []line
	for _, name := range config.Tags {
		switch name {
		case "X":
			list = append(list, newLine(config.Tag(parts[0]), parts[0]))
		case "X.Y":
			numbers := parts[0] + "." + parts[1]
			list = append(list, newLine(config.Tag(numbers), numbers))
		default:
			list = append(list, newLine(name, ""))
		}
	}
	return list
}

// lineTag is a moving tag of a line, X or X.Y.
var lineTag = pattern.Lazy(`^[0-9]+(\.[0-9]+)?$`)

// lineOf returns the line of a moving tag that a state names, whatever the
// configuration says by now: that of its numbers, or all releases.
func lineOf(move Move) line {
	if move.Line == "" && lineTag().MatchString(move.Tag) {
		return newLine(move.Tag, move.Tag)
	}
	return newLine(move.Tag, move.Line)
}

// moveOf returns the move of the tag of a line.
func moveOf(line line) Move {
	move := Move{Tag: line.tag}
	if line.tag != line.numbers {
		move.Line = line.numbers
	}
	return move
}
