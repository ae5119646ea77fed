//go:build scenario

package targets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// The scenarios run the compiled pipeline, as a person does, on the sample app
// in a scratch repository, with the real toolchains, database and engine.

// tinySteps is the part of a tiny app's release.yaml that says what it does not
// have.
const tinySteps = `checks:
  - {name: "backend:lint", absent: a tiny app}
  - {name: "backend:typeCheck", absent: a tiny app}
  - {name: "frontend:lint", absent: a tiny app}
  - {name: "frontend:typeCheck", absent: a tiny app}
suites:
  - {name: "backend:unit", absent: a tiny app}
  - {name: "backend:integration", absent: a tiny app}
  - {name: "frontend:test", absent: a tiny app}
contract: {absent: a tiny app}
`

// fixtures is the folder of what is made once for all scenarios.
var fixtures string

func TestMain(m *testing.M) {
	var err error
	if fixtures, err = os.MkdirTemp("", "odin-scenario-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(fixtures)
	os.Exit(code)
}

// compiled is the pipeline's binary, made once.
var compiled = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(fixtures, "pipeline")
	command := exec.Command("go", "tool", "mage", "-compile", binary)
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compile the pipeline: %w\n%s", err, out)
	}
	return binary, nil
})

// testBed tells the pipeline of scripts/testbed, as scripts/pipeline does.
var testBed = "ODIN_TESTBED=" + absolute("../../scripts/testbed")

func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return whole
}

// template is the sample's repository with its packages installed, made once.
// Scenarios work on copies of it.
var template = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(fixtures, "app")
	if err := rehearsal.Materialise(context.Background(), testkit.Runner(), dir); err != nil {
		return "", err
	}
	installed, err := start(context.Background(), dir, nil, "frontend:typeCheck")
	if err != nil || installed.code != 0 {
		return "", fmt.Errorf("install the sample's packages: %w\n%s%s", err, installed.stdout, installed.stderr)
	}
	return dir, os.RemoveAll(filepath.Join(dir, "dist"))
})

// sample returns a copy of the sample's repository at its newest tag.
func sample(t *testing.T) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "app")
	testkit.CopyTree(t, from, dir, ".git/objects", "frontend/node_modules")
	return dir
}

// ended is how a run of the pipeline ended.
type ended struct {
	stdout, stderr string
	code           int
}

// pipeline runs targets in dir to their end.
func pipeline(t *testing.T, dir string, env []string, args ...string) ended {
	t.Helper()
	result, err := start(t.Context(), dir, env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%v in %s\n%s%s", args, dir, result.stdout, result.stderr)
		}
	})
	return result
}

// start runs targets in dir to their end, which is an error only if they could
// not be started.
func start(ctx context.Context, dir string, env []string, args ...string) (ended, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	command, stdout, stderr, err := command(ctx, dir, env, args...)
	if err != nil {
		return ended{}, err
	}
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return ended{}, err
	}
	return ended{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}, nil
}

// prepare is for a scenario that starts the pipeline itself.
func prepare(t *testing.T, dir string, env []string, args ...string) (*exec.Cmd, *syncBuffer, *syncBuffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	t.Cleanup(cancel)
	env = append([]string{"LOG=full"}, env...) // whoever prepares a run watches its output
	command, stdout, stderr, err := command(ctx, dir, env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return command, stdout, stderr
}

func command(
	ctx context.Context,
	dir string,
	env []string,
	args ...string,
) (*exec.Cmd, *syncBuffer, *syncBuffer, error) {
	binary, err := compiled()
	if err != nil {
		return nil, nil, nil, err
	}
	command := exec.CommandContext(ctx, binary, args...)
	command.Dir, command.Env = dir, append(append(withoutActions(run.Environ(os.Environ())), testBed), env...)
	var stdout, stderr syncBuffer
	command.Stdout, command.Stderr = &stdout, &stderr
	return command, &stdout, &stderr, nil
}

// withoutActions returns an environment without what GitHub Actions says of the run
// that these tests may be a part of, and without the kind of terminal.
func withoutActions(env []string) []string {
	return slices.DeleteFunc(env, func(entry string) bool {
		return strings.HasPrefix(entry, "GITHUB_") || strings.HasPrefix(entry, "TERM=")
	})
}

// syncBuffer can be read while it is written to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(data)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// unchanged fails when a tracked file, or what git does not ignore, changed.
func unchanged(t *testing.T, dir string) {
	t.Helper()
	if status := testkit.Git(t, dir, "status", "--porcelain"); status != "" {
		t.Errorf("the tree was changed:\n%s", status)
	}
}

// nothingBut fails when there is anything but the named in dir that git does not track, ignored or not: the caches of
// tools, say.
func nothingBut(t *testing.T, dir string, names ...string) {
	t.Helper()
	for line := range strings.Lines(testkit.Git(t, dir, "status", "--porcelain", "--ignored")) {
		if name := strings.TrimSpace(line[2:]); !slices.Contains(names, name) {
			t.Errorf("%s is new", name)
		}
	}
}

// change replaces text in a file of dir, or makes the file when old is "".
func change(t *testing.T, dir, file, old, replacement string) {
	t.Helper()
	path := filepath.Join(dir, file)
	if old == "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(replacement), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		t.Fatalf("%s has %q %d times, expected once", file, old, strings.Count(string(data), old))
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, replacement, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
