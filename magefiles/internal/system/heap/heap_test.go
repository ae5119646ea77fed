package heap

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
)

// A program has the package's own limit, unless the user set one.
func TestGrowth(t *testing.T) {
	if os.Getenv("HEAP_TEST") != "" {
		fmt.Println("limit", debug.SetGCPercent(-1))
		return
	}
	for gogc, want := range map[string]int{"": growth, "50": 50} {
		program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGrowth$")
		program.Env = append(os.Environ(), "HEAP_TEST=1", "GOGC="+gogc)
		out, err := program.Output()
		if err != nil || !strings.HasPrefix(string(out), fmt.Sprintf("limit %d\n", want)) {
			t.Errorf("GOGC=%s: %s, %v", gogc, out, err)
		}
	}
}
