package checks

import (
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// A place in a failed test is one in the app, whatever else a tool names.
func TestOwnFile(t *testing.T) {
	root := testkit.Files(t, map[string]string{
		"app/backend/tests/test_a.py": "", "app/frontend/node_modules/x/a.js": "", "venv/lib/base.py": "",
	})
	of := &app.App{Root: filepath.Join(root, "app")}
	for named, want := range map[string]string{
		"tests/test_a.py":                 "backend/tests/test_a.py",
		"backend/tests/test_a.py":         "backend/tests/test_a.py",
		"../../venv/lib/base.py":          "",
		root + "/venv/lib/base.py":        "",
		"tests/test_b.py":                 "",
		"../frontend/node_modules/x/a.js": "",
	} {
		if got := ownFile(of, "backend", named); got != want {
			t.Errorf("%s: %q, expected %q", named, got, want)
		}
	}
}
