package changelog

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// Asks is the bump that a change asks for by its own account: a major version
// for what breaks, a minor one for a feature, else a patch. What was squashed
// into it counts too.
func (c Change) Asks() version.Bump {
	asks := version.Patch
	switch {
	case len(c.Breaking) > 0:
		return version.Major
	case c.Type == "feat":
		asks = version.Minor
	}
	for _, each := range c.Squashed {
		asks = max(asks, each.Asks())
	}
	return asks
}

// Header is a change in the form of a commit's first line, as Plain text.
func (c Change) Header() string {
	if c.Type == "" {
		return Plain(c.Description)
	}
	header := c.Type
	if len(c.Scopes) > 0 {
		header += "(" + strings.Join(c.Scopes, ",") + ")"
	}
	if len(c.Breaking) > 0 {
		header += "!"
	}
	return Plain(header + ": " + c.Description)
}
