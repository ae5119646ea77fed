// Package heap lets the heap of this program grow before it is collected. It imports next to nothing, so that Go
// initialises it before the packages whose initialisation needs memory.
package heap

import (
	"os"
	"runtime/debug"
)

// growth is how much the heap may grow before it is collected, in percent. A check that takes some milliseconds
// needs a few megabytes, and collecting these would take a fifth of its time.
const growth = 400

// The user's own GOGC applies unchanged (https://pkg.go.dev/runtime#hdr-Environment_Variables).
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}
