//go:build scenario

package targets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// TestNightlyUpgradeFromATagOfTwoNumbers rehearses a release after one from before the pipeline: its image is built as
// the version that the tag stands for, and upgraded from.
func TestNightlyUpgradeFromATagOfTwoNumbers(t *testing.T) {
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return each.Name == "a folder" })]
	dir := shape.Write(t, sampleFolder)
	testkit.Git(t, dir, "tag", "v1.7", "v1.7.3^{commit}")
	testkit.Git(t, dir, "tag", "-d", "v1.7.3")
	rehearsed := pipeline(t, dir, nil, "rehearse")
	if rehearsed.code != 0 ||
		!inOrder(rehearsed.stdout, "setting the stage: what v1.7 left", "1 commit by 1 contributor "+
			"since v1.7", "latest    moves from 1.7.0 to 1.7.1", "upgraded from 1.7.0, the probe record is there") ||
		!strings.Contains(rehearsed.stdout, "latest         was 1.7.0 before") {
		t.Errorf("exit code %d\n%s%s", rehearsed.code, rehearsed.stdout, rehearsed.stderr)
	}
}
