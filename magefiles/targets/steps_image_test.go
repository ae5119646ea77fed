package targets

import (
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestSuitesOnTheImage follow the build, and come before anything is published.
func TestSuitesOnTheImage(t *testing.T) {
	clone := testkit.NewClone(t)
	clone.Write("release.yaml", "suites: [{name: e2e, kind: command, command: [./e2e], needs: [image]}]\n")
	clone.Git("add", ".")
	clone.Git("commit", "-q", "-m", "feat: a shop")
	g := sampleGraph(t, clone.Dir, options{})
	for name, phases := range map[string]struct {
		of   *step.Step
		want string
	}{
		"release": {g.fromPlan(t.Context()).all(),
			"plan, lint, test, build, test the image, publish, verify, promote, notify"},
		"releaseCheck": {g.catalog().releaseCheck(), "plan, lint, test, build, test the image"},
		"test":         {g.catalog().testAll(), "test, test the image"},
	} {
		var titles []string
		for _, each := range phases.of.Needs {
			titles = append(titles, each.Title)
		}
		if got := strings.Join(titles, ", "); got != phases.want || !phases.of.InOrder {
			t.Errorf("%s is %s", name, got)
		}
	}
	suite := g.known["e2e"]
	if len(suite.Needs) != 1 || suite.Needs[0].Title != build.StepOf("") || suite.Phase != "test" {
		t.Errorf("the suite is of the phase %s and needs %v", suite.Phase, suite.Needs)
	}
	built := sampleGraph(t, clone.Dir, options{built: true})
	target, err := built.checking().testBuilt()
	if err != nil || slices.ContainsFunc(target.Needs, func(s *step.Step) bool { return len(s.Needs) > 0 }) {
		t.Errorf("-image needs more than dist: %v", err)
	}
}
