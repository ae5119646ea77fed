package backend

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// TestSplit takes the distributions that exist as sources apart from a lock.
func TestSplit(t *testing.T) {
	const (
		fast = "fastapi==1.0 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n"
		ece  = "http-ece==1.2.1 ; sys_platform == 'linux' \\\n    --hash=sha256:0c\n    # via pywebpush\n"
		idna = "idna==3.0 \\\n    --hash=sha256:0d\n"
	)
	others, named, found := split([]byte(fast+ece+idna), []string{"HTTP_ece", "other"})
	if string(others) != fast+idna || string(named) != ece || !slices.Equal(found, []string{"http-ece"}) {
		t.Errorf("%s---\n%s---\n%v", others, named, found)
	}
	vendor := app.Vendor{Lock: "requirements.lock", Sdists: []string{"other"}}
	of := vendoring{Toolchain: Toolchain{App: &app.App{Config: app.Config{Build: app.Build{Vendor: vendor}}}}}
	_, _, err := of.sources([]byte(fast))
	const want = "build.vendor.sdists names other, which is not in requirements.lock"
	if err == nil || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
}

// TestBuildersArePinned has each of the tools that build wheels at one version.
func TestBuildersArePinned(t *testing.T) {
	for line := range strings.Lines(string(builders)) {
		if !strings.HasPrefix(line, "#") && !strings.Contains(line, "==") {
			t.Errorf("%q is not pinned", line)
		}
	}
}

// TestWithoutWheel names the distribution that has no wheel, and the key.
func TestWithoutWheel(t *testing.T) {
	stderr := "error: No solution found when resolving dependencies\n  cause: Because http-ece==1.2.1 has no usable " +
		"wheels and you require http-ece==1.2.1, we can conclude that your requirements are unsatisfiable."
	err := withoutWheel(fmt.Errorf("compile: %w", &run.Error{Command: run.Command{Args: []string{"uv"}}, Tail: stderr}))
	const want = "http-ece has no wheel for this platform: it may exist as a source distribution only\n" +
		"To build its wheel, name it in release.yaml: build: {vendor: {sdists: [http-ece]}}"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if other := errors.New("x"); !errors.Is(withoutWheel(other), other) {
		t.Error("another error is another one")
	}
}
