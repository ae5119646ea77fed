package snapshot_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// repository is a repository with an app in one of its folders, or "" for its root.
type repository struct {
	t         *testing.T
	root, app string
	store     *snapshot.Store
}

func newRepository(t *testing.T, folder string) repository {
	t.Helper()
	r := repository{t: t, root: filepath.Join(t.TempDir(), "repository")}
	r.app = filepath.Join(r.root, folder)
	testkit.Git(t, filepath.Dir(r.root), "init", "--quiet", "--initial-branch=main", r.root)
	r.write(".gitignore", "*.db\n/dist/\n")
	r.write("VERSION", "1.0.0\n")
	r.write("deep/run", "#!/bin/sh\n")
	if err := errors.Join(
		os.Chmod(filepath.Join(r.app, "deep", "run"), 0o700),
		os.Symlink("run", filepath.Join(r.app, "deep", "link")),
	); err != nil {
		t.Fatal(err)
	}
	testkit.Git(t, r.root, "add", "--all")
	testkit.Git(t, r.root, "commit", "--quiet", "--message", "feat: first")
	r.open()
	return r
}

func (r *repository) open() {
	r.t.Helper()
	repo := git.Repo{Dir: r.app, Run: testkit.Runner()}
	places, err := repo.WorkTree().Places(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if r.store, err = snapshot.Open(
		repo,
		places,
		filepath.Join(r.app, "dist", "tree"),
		testkit.Scratch(r.t).DirIn,
	); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) write(name, content string) { write(r.t, filepath.Join(r.app, name), content) }

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(
		os.MkdirAll(filepath.Dir(path), 0o755),
		os.WriteFile(path, []byte(content), 0o644),
	); err != nil {
		t.Fatal(err)
	}
}

func (r repository) head() snapshot.Tree {
	r.t.Helper()
	return must(r.t)(r.store.Commit(r.t.Context(), "HEAD"))
}

func must(t *testing.T) func(snapshot.Tree, error) snapshot.Tree {
	return func(tree snapshot.Tree, err error) snapshot.Tree {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return tree
	}
}

// nextVersion writes another version into VERSION.
func nextVersion() []snapshot.Edit {
	return []snapshot.Edit{
		{
			Path:     "VERSION",
			Required: errors.New("there is no VERSION"),
			Apply:    func([]byte) ([]byte, error) { return []byte("2.0.0\n"), nil },
		},
	}
}

