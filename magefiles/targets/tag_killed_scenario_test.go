//go:build scenario

package targets_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// gitShim stands for git in PATH. It writes down each command that changes
// something, and kills the pipeline outright before or after one of them.
const gitShim = `#!/bin/sh
at=0
for word in "$@"; do
  case $word in
  add | commit | tag | push | fetch | update-ref | branch)
    echo "$word" >>"$SHIM_LOG"
    at=$(wc -l <"$SHIM_LOG")
    break ;;
  esac
done
[ "$at" != "$SHIM_KILL_BEFORE" ] || { kill -KILL "$PPID"; exit 1; }
%[1]s "$@"
code=$?
[ "$at" != "$SHIM_KILL_AFTER" ] || kill -KILL "$PPID"
exit "$code"
`

// TestScenarioTagKilled kills tagging outright before and after each git command
// that changes something. Run again, it ends as if nothing had been.
func TestScenarioTagKilled(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "git"), fmt.Appendf(nil, gitShim, git), 0o755); err != nil {
		t.Fatal(err)
	}
	original := newTaggable(t)
	environ := func(c taggable, before, after string) []string {
		return []string{
			"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"),
			"SHIM_LOG=" + c.remote + ".log",
			"SHIM_KILL_BEFORE=" + before,
			"SHIM_KILL_AFTER=" + after,
		}
	}
	undisturbed := original.copied(t)
	whole := pipeline(t, undisturbed.dir, environ(undisturbed, "none", "none"), "tag", "-yes")
	data, err := os.ReadFile(undisturbed.remote + ".log")
	if whole.code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", whole.code, err, whole.stderr)
	}
	commands := strings.Fields(string(data))
	for _, needed := range []string{"add", "commit", "tag", "push"} {
		if !slices.Contains(commands, needed) {
			t.Errorf("%s was not seen: %v", needed, commands)
		}
	}
	for i, command := range commands {
		at := strconv.Itoa(i + 1)
		for name, kill := range map[string][2]string{"before": {at, "none"}, "after": {"none", at}} {
			t.Run(name+" "+at+" "+command, func(t *testing.T) {
				t.Parallel()
				c := original.copied(t)
				c.killed(t, environ(c, kill[0], kill[1]))
			})
		}
	}
}

// taggable is a checkout of the sample with a commit to release, beside its
// remote.
type taggable struct{ dir, remote string }

func newTaggable(t *testing.T) taggable {
	t.Helper()
	base, from := t.TempDir(), sample(t)
	c := taggable{filepath.Join(base, "app"), filepath.Join(base, "app.git")}
	testkit.Git(t, from, "clone", "-q", "--bare", from, c.remote)
	testkit.Git(t, from, "clone", "-q", c.remote, c.dir)
	testkit.Git(t, c.dir, "config", "user.name", "Ada")
	testkit.Git(t, c.dir, "config", "user.email", "ada@example.org")
	commitAll(t, c.dir, "fix: a thing")
	testkit.Git(t, c.dir, "push", "-q")
	return c
}

func (c taggable) copied(t *testing.T) taggable {
	t.Helper()
	base := t.TempDir()
	other := taggable{filepath.Join(base, "app"), filepath.Join(base, "app.git")}
	testkit.CopyTree(t, c.dir, other.dir, ".git/objects")
	testkit.CopyTree(t, c.remote, other.remote, "objects")
	testkit.Git(t, other.dir, "config", "remote.origin.url", other.remote)
	return other
}

// killed tags with an environment in which the pipeline is killed, and once more.
func (c taggable) killed(t *testing.T, env []string) {
	t.Helper()
	if result := pipeline(t, c.dir, env, "tag", "-yes"); result.code != -1 {
		t.Errorf("it was not killed: exit code %d: %s", result.code, result.stderr)
	}
	if again := pipeline(t, c.dir, nil, "tag", "-yes"); again.code != 0 {
		t.Errorf("run again: exit code %d: %s%s", again.code, again.stdout, again.stderr)
	}
	tip := testkit.Git(t, c.remote, "rev-parse", "main")
	if testkit.Git(t, c.remote, "rev-parse", "v1.7.4^{commit}") != tip ||
		testkit.Git(t, c.dir, "rev-parse", "HEAD") != tip ||
		testkit.Git(t, c.remote, "rev-list", "--count", "v1.7.3..main") != "2" ||
		!strings.Contains(testkit.Git(t, c.remote, "show", "v1.7.4:frontend/src/version.ts"), "1.7.4") {
		t.Errorf("run again: %s", testkit.Git(t, c.remote, "log", "--oneline", "--decorate", "-3"))
	}
	unchanged(t, c.dir)
}
