package app

import (
	"fmt"
	"slices"
	"strings"
)

// imageNeed is the need of a suite that tests a started image.
const imageNeed = "image"

// NeedsImage reports whether a suite tests the image of the build.
func (s Step) NeedsImage() bool { return slices.Contains(s.Needs, imageNeed) }

// ImageSuites are the suites that test the image of the build.
func ImageSuites(config Config) []Step {
	return slices.DeleteFunc(slices.Clone(config.Suites), func(suite Step) bool { return !suite.NeedsImage() })
}

// OtherSuites are the suites that need no image. They run before the build.
func OtherSuites(config Config) []Step {
	return slices.DeleteFunc(slices.Clone(config.Suites), Step.NeedsImage)
}

// needed returns what is wrong with the needs of a check or suite, whose possible kinds are
// given; "" when nothing is.
func (i Image) needed(step Step, kinds []string) string {
	for _, need := range step.Needs {
		if !slices.Contains(append(services, imageNeed), need) {
			return fmt.Sprintf("unknown service %q, known are %s, %s", need, strings.Join(services, ", "), imageNeed)
		}
	}
	switch {
	case !step.NeedsImage():
		if step.Kind == "playwright" {
			return "a browser visits a started app: needs: [image]"
		}
	case !slices.Contains(kinds, "pytest"):
		return "checks run before the image is built; make it a suite"
	case step.Kind == "contract":
		return "the contract is compared without the image; leave the need out"
	case i.Absent != "":
		return "there is no image (" + i.Absent + ")"
	}
	return ""
}
