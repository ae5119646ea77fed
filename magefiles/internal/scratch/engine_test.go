package scratch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// stubDocker has one engine for each value of the variables that choose one. An
// engine is a folder, and an image is a file in it.
const stubDocker = `#!/bin/sh
engine="$ENGINES/engine-$DOCKER_HOST$DOCKER_CONTEXT$DOCKER_CONFIG$DOCKER_CERT_PATH$DOCKER_TLS$DOCKER_TLS_VERIFY"
[ "$1 $2" = "image rm" ] || exit 0
[ -e "$engine/$3" ] || { echo "No such image: $3" >&2; exit 1; }
rm "$engine/$3"
`

// stubEngines puts the stub in PATH. It returns the environment, and the folder
// of the engines.
func stubEngines(t *testing.T) (env []string, engines string) {
	t.Helper()
	bin, engines := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(stubDocker), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "ENGINES=" + engines}, engines
}

// The engine that is asked to remove an image is the one that the killed run
// used, whichever one the next run uses.
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
				if err := os.MkdirAll(filepath.Dir(pulled), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(pulled, nil, 0o600); err != nil {
					t.Fatal(err)
				}
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
