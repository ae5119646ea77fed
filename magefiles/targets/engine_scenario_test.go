//go:build scenario

package targets_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioScripts runs the pipeline by the two ways the README names.
func TestScenarioScripts(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for _, args := range [][]string{
		{"../../scripts/pipeline", "-C", dir, "backend:lint"},
		{"go", "tool", "mage", "-d", "../..", "-w", dir, "backend:lint"},
	} {
		runner := &run.Runner{Env: run.Environ(os.Environ()), Out: &bytes.Buffer{}}
		result, err := runner.Run(t.Context(), run.Command{For: "scenario", Args: args})
		if err != nil || cell(string(result.Stdout), "backend:lint") != "ok" {
			t.Errorf("%v: %v\n%s%s", args, err, result.Stdout, result.Stderr)
		}
	}
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: &bytes.Buffer{}}
	result, err := runner.Run(
		t.Context(),
		run.Command{For: "scenario", Args: []string{"../../scripts/pipeline", "-C", "/no/such/folder", "lint"}},
	)
	if err == nil || !strings.Contains(string(result.Stderr), "there is no folder /no/such/folder") {
		t.Errorf("%v %s", err, result.Stderr)
	}
}

// TestScenarioHook runs with a repository named in the environment, as git
// does in a hook: it is not touched.
func TestScenarioHook(t *testing.T) {
	t.Parallel()
	mine := t.TempDir()
	testkit.Git(t, mine, "init", "-q", "-b", "main")
	change(t, mine, "precious", "", "mine")
	testkit.Git(t, mine, "add", "-A")
	testkit.Git(t, mine, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "feat: mine")
	head := testkit.Git(t, mine, "rev-parse", "HEAD")
	change(t, mine, "untracked", "", "mine too")
	dir := sample(t)
	env := []string{
		"GIT_DIR=" + filepath.Join(mine, ".git"),
		"GIT_WORK_TREE=" + mine,
		"GIT_INDEX_FILE=" + filepath.Join(mine, ".git", "index"),
	}
	if result := pipeline(t, dir, env, "backend:vendor"); result.code != 0 {
		t.Errorf("exit code %d: %s", result.code, result.stderr)
	}
	// Rehearse is stopped as soon as it has made the sample's repository.
	command, stdout, _ := prepare(t, t.TempDir(), env, "rehearse")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, stdout, "lint: started")
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	if now := testkit.Git(
		t,
		mine,
		"rev-parse",
		"HEAD",
	); now != head || testkit.Git(t, mine, "tag") != "" ||
		testkit.Git(t, mine, "status", "--porcelain") != "?? untracked" {
		t.Errorf(
			"the repository was touched: %s, tags %q, %q",
			now,
			testkit.Git(t, mine, "tag"),
			testkit.Git(t, mine, "status", "--porcelain"),
		)
	}
}
