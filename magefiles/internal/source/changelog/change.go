package changelog

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Asks is the bump that a change asks for by its own account: a major version
// for what breaks, a minor one for a feature, else a patch. What was squashed
// into it counts too.
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

// Demanding is the change itself or, if that asks for more, one that was
// squashed into it.
func (c Change) Demanding() Change {
	for _, each := range c.Squashed {
		if each.alone() > c.alone() && each.alone() == c.Asks() {
			return each
		}
	}
	return c
}

// longest bounds what is shown of a subject, in bytes: some are whole essays.
const longest = 300

// clip is a text of a length to be shown.
func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// Header is a change in the form of a commit's first line, as Plain text.
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

// shown is the description, or what stands for one.
func (c Change) shown() string {
	if c.Description == "" {
		return "(no message)"
	}
	return c.Description
}
