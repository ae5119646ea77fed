package heap

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestGrowth has the package's own limit, unless the user set one.
func TestGrowth(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC is set")
	}
	if was := debug.SetGCPercent(growth); was != growth {
		t.Errorf("%d, expected %d", was, growth)
	}
}
