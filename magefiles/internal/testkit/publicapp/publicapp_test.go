package publicapp

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestMake finds in the history what makes it hard to read.
func TestMake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	if err := Make(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) string { t.Helper(); return testkit.Git(t, dir, args...) }
	for name, test := range map[string]struct{ got, want string }{
		"the newest tag is lightweight": {git("tag", "--points-at", "main"), "v1.9.3"},
		"git describe is wrong":         {git("describe", "--abbrev=0"), "v1.5.0"},
		"annotated tags": {git("for-each-ref", "--format=%(if:equals=tag)%(objecttype)%(then)%(refname:short)%(end)",
			"--sort=version:refname", "refs/tags"), "v0.9.0\nv1.0.0\nv1.5.0"},
		"two tags on a commit": {git("tag", "--points-at", "v1.6.0"), "v1.6.0\nv1.6.1"},
		"tags off main":        {git("tag", "--no-merged", "main"), "v0.3\nv0.5.0\nv1.8.5"},
		"unrelated roots":      {git("rev-list", "--all", "--max-parents=0", "--count"), "2"},
		"branches": {git("for-each-ref", "--format=%(refname)", "refs/heads", "refs/aside"),
			"refs/heads/main"},
		"a file is not there":   {git("status", "--porcelain"), ""},
		"no configuration":      {git("log", "--all", "--format=%h", "--", "release.yaml"), ""},
		"the last fix bumps it": {git("show", "--format=", "--name-only", "main"), fixed},
	} {
		if diff := cmp.Diff(test.want, squeezed(test.got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	longest := 0
	for subject := range strings.Lines(git("log", "--format=%s", "main")) {
		longest = max(longest, len(subject))
	}
	if longest < 200 || longest > 258 {
		t.Errorf("the longest subject has %d bytes", longest)
	}
}

const fixed = "CHANGELOG.md\nVERSION\nbackend/modules/printers/routes.py\ndocker-compose.yml"

// squeezed is text without empty lines.
func squeezed(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '\n' }), "\n")
}

// TestCopies finds the version of each tree in VERSION, and no file ahead of it.
func TestCopies(t *testing.T) {
	_, trees, err := read()
	if err != nil {
		t.Fatal(err)
	}
	root, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config, err := root.With("release.yaml", Config)
	if err != nil {
		t.Fatal(err)
	}
	for version, files := range trees {
		for _, file := range config.Config.VersionFiles {
			places, err := file.Read([]byte(files[file.Path]))
			if err != nil {
				t.Fatal(err)
			}
			for _, place := range places {
				if place.Version > version || file.Path == "VERSION" && place.Version != version {
					t.Errorf("%s has %s in the tree of %s", file.Path, place.Version, version)
				}
			}
		}
	}
}

// The fixture's lock names no server.
func TestLock(t *testing.T) {
	files, err := load("tree")
	if err != nil || strings.Contains(files["frontend/package-lock.json"], "resolved") {
		t.Errorf("a package-lock.json that can be read from any registry is made by npm install "+
			"--omit-lockfile-registry-resolved: %v", err)
	}
}
