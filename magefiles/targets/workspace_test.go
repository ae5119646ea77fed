package targets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestComplaintInAFolder annotates an error of release.yaml at its place in the repository.
func TestComplaintInAFolder(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "services", "shop")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	for workspace, want := range map[string]string{
		root: "services/shop/release.yaml", folder: "release.yaml", "": "release.yaml",
	} {
		t.Setenv("GITHUB_WORKSPACE", workspace)
		t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(root, "summary.md"))
		var out strings.Builder
		complain(&out, errors.New(`release.yaml:3:5: unknown key "x"`))
		if !strings.HasPrefix(out.String(), "::error file="+want+",line=3,col=5,") {
			t.Errorf("in %q: %s", workspace, out.String())
		}
	}
}
