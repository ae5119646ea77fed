//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

const sampleFolder = "../internal/rehearsal/sample"

// TestNightlyShapes rehearses a release of each shape of an app.
func TestNightlyShapes(t *testing.T) {
	for _, shape := range tinyapp.Shapes() {
		t.Run(shape.Name, func(t *testing.T) {
			dir := shape.Write(t, sampleFolder)
			if examined := pipeline(t, dir, nil, "doctor"); strings.Contains(examined.stdout, "do not match") {
				t.Errorf("doctor finds problems:\n%s", examined.stdout)
			}
			rehearsedShape(t, shape, dir, pipeline(t, dir, nil, "rehearse"))
		})
	}
}

// TestScenarioShape rehearses a release of the smallest shape, which is in a folder of its repository, with a
// configuration that is beside the repository.
func TestScenarioShape(t *testing.T) {
	t.Parallel()
	shapes := tinyapp.Shapes()
	shape := shapes[slices.IndexFunc(shapes, func(each tinyapp.Shape) bool { return each.Absent })]
	config := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(config, []byte(shape.Files["release.yaml"]), 0o644); err != nil {
		t.Fatal(err)
	}
	delete(shape.Files, "release.yaml")
	dir := shape.Write(t, sampleFolder)
	result := pipeline(t, dir, nil, "rehearse", "-config="+config)
	rehearsedShape(t, shape, dir, result)
	said := "Note: the configuration is that of " + config + ", not release.yaml\n"
	if strings.Count(result.stdout+result.stderr, config+", not release.yaml") != 1 || !strings.Contains(result.stderr, said) {
		t.Errorf("it does not say once where the configuration is from:\n%s", result.stderr)
	}
	page := readFile(t, filepath.Join(dir, "dist/rehearsal/app", shape.Folder, "dist/report.html"))
	if !strings.Contains(page, "with the configuration of "+config+", which is not committed") {
		t.Error("the page does not say where the configuration is from")
	}
}

// rehearsedShape checks a rehearsal: it released the fix, and what is beside the app does not count.
func rehearsedShape(t *testing.T, shape tinyapp.Shape, dir string, result ended) {
	t.Helper()
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	wanted := []string{"v1.7.4\n", "a thing", "1 commit by 1 contributor since v1.7.3"}
	if !shape.Absent {
		wanted = append(wanted, "upgraded from 1.7.3, the probe record is there", "latest         was 1.7.3 before")
	}
	for _, want := range wanted {
		if !strings.Contains(result.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, result.stdout)
		}
	}
	if left := testkit.Git(t, dir, "status", "--porcelain"); left != "" {
		t.Errorf("the tree was changed: %s", left)
	}
}
