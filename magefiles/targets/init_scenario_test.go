//go:build scenario

package targets_test

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioInit writes the sample's release.yaml once, which changes no step of its release, and tries another
// configuration without one.
func TestScenarioInit(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	before := pipeline(t, dir, nil, "graph", "-format=json")
	for _, want := range []string{"release.yaml is written", "release.yaml agrees with what was found"} {
		result := pipeline(t, dir, nil, "init")
		if result.code != 0 || !strings.Contains(result.stdout, want) {
			t.Errorf("code %d\n%s%s", result.code, result.stdout, result.stderr)
		}
	}
	if left := testkit.Git(t, dir, "status", "--porcelain"); left != "?? release.yaml" {
		t.Errorf("the tree was changed: %s", left)
	}
	if after := pipeline(t, dir, nil, "graph", "-format=json"); before.code != 0 || after.stdout != before.stdout {
		t.Errorf("the steps were\n%s\nand are\n%s", before.stdout, after.stdout)
	}
	change(t, dir, "dist/draft.yaml", "", "verify: {helth: /health}\n")
	draft := pipeline(t, dir, nil, "doctor", "-config=dist/draft.yaml")
	if draft.code == 0 || !strings.Contains(draft.stderr, `Error: dist/draft.yaml:1:10: unknown key "helth"`) {
		t.Errorf("code %d\n%s%s", draft.code, draft.stdout, draft.stderr)
	}
}
