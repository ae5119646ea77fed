//go:build scenario

package targets_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/database"
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
		{name: "lint", target: "releaseCheck", at: "lint: started"},
		{
			name:   "test in a container",
			target: "backend:integration",
			at:     "backend:integration │ collected",
			counts: true,
		},
		{
			name:   "test on a given server",
			target: "backend:integration",
			at:     "backend:integration │ collected",
			env:    []string{"TEST_DATABASE_URL=" + server},
			counts: true,
		},
		{
			name:   "test on server binaries",
			target: "backend:integration",
			at:     "backend:integration │ collected",
			env:    []string{"DOCKER_HOST=unix:///nowhere"},
		},
		{name: "build", target: "image:build", at: "npm ci", counts: true},
	}
	for _, moment := range moments {
		t.Run(moment.name, func(t *testing.T) {
			dir := sample(t)
			id, temp := fmt.Sprintf("ODIN_SCENARIO=%d", time.Now().UnixNano()), temporary(t)
			if moment.target == "image:build" {
				busyBuild(t, dir)
			}
			before := leftovers(t, server)
			status := testkit.Git(t, dir, "status", "--porcelain")

			command, stdout, stderr := prepare(t, dir, append(moment.env, id, "TMPDIR="+temp), moment.target)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, stdout, moment.at)
			inTheMiddle(
				t,
				func() bool { return processes(id) != "" && (!moment.counts || leftovers(t, server) != before) },
			)
			if err := command.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err == nil {
				t.Error("exit code 0 after SIGINT")
			}
			if !strings.Contains(stderr.String(), "Error: ") || strings.Contains(stderr.String(), "cleanup timeout") {
				t.Errorf("stderr: %s", stderr)
			}
			page, err := os.ReadFile(filepath.Join(dir, "dist", "report.html"))
			if err != nil || !strings.Contains(string(page), `<p class="outcome"><span class="state interrupted">`) {
				t.Errorf("no report says that the run was interrupted: %v", err)
			}
			settle(t, "processes", "", func() string { return processes(id) })
			settle(t, "containers, databases and builds", before, func() string { return leftovers(t, server) })
			if left, _ := filepath.Glob(filepath.Join(temp, "odin-*")); len(left) > 0 {
				t.Errorf("temporary folders left: %v", left)
			}
			settle(t, "folders of runs", "0", func() string { return strconv.Itoa(len(deadRuns(t))) })
			if now := testkit.Git(t, dir, "status", "--porcelain"); now != status {
				t.Errorf("the tree was changed:\n%s", now)
			}
		})
	}
}

// TestScenarioKill kills the pipeline outright in each phase: tracked files
// stay as they were, whatever target runs next removes what was left, and the
// same command then works.
func TestScenarioKill(t *testing.T) { // not beside others: it looks at what any run has left
	dir := sample(t)
	for at, target := range map[string]string{
		"lint: started": "releaseCheck", "backend:integration │ collected": "backend:integration",
		":build: started": "releaseCheck",
	} {
		id, temp := fmt.Sprintf("ODIN_SCENARIO=%d", time.Now().UnixNano()), temporary(t)
		env := []string{id, "TMPDIR=" + temp}
		before := remains(t, temp)
		command, stdout, _ := prepare(t, dir, env, target)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, stdout, at)
		if strings.Contains(at, "integration") {
			inTheMiddle(t, func() bool { return orphan(id) })
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait() // it was killed
		unchanged(t, dir)
		if !strings.Contains(at, "integration") { // whose tests start programs of their own, which nobody ends then
			settle(t, "processes", "", func() string { return processes(id) })
		} else if now := remains(t, temp); now == before {
			t.Error("the kill left nothing: this test shows nothing")
		}
		if result := pipeline(
			t,
			dir,
			env,
			"plan",
		); result.code != 0 ||
			strings.Contains(result.stderr, "a killed run") {
			t.Errorf("plan: exit code %d, %s", result.code, result.stderr)
		}
		if now := remains(t, temp); now != before {
			t.Errorf("after a kill at %q and another target:\n%s\nbefore:\n%s", at, now, before)
		}
	}
	if result := pipeline(t, dir, nil, "releaseCheck"); result.code != 0 {
		t.Errorf("the run after the kills failed: %s", result.stderr)
	}
	unchanged(t, dir)
}

