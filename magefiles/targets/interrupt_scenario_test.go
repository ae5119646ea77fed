//go:build scenario

package targets_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hughkantsime/odin-release/magefiles/internal/database"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// interruption is a moment in a phase: when the output has the text, the phase
// is in the middle of its work.
type interruption struct {
	name   string
	target string
	at     string
	env    []string
	counts bool // whether something then stands in what leftovers counts
}

func TestScenarioInterrupt(t *testing.T) {
	server := startServer(t)
	moments := []interruption{
		{name: "lint", target: "releaseCheck", at: "phase=lint"},
		{name: "test in a container", target: "releaseCheck", at: "backend:integration │ collected", counts: true},
		{name: "test on a given server", target: "releaseCheck", at: "backend:integration │ collected", env: []string{"TEST_DATABASE_URL=" + server}, counts: true},
		{name: "test on server binaries", target: "test", at: "backend:integration │ collected", env: []string{"DOCKER_HOST=unix:///nowhere"}},
		{name: "build", target: "build", at: "npm ci", counts: true},
	}
	for _, moment := range moments {
		t.Run(moment.name, func(t *testing.T) {
			dir := sample(t)
			id, temp := fmt.Sprintf("ODIN_SCENARIO=%d", time.Now().UnixNano()), t.TempDir()
			for _, dir := range []string{temp, filepath.Dir(temp)} { // the server runs as a user of its own
				if err := os.Chmod(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if moment.target == "build" {
				busyBuild(t, dir)
			}
			before := leftovers(t, server)
			status := testkit.Git(t, dir, "status", "--porcelain")

			command, stdout, stderr := prepare(t, dir, append(moment.env, id, "TMPDIR="+temp), moment.target)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, stdout, moment.at)
			inTheMiddle(t, func() bool { return processes(id) != "" && (!moment.counts || leftovers(t, server) != before) })
			if err := command.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err == nil {
				t.Error("exit code 0 after SIGINT")
			}
			if !strings.Contains(stderr.String(), "Error: ") || strings.Contains(stderr.String(), "cleanup timeout") {
				t.Errorf("stderr: %s", stderr)
			}
			settle(t, "processes", "", func() string { return processes(id) })
			settle(t, "containers, databases and builds", before, func() string { return leftovers(t, server) })
			if left, _ := filepath.Glob(filepath.Join(temp, "odin-*")); len(left) > 0 {
				t.Errorf("temporary folders left: %v", left)
			}
			if now := testkit.Git(t, dir, "status", "--porcelain"); now != status {
				t.Errorf("the tree was changed:\n%s", now)
			}
		})
	}
}

// TestScenarioKill kills the pipeline outright in each phase: tracked files
// stay as they were, and the same command then works.
func TestScenarioKill(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for _, at := range []string{"phase=lint", "phase=test", "phase=build"} {
		id := fmt.Sprintf("ODIN_SCENARIO=%d", time.Now().UnixNano())
		command, stdout, _ := prepare(t, dir, []string{id}, "releaseCheck")
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, stdout, at)
		time.Sleep(time.Second)
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait() // it was killed
		unchanged(t, dir)
		settle(t, "processes", "", func() string { return processes(id) })
	}
	if result := pipeline(t, dir, nil, "releaseCheck"); result.code != 0 {
		t.Errorf("the run after the kills failed: %s", result.stderr)
	}
	unchanged(t, dir)
}

// busyBuild makes the image build slow in a step whose text is shown.
func busyBuild(t *testing.T, dir string) {
	t.Helper()
	change(t, dir, "Dockerfile", "WORKDIR /src\n", fmt.Sprintf("WORKDIR /src\nRUN echo npm ci %d && sleep 60\n", time.Now().UnixNano()))
}

// startServer starts a PostgreSQL server for the test itself.
func startServer(t *testing.T) string {
	t.Helper()
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: os.Stderr}
	sources := database.Sources(runner, database.Options{For: "scenario", Image: "postgres:15"})
	opened, err := database.Open(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened.URL
}

// waitFor waits until a running pipeline has printed text.
func waitFor(t *testing.T, output *syncBuffer, text string) {
	t.Helper()
	for range 6000 {
		if strings.Contains(output.String(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%q never came:\n%s", text, output)
}

// inTheMiddle waits, boundedly, until there is something to leave behind.
func inTheMiddle(t *testing.T, begun func() bool) {
	t.Helper()
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		if begun() {
			return
		}
	}
	t.Error("there was nothing to leave behind: the moment is not in the middle")
}

// settle waits, boundedly, until what is counted is what it should be.
func settle(t *testing.T, what, want string, count func() string) {
	t.Helper()
	var got string
	for range 100 {
		if got = count(); got == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s left: %q, before: %q", what, got, want)
}

// processes lists the processes that carry id in their environment.
func processes(id string) string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(data), id) {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		found = append(found, strings.ReplaceAll(string(name), "\x00", " "))
	}
	return strings.Join(found, "\n")
}

// leftovers counts the pipeline's containers, its databases on the server, and
// the processes of running image builds.
func leftovers(t *testing.T, server string) string {
	t.Helper()
	containers, err := exec.CommandContext(t.Context(), "docker", "ps", "--all", "--quiet", "--filter", "label=odin-release").Output()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx)
	var databases int
	if err := connection.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname LIKE 'odin_test_%'").Scan(&databases); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d containers, %d databases, %d builds", len(strings.Fields(string(containers))), databases, builds())
}

// builds counts the processes of the slow step of busyBuild.
func builds() int {
	count := 0
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && string(data) == "sleep\x0060\x00" {
			count++
		}
	}
	return count
}
