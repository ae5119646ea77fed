package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestDoctorOfABrowser lists what suites on the image need, and finds a browser of
// Playwright's own.
func TestDoctorOfABrowser(t *testing.T) {
	home := t.TempDir()
	clone := testkit.NewClone(t)
	t.Setenv("HOME", home)
	t.Setenv("PATH", home)
	suite := func(more string) string {
		return "suites: [{name: e2e, kind: playwright, directory: e2e, needs: [image]" + more + "}]\n"
	}
	for yaml, want := range map[string]string{
		suite(""): "containers, for the image; Chromium, for Playwright", suite(", absent: none"): "", "": "",
	} {
		clone.Write("release.yaml", yaml)
		p := examiner{sampleGraph(t, clone.Dir, options{}).session}.machine()
		var needs []string
		for _, each := range p.onImage() {
			needs = append(needs, each.what)
		}
		if got := strings.Join(needs, "; "); got != want {
			t.Errorf("%s needs %s", yaml, got)
		}
		own := filepath.Join(home, ".cache", "ms-playwright", "chromium-1")
		_, before := p.browser(t.Context())
		if err := os.MkdirAll(own, 0o755); err != nil {
			t.Fatal(err)
		}
		if found, err := p.browser(t.Context()); before == nil || err != nil || found != own {
			t.Errorf("before %v, then %s, %v", before, found, err)
		}
		if err := os.RemoveAll(own); err != nil {
			t.Fatal(err)
		}
	}
}
