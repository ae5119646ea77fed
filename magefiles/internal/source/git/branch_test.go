package git_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestAbsent brings the fixes of a branch to main in every possible way.
func TestAbsent(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) string { t.Helper(); return testkit.Git(t, dir, args...) }
	commit := func(file, content string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		run("add", "--all")
		run("commit", "-q", "-m", "fix: "+file)
		return run("rev-parse", "HEAD")
	}
	run("init", "-q", "-b", "main")
	commit("a", "1\n")
	run("tag", "v1.0.0")
	adapted := commit("a", "2\n")
	run("checkout", "-q", "-b", "side", "v1.0.0")
	same := commit("same", "1\n")
	commit("adapted", "by hand, for the old line\n")
	run("commit", "-q", "--amend", "-m", "fix: adapted\n\n(cherry picked from commit "+adapted+")")
	there := commit("there", "1\n")
	commit("other", "1\n")
	run(
		"commit",
		"-q",
		"--amend",
		"-m",
		"fix: other\n\n(cherry picked from commit 0123456789012345678901234567890123456789)\n(cherry picked from "+
			"commit v1.0.0)",
	)
	absent := []string{run("rev-parse", "HEAD"), commit("last", "1\n")}
	run("checkout", "-q", "main")
	run("cherry-pick", same)
	commit("there", "adapted to main\n")
	run("commit", "-q", "--amend", "-m", "fix: there\n\n(cherry picked from commit "+there+")")

	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	got, err := repo.History().Absent(t.Context(), "main", "v1.0.0", "side")
	if err != nil || fmt.Sprint(got) != fmt.Sprint(absent) {
		t.Errorf("%v, expected %v; %v", got, absent, err)
	}
	run("merge", "-q", "--no-edit", "side", "-X", "ours")
	if got, err := repo.History().Absent(t.Context(), "main", "v1.0.0", "side"); err != nil || len(got) != 0 {
		t.Errorf("after a merge: %v, %v", got, err)
	}
}

// TestMainIsKnown passes the name of the default branch.
func TestMainIsKnown(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "-b", "develop"},
		{"commit", "-q", "--allow-empty", "-m", "x"},
		{"branch", "main"},
	} {
		testkit.Git(t, dir, args...)
	}
	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	if main, none := repo.Branches().Main(
		t.Context(),
		"develop",
	), repo.Branches().Main(
		t.Context(),
		"trunk",
	); main != "develop" ||
		none != "" {
		t.Errorf("%q, %q", main, none)
	}
}

// TestMainBranch finds the default branch.
func TestMainBranch(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) { t.Helper(); testkit.Git(t, dir, args...) }
	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	run("init", "-q", "-b", "topic")
	run("commit", "-q", "--allow-empty", "-m", "x")
	for _, step := range []struct {
		commands [][]string
		main, on string // as Main and as DefaultBranch
	}{
		{nil, "", "topic"},
		{[][]string{{"branch", "master"}}, "master", "master"},
		{[][]string{{"branch", "main"}}, "main", "main"},
		{[][]string{{"update-ref", "refs/remotes/origin/master", "HEAD"}}, "origin/master", "main"},
		{
			[][]string{
				{"update-ref", "refs/remotes/origin/trunk", "HEAD"},
				{"symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"},
			},
			"origin/trunk",
			"main",
		},
		{[][]string{{"branch", "trunk"}}, "origin/trunk", "trunk"},
		{[][]string{{"remote", "add", "up", "."}, {"config", "branch.main.remote", "up"}}, "main", "main"}, // a fork
		{[][]string{{"update-ref", "refs/remotes/up/main", "HEAD"}}, "up/main", "main"},
	} {
		for _, command := range step.commands {
			run(command...)
		}
		branch, err := repo.Branches().Default(t.Context())
		if main := repo.Branches().Main(t.Context(), ""); main != step.main || branch != step.on || err != nil {
			t.Errorf("after %v: %s and %s, %v", step.commands, main, branch, err)
		}
	}
}
