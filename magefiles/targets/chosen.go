package targets

import (
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// chosenChecks returns the group of all checks or, if only is not nil, of the check with that name.
func (g checking) chosenChecks(only *string) (*step.Step, error) {
	list := g.app.Config.Checks
	if only != nil {
		check, err := g.app.Check(*only)
		if err != nil {
			return nil, err
		}
		list = []app.Step{check}
	}
	if g.options.update {
		if err := updatable(list); err != nil {
			return nil, err
		}
	}
	return g.together("lint", eachEntry(list, g.check)...), nil
}

// oneSuite returns the group of the suite with that name.
func (g checking) oneSuite(name string) (*step.Step, error) {
	suite, err := g.app.Suite(name)
	if err != nil {
		return nil, err
	}
	return g.together("test", g.suite(suite)), nil
}

// onImagePhase returns the group of the suites that need the image, or nil if there are none.
func (g checking) onImagePhase() *step.Step {
	suites := app.ImageSuites(g.app.Config)
	if len(suites) == 0 {
		return nil
	}
	group := g.together(titleOnImage, eachEntry(suites, g.suite)...)
	group.Phase = "test"
	return group
}

// testBuilt is onImagePhase for a target of its own: no suite that needs the image is an error.
func (g checking) testBuilt() (*step.Step, error) {
	phase := g.onImagePhase()
	if phase == nil {
		return nil, errors.New("no suite needs the image: none has needs: [image] in release.yaml")
	}
	return phase, nil
}
