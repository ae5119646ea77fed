//go:build scenario

package targets_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
)

// TestScenarioVerifiedElsewhere promotes a release whose platform this machine
// can't start, by what was seen on another machine; also when another release
// came out in between, on whose data it was not seen.
func TestScenarioVerifiedElsewhere(t *testing.T) {
	t.Parallel()
	s := newScene(t, script{platforms: []string{"linux/s390x"}})
	change(t, s.dir(), "release.yaml", "  image: {", "  image: {platforms: [linux/s390x], ")
	if published := s.run(t, "publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	layout, err := image.Inspect(filepath.Join(s.dir(), "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	evidence := func(digest string) {
		change(
			t,
			s.dir(),
			"dist/verify/linux-s390x.json",
			"",
			fmt.Sprintf(`{"platform": "linux/s390x", "digest": %q, "upgraded": "1.7.1"}`, digest),
		)
	}
	for _, digest := range []string{"", layout.Digest} { // none, and that of another image
		if digest != "" {
			evidence(digest)
		}
		refused := s.run(t, "postRelease")
		if want := "or copy dist/verify/linux-s390x.json from a machine where image:verify -platform=linux/s390x " +
			"has run"; refused.code == 0 ||
			!strings.Contains(refused.stderr, want) {
			t.Errorf("exit code %d, and nothing says %q: %s", refused.code, want, refused.stderr)
		}
		if badge(s.state(t)) != "v1.7.2" {
			t.Errorf("the badge is on %s", badge(s.state(t)))
		}
	}
	evidence(layout.Platforms[0].Digest)
	told := s.run(t, "postRelease")
	if want := "linux/s390x: healthy, as dist/verify/linux-s390x.json says, but not seen on the data of 1.7.2, " +
		"which came out since"; told.code != 0 ||
		!strings.Contains(told.stdout, want) {
		t.Errorf("exit code %d, and nothing says %q:\n%s%s", told.code, want, told.stdout, told.stderr)
	}
	if state := s.state(t); badge(state) != "v1.7.3" || tagged(state, "latest") != layout.Digest {
		t.Errorf("the badge is on %s, latest on %s", badge(state), tagged(state, "latest"))
	}
}
