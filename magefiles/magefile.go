//go:build mage

// The release pipeline of O.D.I.N. and of apps of its shape.
package main

import (
	// mage:import
	"github.com/hughkantsime/odin-release/magefiles/targets"
)

// There is no Default, so that mage alone lists the targets: Mage v1.17.2 generates code that does not
// compile for a default target with flags, such as doctor.

// Aliases are the spellings that the Makefile had.
var Aliases = map[string]any{
	"release-check": targets.ReleaseCheck,
}
