package changelog

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Asks returns the bump that the commit message asks for: a major version for a
// breaking change, a minor one for a feature, otherwise a patch. Squashed commits count
// too.
func (c Change) Asks() version.Bump {
	asks := c.alone()
	for _, each := range c.Squashed {
		asks = max(asks, each.alone())
	}
	return asks
}

func (c Change) alone() version.Bump {
	switch {
	case len(c.Breaking) > 0:
		return version.Major
	case c.Type == "feat":
		return version.Minor
	}
	return version.Patch
}

// Demanding returns the change itself or, if that asks for more, a commit squashed into
// it.
func (c Change) Demanding() Change {
	for _, each := range c.Squashed {
		if each.alone() > c.alone() && each.alone() == c.Asks() {
			return each
		}
	}
	return c
}

// longest is the most bytes of a subject that are shown: some subjects are very long.
const longest = 300

// clip shortens a text for display.
func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// Header returns a change in the form of a commit's first line, as Plain text.
func (c Change) Header() string {
	header := ""
	if c.Type != "" {
		header = c.Type
		if len(c.Scopes) > 0 {
			header += "(" + strings.Join(c.Scopes, ",") + ")"
		}
		if len(c.Breaking) > 0 {
			header += "!"
		}
		header += ": "
	}
	return clip(Plain(header + c.shown()))
}

// shown returns the description, or a substitute if it is empty.
func (c Change) shown() string {
	if c.Description == "" {
		return "(no message)"
	}
	return c.Description
}
