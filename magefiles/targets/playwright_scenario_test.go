//go:build scenario

package targets_test

import (
	"strings"
	"testing"
)

// TestNightlySampleInABrowser tests the sample with the configuration in its folder e2e: Playwright asks the image of
// the build for its health, and looks whether the footer shows the version that the API reports.
func TestNightlySampleInABrowser(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for _, again := range []string{"", "reused"} {
		result := pipeline(t, dir, nil, "test", "-config=e2e/release.yaml", "-only=browser")
		if result.code != 0 || !strings.Contains(result.stdout, "browser") || !strings.Contains(result.stdout, again) {
			t.Fatalf("exit code %d, expected %q\n%s%s", result.code, again, result.stdout, result.stderr)
		}
	}
}
