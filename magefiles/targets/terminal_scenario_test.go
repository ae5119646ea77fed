//go:build scenario

package targets_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioTerminal runs lint on a broken app in a real terminal: its screen ends with
// what failed, where, and why.
func TestScenarioTerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		columns int
		env     []string
	}{
		"80":   {80, nil},
		"200":  {200, nil},
		"dumb": {200, []string{"TERM=dumb"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := sample(t)
			change(t, dir, "backend/app/unused.py", "", "\"\"\"Nothing.\"\"\"\n\nimport os\nimport sys\n")
			change(t, dir, "frontend/src/wrong.ts", "", "export function nothing(): void {\n  debugger\n}\n")
			program, err := compiled()
			if err != nil {
				t.Fatal(err)
			}
			env := append([]string{testBed, "ODIN_JOBS=1"}, test.env...)
			shell := program + " lint; echo the end; sleep 60"
			terminal := testkit.OpenTerminal(t, test.columns, dir, env, "sh", "-c", shell)
			terminal.Shows(t, "the end", 5*time.Minute)
			testkit.Golden(t, fmt.Sprintf("testdata/terminal-%s.txt", name), seen(terminal.Screen(t), dir))
		})
	}
}

// seen returns a screen without what differs from run to run.
func seen(screen, dir string) string {
	screen = strings.ReplaceAll(screen, dir, "(app)")
	for pattern, replacement := range map[string]string{
		`( *)[0-9]+ min [0-9]{2} s|( *)[0-9]+\.[0-9] s`: " TIME",
		`(?m)^still running: .*\n`:                      "",
		`(?m) +time$`:                                   " time", // as wide as the longest
		`─+`:                                            "─",
	} {
		screen = regexp.MustCompile(pattern).ReplaceAllString(screen, replacement)
	}
	// Checks run in any order.
	steps, rest, _ := strings.Cut(screen, "\n\n")
	lines := slices.Sorted(strings.SplitSeq(steps, "\n"))
	return strings.Join(lines, "\n") + "\n\n" + rest
}