// listed returns the files below a folder, with modes and contents.
func listed(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		if entry.Name() == ".git" {
			return filepath.SkipDir
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content := ""
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = " " + string(data)
		}
		rel, err := filepath.Rel(root, path)
		found[rel] = info.Mode().String() + content
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

var whole = map[string]string{
	".gitignore": "-rw-r--r-- *.db\n/dist/\n", "VERSION": "-rw-r--r-- 2.0.0\n",
	"deep": "drwxr-xr-x", "deep/run": "-rwxr-xr-x #!/bin/sh\n", "deep/link": "Lrwxrwxrwx",
}

func TestTreeOfCommitWithVersion(t *testing.T) {
	for _, folder := range []string{"", "apps/odin"} {
		t.Run("in "+folder, func(t *testing.T) {
			r := newRepository(t, folder)
			before := testkit.Git(t, r.root, "count-objects", "-v")
			tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
			staged := filepath.Join(r.app, "dist", "source")
			if err := r.store.Write(t.Context(), tree, staged); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, listed(t, staged)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if after := testkit.Git(t, r.root, "count-objects", "-v"); after != before {
				t.Errorf("objects were written to the repository: %s", after)
			}
			if status := testkit.Git(t, r.root, "status", "--porcelain"); status != "" {
				t.Errorf("the checkout was changed: %s", status)
			}
			// It is the tree that git makes of the same files.
			r.write("VERSION", "2.0.0\n")
			testkit.Git(t, r.root, "commit", "--quiet", "--all", "--message", "chore(release): 2.0.0")
			if committed := testkit.Git(
				t,
				r.root,
				"rev-parse",
				"HEAD:"+folder,
			); tree.Hash != committed ||
				r.head().Hash != committed {
				t.Errorf("%s, and git has %s", tree.Hash, committed)
			}
			if same := must(t)(r.store.With(t.Context(), r.head(), nextVersion())); same != r.head() {
				t.Errorf("nothing to write made another tree: %v", same)
			}
		})
	}
}

func TestTreeOfCheckout(t *testing.T) {
	r := newRepository(t, "")
	if same := must(t)(r.store.Checkout(t.Context())); same != r.head() {
		t.Errorf("%v of a clean checkout, and HEAD has %v", same, r.head())
	}
	r.write("new", "not committed\n")
	r.write("odin.db", "ignored\n")
	r.write("VERSION", "1.0.1\n") // as long as before, and perhaps at the same time
	if err := os.RemoveAll(filepath.Join(r.app, "deep")); err != nil {
		t.Fatal(err)
	}
	index := testkit.Git(t, r.root, "ls-files", "--stage")
	changed := must(t)(r.store.Checkout(t.Context()))
	dir := filepath.Join(t.TempDir(), "source")
	if err := r.store.Write(t.Context(), changed, dir); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		".gitignore": "-rw-r--r-- *.db\n/dist/\n",
		"VERSION":    "-rw-r--r-- 1.0.1\n",
		"new":        "-rw-r--r-- not committed\n",
	}
	if diff := cmp.Diff(want, listed(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if now := testkit.Git(t, r.root, "ls-files", "--stage"); now != index {
		t.Errorf("the index was changed:\n%s", now)
	}
}

func TestCompareNamesEachDifference(t *testing.T) {
	r := newRepository(t, "")
	dir := filepath.Join(r.app, "dist", "source")
	tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
	if err := r.store.Write(t.Context(), tree, dir); err != nil {
		t.Fatal(err)
	}
	compare := func() []string {
		t.Helper()
		found, err := r.store.Compare(t.Context(), tree, dir)
		if err != nil {
			t.Fatal(err)
		}
		list := []string{}
		for _, difference := range found {
			list = append(list, difference.String())
		}
		return list
	}
	if found := compare(); len(found) > 0 {
		t.Errorf("a folder that nobody touched differs: %v", found)
	}
	write(t, filepath.Join(dir, "backend", "odin.db"), "made by the app\n") // git ignores it
	write(t, filepath.Join(dir, "VERSION"), "2.0.1\n")
	if err := errors.Join(
		os.Chmod(filepath.Join(dir, "deep", "run"), 0o644),
		os.Chmod(filepath.Join(dir, "deep"), 0o700),
		os.Remove(
			filepath.Join(dir, "deep", "link"),
		),
		os.Remove(filepath.Join(dir, ".gitignore")),
		os.Symlink("VERSION", filepath.Join(dir, ".gitignore")),
	); err != nil {
		t.Fatal(err)
	}
	want := []string{
		".gitignore has another type than in git",
		"VERSION has different content than in git",
		"backend is a folder that is not in git",
		"backend/odin.db is not in git",
		"deep has the mode 0700 instead of 0755",
		"deep/link is missing",
		"deep/run has the mode 0644 instead of 0755",
	}
	if diff := cmp.Diff(want, compare()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCopyIsACheckout makes the copy that tools work on: in it, git is at the commit that the target tag would
// make.
func TestCopyIsACheckout(t *testing.T) {
	for _, folder := range []string{"", "apps/odin"} {
		t.Run("in "+folder, func(t *testing.T) {
			r := newRepository(t, folder)
			testkit.Git(t, r.root, "tag", "v1.0.0")
			head := testkit.Git(t, r.root, "rev-parse", "HEAD")
			tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
			at := snapshot.Release{Parent: head, Tag: "v2.0.0", Text: "chore(release): 2.0.0", Time: time.Unix(0, 0)}
			copied, err := r.store.Copy(
				t.Context(),
				tree,
				snapshot.View{History: true},
				filepath.Join(t.TempDir(), "copy"),
				at,
			)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, listed(t, copied)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for want, args := range map[string][]string{"": {
				"status",
				"--porcelain",
				"--ignored",
			}, "v2.0.0": {"describe"}, "v1.0.0\nv2.0.0": {"tag"},
				"chore(release): 2.0.0": {
					"log",
					"-1",
					"--format=%s",
				}, head: {"rev-parse", "HEAD^"}, "main": {"branch", "--show-current"}} {
				if got := testkit.Git(t, copied, args...); got != want {
					t.Errorf("git %s: %q, expected %q", strings.Join(args, " "), got, want)
				}
			}
			first := testkit.Git(t, copied, "rev-parse", "HEAD")
			write(t, filepath.Join(copied, "odin.db"), "made by the app\n")
			again, err := r.store.Copy(
				t.Context(),
				tree,
				snapshot.View{History: true},
				filepath.Join(t.TempDir(), "copy"),
				at,
			)
			if err != nil || testkit.Git(t, again, "rev-parse", "HEAD") != first {
				t.Errorf("another copy is of another commit, %v", err)
			}
			same, err := r.store.Copy(t.Context(), r.head(), snapshot.View{History: true},
				filepath.Join(t.TempDir(), "copy"),
				snapshot.Release{Parent: head},
			)
			if err != nil || testkit.Git(t, same, "rev-parse", "HEAD") != head {
				t.Errorf("a copy of a commit's own tree is at another commit, %v", err)
			}
			empty, err := r.store.Copy(
				t.Context(),
				tree,
				snapshot.View{Nothing: true},
				filepath.Join(t.TempDir(), "copy"),
				at,
			)
			if left, readErr := os.ReadDir(empty); err != nil || readErr != nil || len(left) > 0 {
				t.Errorf("a copy of nothing has %v, %v", left, errors.Join(err, readErr))
			}
			if tags := testkit.Git(t, r.root, "tag"); tags != "v1.0.0" {
				t.Errorf("the repository has the tags %s", tags)
			}
		})
	}
}

func TestTreesThatCannotBeReleased(t *testing.T) {
	r := newRepository(t, "")
	if _, err := r.store.With(
		t.Context(),
		r.head(),
		[]snapshot.Edit{{Path: "nowhere", Required: errors.New("there is no nowhere")}},
	); err == nil ||
		err.Error() != "there is no nowhere" {
		t.Errorf("error %v", err)
	}
	if _, err := r.store.With(t.Context(), r.head(), []snapshot.Edit{{Path: "nowhere"}}); err != nil {
		t.Error(err)
	}
	r.write("art/logo.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
	dir := filepath.Join(t.TempDir(), "source")
	if err := r.store.Write(
		t.Context(),
		must(t)(r.store.Checkout(t.Context())),
		dir,
	); err == nil ||
		!strings.HasPrefix(err.Error(), "art/logo.png: it is a Git LFS pointer") {
		t.Errorf("error %v", err)
	}
	testkit.Git(
		t,
		r.root,
		"update-index",
		"--add",
		"--cacheinfo",
		"160000,"+testkit.Git(t, r.root, "rev-parse", "HEAD")+",vendored",
	)
	testkit.Git(t, r.root, "commit", "--quiet", "--message", "feat: a submodule")
	if err := r.store.Write(
		t.Context(),
		r.head(),
		dir,
	); err == nil ||
		!strings.HasPrefix(err.Error(), "vendored is a git submodule") {
		t.Errorf("error %v", err)
	}
}

// TestCheckoutConvertsNothing checks out the bytes that git has, whatever the user's
// configuration and the attributes above the app say.
func TestCheckoutConvertsNothing(t *testing.T) {
	r := newRepository(t, "apps/odin")
	write(t, filepath.Join(r.root, ".gitattributes"), "*.bat text eol=crlf\n")
	r.write("run.bat", "echo\r\n")
	testkit.Git(t, r.root, "add", "--all")
	testkit.Git(t, r.root, "commit", "--quiet", "--message", "feat: line ends")
	testkit.Git(t, r.root, "config", "core.autocrlf", "true")
	dir := filepath.Join(r.app, "dist", "source")
	if err := r.store.Write(t.Context(), r.head(), dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"run.bat": "echo\r\n", "VERSION": "1.0.0\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, []byte(want)) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if found, err := r.store.Compare(t.Context(), r.head(), dir); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestWorkspaceIsOneProcess(t *testing.T) {
	store := cache.Dir(t.TempDir())
	first, err := snapshot.OpenWorkspace(store, "/app")
	if err != nil {
		t.Fatal(err)
	}
	write(t, first.Path("copy"), "left\n")
	second, err := snapshot.OpenWorkspace(store, "/app")
	if err != nil || second.Path("copy") == first.Path("copy") {
		t.Fatalf("two processes have %s, %v", second.Path("copy"), err)
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Fatal(err)
	}
	third, err := snapshot.OpenWorkspace(store, "/app")
	if err != nil || third.Path("copy") != first.Path("copy") {
		t.Fatalf("%s, and it was %s: %v", third.Path("copy"), first.Path("copy"), err)
	}
	if _, err := os.Stat(third.Path("copy")); !os.IsNotExist(err) {
		t.Errorf("something is left: %v", err)
	}

	// The leftovers of killed processes are removed for all apps, and nothing of live
	// ones.
	write(t, third.Path("copy"), "used\n")
	killed := store.Path("work", "another-0", "copy")
	write(t, killed, "left\n")
	if err := snapshot.RemoveLeft(store); err != nil {
		t.Error(err)
	}
	_, err = os.Stat(third.Path("copy"))
	if _, left := os.Stat(killed); err != nil || !os.IsNotExist(left) {
		t.Errorf("a copy in use: %v; one that was left: %v", err, left)
	}
}

func TestOpenRemovesWhatIsOld(t *testing.T) {
	r := newRepository(t, "")
	tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
	left := filepath.Join(r.app, "dist", "tree", "compare-1", "tree", "VERSION")
	write(t, left, "left by a killed run\n")
	made, err := filepath.Glob(filepath.Join(r.app, "dist", "tree", "objects", "??", "*"))
	if err != nil || len(made) != 2 { // the file, and the tree
		t.Fatalf("%v, %v", made, err)
	}
	twoDays := time.Now().Add(-48 * time.Hour)
	if err := errors.Join(
		os.Chtimes(made[0], twoDays, twoDays),
		os.Chtimes(filepath.Join(r.app, "dist", "tree", "compare-1"), twoDays, twoDays),
		os.Chtimes(filepath.Join(r.app, "dist", "tree", "objects", "info", "alternates"), twoDays, twoDays),
	); err != nil {
		t.Fatal(err)
	}
	r.open()
	for path, stays := range map[string]bool{made[0]: false, made[1]: true, left: false} {
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", path, err)
		}
	}
	if again := must(t)(r.store.With(t.Context(), r.head(), nextVersion())); again != tree {
		t.Errorf("%v, and it was %v", again, tree)
	}
}

// TestCopyOfAnotherWorkTree has a checkout made by git-worktree(1) without a branch, as in CI.
func TestCopyOfAnotherWorkTree(t *testing.T) {
	r := newRepository(t, "")
	linked := filepath.Join(t.TempDir(), "linked")
	testkit.Git(t, r.root, "worktree", "add", "--quiet", "--detach", linked)
	r.write("VERSION", "1.1.0\n")
	testkit.Git(t, r.root, "commit", "--quiet", "--all", "--message", "feat: not for the other")
	r.root, r.app = linked, linked
	r.open()
	head := testkit.Git(t, linked, "rev-parse", "HEAD")
	tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
	at := snapshot.Release{Parent: head, Tag: "v2.0.0", Text: "chore(release): 2.0.0", Time: time.Unix(0, 0)}
	copied, err := r.store.Copy(t.Context(), tree, snapshot.View{History: true}, filepath.Join(t.TempDir(), "copy"), at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, listed(t, copied)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if parent := testkit.Git(
		t,
		copied,
		"rev-parse",
		"v2.0.0^{commit}^",
	); parent != head ||
		testkit.Git(t, copied, "branch", "--show-current") != "" {
		t.Errorf("the copy is at a commit after %s", parent)
	}
	if now := testkit.Git(
		t,
		linked,
		"rev-parse",
		"HEAD",
	); now != head ||
		testkit.Git(t, linked, "status", "--porcelain", "--ignored") != "!! dist/" {
		t.Errorf("the checkout was changed, HEAD is %s", now)
	}
}
