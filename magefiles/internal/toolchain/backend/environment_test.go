package backend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Another version of a package is another environment.
func TestPackagesAreInputs(t *testing.T) {
	of := Toolchain{App: &app.App{Root: t.TempDir()}, Tools: tools.Tools{Run: testkit.Runner()}}
	inputs := func(packages ...string) []string {
		t.Helper()
		list, err := of.inputs(app.Environment{Python: "3.11", Packages: packages})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, other := range [][]string{nil, {"pytest==8.3.4"}, {"pytest==8.3.5", "httpx==0.28.1"}} {
		if slices.Equal(inputs("pytest==8.3.5"), inputs(other...)) {
			t.Errorf("%v is the same environment", other)
		}
	}
}

// A tool that the pipeline does not have is missing; a linter need not be in the environment.
func TestToolsThatAnEnvironmentLacks(t *testing.T) {
	runner := testkit.Runner()
	of := Toolchain{
		App: &app.App{Root: t.TempDir(), Config: app.Config{Environments: map[string]app.Environment{"backend": {}}}},
		Run: runner, Cache: cache.Dir(t.TempDir()), Tools: tools.Tools{Run: runner},
	}
	_, err := of.ownLinter(t.Context(), app.Step{Name: "backend:unit", Environment: "backend"}, "pytest")
	const want = "backend:unit: pytest is not in the environment backend; add it to its requirements, or to " +
		"environments.backend.packages in release.yaml"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, expected %s", err, want)
	}
}

// The pipeline's own linters are pinned with hashes.
func TestLintersAreLocked(t *testing.T) {
	data, err := os.ReadFile(filepath.FromSlash("../tools/linters.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pins, err := Pins("linters.lock", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, linter := range Linters {
		if !slices.ContainsFunc(pins, func(pin Pin) bool { return pin.Name == linter }) {
			t.Errorf("%s is not pinned", linter)
		}
	}
	if strings.Contains(string(data), "://") {
		t.Error("the lock names a server")
	}
}
