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
	for _, each := range []struct{ flag, told, want string }{
		{"-verify=elsewhere", "", "but not on the data of 1.7.2, from which users upgrade now, and -verify=elsewhere " +
			"starts no image: run the verify jobs again"},
		{"-approve=sha256:0", "linux/s390x: healthy, as dist/verify/linux-s390x.json says, but not seen on the data " +
			"of 1.7.2, which came out since", "-approve=sha256:0 approves something else: v1.7.3 is " + layout.Digest},
	} {
		refused := s.run(t, "postRelease", each.flag)
		if refused.code == 0 || !strings.Contains(refused.stderr, each.want) || badge(s.state(t)) != "v1.7.2" ||
			!strings.Contains(refused.stdout, each.told) {
			t.Errorf("%s: exit code %d, and nothing says %q and %q:\n%s%s",
				each.flag, refused.code, each.told, each.want, refused.stdout, refused.stderr)
		}
	}
	if promoted := s.run(t, "postRelease", "-approve="+layout.Digest); promoted.code != 0 {
		t.Errorf("exit code %d:\n%s%s", promoted.code, promoted.stdout, promoted.stderr)
	}
	if state := s.state(t); badge(state) != "v1.7.3" || tagged(state, "latest") != layout.Digest {
		t.Errorf("the badge is on %s, latest on %s", badge(state), tagged(state, "latest"))
	}
}
