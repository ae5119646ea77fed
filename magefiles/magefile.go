//go:build mage

// The release pipeline of O.D.I.N. and of apps of its shape.
package main

import (
	// mage:import
	"github.com/hughkantsime/odin-release/magefiles/targets"
)

// Default is what a bare mage runs.
var Default = targets.Doctor

// Aliases are the spellings that the Makefile had.
var Aliases = map[string]any{
	"release-check": targets.ReleaseCheck,
}
