package scratch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// stubDocker simulates an engine for each value of the variables that select one. An
// engine is a folder, and an image is a file in it. One with a file "silent" does not
// answer, and logs its requests there. One with a file "down" refuses.
const stubDocker = `#!/bin/sh
engine="$ENGINES/engine-$DOCKER_HOST$DOCKER_CONTEXT$DOCKER_CONFIG$DOCKER_CERT_PATH$DOCKER_TLS$DOCKER_TLS_VERIFY"
[ ! -e "$engine/silent" ] || { echo "$1" >>"$engine/silent"; exec sleep 60; }
[ ! -e "$engine/down" ] || { echo "cannot connect" >&2; exit 1; }
[ "$1 $2" = "image rm" ] || exit 0
[ -e "$engine/$3" ] || { echo "No such image: $3" >&2; exit 1; }
rm "$engine/$3"
`

// stubEngines puts the stub in PATH. It returns the environment and the folder of the
// engines.
func stubEngines(t *testing.T) (env []string, engines string) {
	t.Helper()
	bin, engines := t.TempDir(), t.TempDir()
	if err := os.WriteFile(
		filepath.Join(bin, "docker"),
		[]byte(stubDocker),
		0o700,
	); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "ENGINES=" + engines}, engines
}

// An image is removed from the engine that the killed run used, whichever engine the
// next run uses.
func TestTheEngineOfTheKilledRun(t *testing.T) {
	for _, variable := range engineVariables {
		for name, pair := range map[string]struct{ killed, next string }{
			"default before another": {"", "other"},
			"another before default": {"other", ""},
			"another before a third": {"other", "third"},
			"default before default": {"", ""},
		} {
			t.Run(variable+" "+name, func(t *testing.T) {
				env, engines := stubEngines(t)
				pulled := filepath.Join(engines, "engine-"+pair.killed, "app")
				empty(t, pulled)
				using := func(value string) *run.Runner {
					if value == "" {
						return &run.Runner{Env: env}
					}
					return &run.Runner{Env: append(env[:len(env):len(env)], variable+"="+value)}
				}
				root := t.TempDir()
				kill(t, New(root, t.Errorf), using(pair.killed), "app")
				New(root, t.Errorf).Sweep(t.Context(), using(pair.next))
				if _, err := os.Stat(pulled); !os.IsNotExist(err) {
					t.Errorf("the image is still in the engine of the killed run: %v", err)
				}
				if entries, err := os.ReadDir(root); len(entries) > 0 || err != nil {
					t.Errorf("left: %v, %v", entries, err)
				}
			})
		}
	}
}

// A sweep asks an engine that does not answer once, for a short time, and says for each
// folder why it stays.
func TestASilentEngineIsAskedOnce(t *testing.T) {
	env, engines := stubEngines(t)
	runner, root := &run.Runner{Env: env}, t.TempDir()
	for range 3 {
		kill(t, New(root, t.Errorf), runner, "app")
	}
	silent := filepath.Join(engines, "engine-", "silent")
	empty(t, silent)
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	New(root, warn).Sweep(t.Context(), runner)
	if asked, err := os.ReadFile(silent); string(asked) != "version\n" || err != nil {
		t.Errorf("the engine was asked for %q, %v", asked, err)
	}
	entries, err := os.ReadDir(root)
	if len(entries) != 3 || len(warnings) != 3 || err != nil {
		t.Fatalf("left %v, %v; warnings: %q", entries, err, warnings)
	}
	for i, entry := range entries {
		want := "leftovers of a killed run cannot be removed now: " + filepath.Join(root, entry.Name()) +
			": docker: docker: timed out after 5s"
		if warnings[i] != want {
			t.Errorf("warned %q, expected %q", warnings[i], want)
		}
	}
}

// A folder whose engine does not answer is kept for a week. The last warning names the
// images that remain.
func TestAnEngineThatIsGone(t *testing.T) {
	for days, kept := range map[int]int{6: 1, 8: 0} {
		env, engines := stubEngines(t)
		runner, root := &run.Runner{Env: env}, t.TempDir()
		kill(t, New(root, t.Errorf), runner, "example.org/app")
		empty(t, filepath.Join(engines, "engine-", "down"))
		entries, err := os.ReadDir(root)
		if len(entries) != 1 || err != nil {
			t.Fatal(entries, err)
		}
		dir, then := filepath.Join(root, entries[0].Name()), time.Now().AddDate(0, 0, -days)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
		warned := ""
		warn := func(format string, args ...any) { warned += fmt.Sprintf(format, args...) }
		New(root, warn).Sweep(t.Context(), runner)
		if left, err := os.ReadDir(root); len(left) != kept || err != nil {
			t.Errorf("after %d days, left %v, %v", days, left, err)
		}
		if !strings.Contains(warned, dir) || strings.Contains(warned, "example.org/app") != (kept == 0) {
			t.Errorf("after %d days, warned %q", days, warned)
		}
	}
}

// empty makes an empty file and the folder that it is in.
func empty(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// kill is a run that uses the engine, pulls an image, and ends without removing it.
func kill(t *testing.T, killed *Run, runner *run.Runner, image string) {
	t.Helper()
	if _, err := killed.Labels(t.Context(), runner); err != nil {
		t.Fatal(err)
	}
	if err := killed.Image(image); err != nil {
		t.Fatal(err)
	}
	if err := killed.lock.Close(); err != nil {
		t.Fatal(err)
	}
}
