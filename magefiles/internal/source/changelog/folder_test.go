package changelog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestFolder describes an app in a folder of its repository: only commits count that change something there.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func(args ...string) { t.Helper(); testkit.Git(t, dir, args...) }
	commit := func(file, message string) {
		t.Helper()
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(message), 0o644); err != nil {
			t.Fatal(err)
		}
		run("add", "--all")
		run("commit", "-q", "-m", message)
	}
	run("init", "-q", "-b", "main")
	commit("shop/a", "feat: the shop")
	commit("site/a", "feat: the site")
	run("tag", "v1.0.0")
	commit("site/a", "feat!: another site")
	commit("shop/ü b", "fix: a name that git quotes")
	run("checkout", "-q", "-b", "side")
	commit("shop/side", "wip")
	run("checkout", "-q", "main")
	commit("site/b", "fix: the site")
	run("merge", "-q", "--no-ff", "-m", "feat: sides of the shop (#7)", "side")
	run("checkout", "-q", "-b", "elsewhere")
	commit("site/c", "wip")
	run("checkout", "-q", "main")
	run("merge", "-q", "--no-ff", "-m", "feat: sides of the site (#8)", "elsewhere")
	run("commit", "-q", "--allow-empty", "-m", "feat: nothing")

	told := changelog.History{Repo: git.Repo{Dir: filepath.Join(dir, "shop"), Run: testkit.Runner()}, Folder: true}
	notes, err := told.Between(t.Context(), "v1.0.0", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, entry := range notes.Entries {
		subjects = append(subjects, entry.Description)
	}
	want := []string{"sides of the shop (#7)", "wip", "a name that git quotes"}
	if diff := cmp.Diff(want, subjects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if notes.Commits != 3 || notes.Omitted[changelog.OmittedOutside] != 5 {
		t.Errorf("%d commits, omitted %v", notes.Commits, notes.Omitted)
	}
	var all bytes.Buffer
	if err := told.All(t.Context(), "HEAD", &all); err != nil {
		t.Fatal(err)
	}
	if text := all.String(); strings.Contains(text, "the site") || !strings.Contains(text, "the shop") ||
		!strings.Contains(text, "1 change outside of the app of 2 commits is not listed") {
		t.Errorf("the whole changelog:\n%s", text)
	}
}
