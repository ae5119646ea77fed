package rehearsal

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestMaterialise(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	runner := testkit.Runner()
	if err := Materialise(t.Context(), runner, dir); err != nil {
		t.Fatal(err)
	}
	tags := testkit.Git(t, dir, "for-each-ref", "--format=%(refname:short) %(objecttype)", "refs/tags")
	if diff := cmp.Diff("v1.7.0 tag\nv1.7.1 commit\nv1.7.2 tag\nv1.7.3 commit", tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	for _, tag := range []string{"v1.7.0", "v1.7.1", "v1.7.2", "v1.7.3"} {
		for file, want := range map[string]string{
			"frontend/src/version.ts": "'" + tag[1:] + "'", "backend/pyproject.toml": `version = "` + tag[1:] + `"`,
			"frontend/package-lock.json": `"version": "` + tag[1:] +
				`"`, "backend/openapi.json": `"version": "` + tag[1:] + `"`} {
			if !strings.Contains(testkit.Git(t, dir, "show", tag+":"+file), want) {
				t.Errorf("%s at %s does not say %s", file, tag, want)
			}
		}
	}
	migrations := func(tag string) int {
		return len(strings.Fields(testkit.Git(t, dir, "ls-tree", "--name-only", tag, "backend/migrations/versions/")))
	}
	if old, now := migrations("v1.7.2"), migrations("v1.7.3"); old+1 != now || now < 3 {
		t.Errorf("%d migrations at v1.7.2, %d at v1.7.3", old, now)
	}
	routes := func(tag string) int {
		return strings.Count(testkit.Git(t, dir, "show", tag+":backend/openapi.json"), `"operationId"`)
	}
	if old, now := routes("v1.7.2"), routes("v1.7.3"); old >= now {
		t.Errorf("%d routes at v1.7.2, %d at v1.7.3", old, now)
	}

	head := testkit.Git(t, dir, "rev-parse", "HEAD")
	for file, content := range map[string]string{
		"frontend/node_modules/x": "kept",
		"README.md":               "changed",
		"stray":                   "x",
	} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Git(t, dir, "tag", "-f", "v1.7.3", "v1.7.0")
	testkit.Git(t, dir, "checkout", "-q", "-f", "-b", "elsewhere", "v1.7.1")
	if err := Materialise(t.Context(), runner, dir); err != nil {
		t.Fatal(err)
	}
	if now := testkit.Git(t, dir, "rev-parse", "HEAD"); now != head {
		t.Errorf("the second run made %s, the first %s", now, head)
	}
	if status := testkit.Git(t, dir, "status", "--porcelain"); status != "" {
		t.Errorf("not clean:\n%s", status)
	}
	if data, err := os.ReadFile(
		filepath.Join(dir, "frontend", "node_modules", "x"),
	); err != nil ||
		string(data) != "kept" {
		t.Errorf("what git ignores was not kept: %v", err)
	}
}

// TestBundledIsWhatIsCommitted ensures that no tool's output in the sample's folder is
// embedded.
func TestBundledIsWhatIsCommitted(t *testing.T) {
	tracked := strings.Split(
		testkit.Git(t, ".", "ls-files", "--cached", "--others", "--exclude-standard", "sample", "history"),
		"\n",
	)
	slices.Sort(tracked)
	var embedded []string
	if err := fs.WalkDir(bundled, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			embedded = append(embedded, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(embedded)
	if diff := cmp.Diff(tracked, embedded); diff != "" {
		t.Errorf("embedded (-tracked +embedded):\n%s", diff)
	}
}