// temporary returns a folder for temporary files that any user can enter: the
// server runs as a user of its own.
func temporary(t *testing.T) string {
	t.Helper()
	temp := t.TempDir()
	for _, dir := range []string{temp, filepath.Dir(temp)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return temp
}

// orphan kills the client of a run's PostgreSQL container, which would end the
// container, and reports whether there was one.
func orphan(id string) bool {
	for _, line := range strings.Split(processes(id), "\n") {
		number, command, _ := strings.Cut(line, " ")
		if pid, err := strconv.Atoi(number); err == nil && strings.Contains(command, "docker run --rm ") {
			return syscall.Kill(pid, syscall.SIGKILL) == nil
		}
	}
	return false
}

// remains lists what ended runs have left: temporary files, folders, and what
// is theirs in the container engine, images aside, which others share.
func remains(t *testing.T, temp string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(temp, "odin-*"))
	if err != nil {
		t.Fatal(err)
	}
	list := slices.Concat(files, deadRuns(t))
	const label = "io.github.hughkantsime.odin-release.owner"
	for _, args := range [][]string{{"ps", "--all"}, {"volume", "ls"}} {
		out, err := exec.CommandContext(t.Context(), "docker", append(
			args,
			"--filter",
			"label="+label,
			"--format",
			`{{.Label "`+label+`"}}`,
		)...).
			Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, owner := range strings.Fields(string(out)) {
			if _, dir, _ := strings.Cut(owner, ":"); !lives(dir) {
				list = append(list, args[0]+" of "+dir)
			}
		}
	}
	return strings.Join(list, "\n")
}

// deadRuns lists the folders of runs whose process is gone, and their copies
// of the app.
func deadRuns(t *testing.T) []string {
	t.Helper()
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob(filepath.Join(home, "odin-release", "runs", "*"))
	copies, _ := filepath.Glob(filepath.Join(home, "odin-release", "work", "*"))
	copies = slices.DeleteFunc(copies, func(dir string) bool {
		return lives(filepath.Join(home, "odin-release", "locks", "work-"+filepath.Base(dir)))
	})
	return append(slices.DeleteFunc(folders, lives), copies...)
}

// lives reports whether a run holds the lock of a folder or file.
func lives(dir string) bool {
	file, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}

// busyBuild makes the image build slow in a step whose text is shown.
func busyBuild(t *testing.T, dir string) {
	t.Helper()
	change(
		t,
		dir,
		"Dockerfile",
		"WORKDIR /src\n",
		fmt.Sprintf("WORKDIR /src\nRUN echo npm ci %d && sleep 60\n", time.Now().UnixNano()),
	)
}

// startServer starts a PostgreSQL server for the test itself.
func startServer(t *testing.T) string {
	t.Helper()
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: os.Stderr}
	sources := database.Sources(
		runner,
		database.Options{Scratch: testkit.Scratch(t), For: "scenario", Image: "postgres:15"},
	)
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
		found = append(found, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(name), "\x00", " "))
	}
	return strings.Join(found, "\n")
}

// leftovers counts the pipeline's containers, its databases on the server, and
// the processes of running image builds.
func leftovers(t *testing.T, server string) string {
	t.Helper()
	containers, err := exec.CommandContext(
		t.Context(),
		"docker",
		"ps",
		"--all",
		"--quiet",
		"--filter",
		"label=odin-release",
	).
		Output()
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
	if err := connection.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname LIKE 'odin_test_%'").
		Scan(&databases); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(
		"%d containers, %d databases, %d builds",
		len(strings.Fields(string(containers))),
		databases,
		builds(),
	)
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
