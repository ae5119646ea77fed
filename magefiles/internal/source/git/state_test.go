package git_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestState changes each thing that the state contains, and one that it does not contain.
func TestState(t *testing.T) {
	top := filepath.Join(resolved(t), "repository")
	dir := filepath.Join(top, "apps", "shop")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("1")
	run := func(args ...string) { t.Helper(); testkit.Git(t, dir, args...) }
	run("init", "-q", "-b", "main", top)
	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	if state, err := repo.State(t.Context()); err == nil || state.Parts != nil {
		t.Errorf("without a commit: %v, %v", state, err)
	}
	run("add", "--all")
	run("commit", "-q", "-m", "feat: first")
	last, err := repo.State(t.Context())
	if err != nil || last.Origin() != "" {
		t.Fatalf("%q, %v", last.Origin(), err)
	}
	want := git.Places{
		GitDir: filepath.Join(top, ".git"), Objects: filepath.Join(top, ".git", "objects"),
		Root: top, Prefix: "apps/shop/",
	}
	if alone, err := repo.WorkTree().Places(t.Context()); last.Places != want || alone != want || err != nil {
		t.Errorf("%+v and %+v, expected %+v; %v", last.Places, alone, want, err)
	}
	for _, change := range []struct {
		what string
		make func()
		same bool
	}{
		{"nothing", func() {}, true},
		{"a setting", func() { run("config", "user.nickname", "x") }, true},
		{"a tag", func() { run("tag", "v1.0.0") }, false},
		{"the name of a tag", func() { run("tag", "v1.0.1"); run("tag", "-d", "v1.0.0") }, false},
		{"a branch", func() { run("branch", "side") }, false},
		{"the branch that is checked out", func() { run("switch", "-q", "side") }, false},
		{"a file", func() { write("2") }, false},
		{"a commit", func() { run("commit", "-q", "-a", "-m", "fix: second") }, false},
		{"where a branch points to", func() { run("branch", "-f", "main", "side") }, false},
		{"a remote", func() { run("remote", "add", "origin", "https://example.org/a/b.git") }, false},
		{"its address", func() { run("remote", "set-url", "origin", "https://example.org/a/c.git") }, false},
	} {
		change.make()
		next, err := repo.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if same := maps.Equal(last.Parts, next.Parts); same != change.same {
			t.Errorf("%s changes: the state is the same: %t", change.what, same)
		}
		last = next
	}
	if origin := last.Origin(); origin != "https://example.org/a/c.git" {
		t.Errorf("the origin is %q", origin)
	}
	run("worktree", "add", "-q", filepath.Join(top, "..", "other"))
	other := git.Repo{Dir: filepath.Join(top, "..", "other"), Run: testkit.Runner()}
	state, err := other.State(t.Context())
	want = git.Places{
		GitDir: filepath.Join(top, ".git", "worktrees", "other"), Objects: filepath.Join(top, ".git", "objects"),
		Root: filepath.Join(filepath.Dir(top), "other"),
	}
	if state.Places != want || err != nil {
		t.Errorf("in another work tree: %+v, expected %+v; %v", state.Places, want, err)
	}
}

// TestStateWithoutStatus has an index that git cannot read: the places are known all the same.
func TestStateWithoutStatus(t *testing.T) {
	dir := resolved(t)
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", "feat: first")
	if err := os.WriteFile(filepath.Join(dir, ".git", "index"), []byte("no index"), 0o644); err != nil {
		t.Fatal(err)
	}
	state, err := git.Repo{Dir: dir, Run: testkit.Runner()}.State(t.Context())
	if err == nil || state.Parts != nil || state.Places.Root != dir {
		t.Errorf("%+v, %v; want an error, and the places", state, err)
	}
}

// resolved returns a temporary folder with the path that git prints.
func resolved(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
