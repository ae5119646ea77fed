package image

import (
	"slices"
	"strings"
	"testing"
)

func TestPurpose(t *testing.T) {
	err := ForRelease.Check("image.oci", "made for tests")
	if err == nil ||
		!strings.HasPrefix(err.Error(), "image.oci is not for release: made for tests; build with a builder") {
		t.Errorf("a release: %v", err)
	}
	for _, err := range []error{
		ForRelease.Check("image.oci", ""),
		ForRehearsal.Check("image.oci", ""),
		ForRehearsal.Check("image.oci", "made for tests"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if release, rehearsal := ForRelease.builders(), ForRehearsal.builders(); slices.Index(
		release,
		testBuilder,
	) != len(
		release,
	)-1 ||
		rehearsal[0] != testBuilder {
		t.Errorf("a release tries %q, a rehearsal %q", release, rehearsal)
	}
}
