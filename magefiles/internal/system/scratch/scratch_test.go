package scratch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// childRoot is the environment variable with the folder of runs, for a process that is
// to be killed.
const childRoot = "ODIN_SCRATCH_ROOT"

// TestMain is the process that TestAKilledRunIsRemoved kills.
func TestMain(m *testing.M) {
	root := os.Getenv(childRoot)
	if root == "" {
		os.Exit(m.Run())
	}
	made := New(root, nil)
	inside, err := made.Dir("contract")
	if err != nil {
		panic(err)
	}
	elsewhere, err := made.DirIn(os.TempDir())
	if err != nil {
		panic(err)
	}
	for _, dir := range []string{inside, elsewhere} {
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
			panic(err)
		}
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1)) // until it is killed
}

func TestAKilledRunIsRemoved(t *testing.T) {
	root, temp := filepath.Join(t.TempDir(), "runs"), t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childRoot+"="+root, "TMPDIR="+temp)
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	next := New(root, t.Errorf)
	count := func() int { return files(t, root) + files(t, temp) }
	next.Sweep(t.Context(), &run.Runner{})
	if got := count(); got != 3 {
		t.Errorf("%d files of a run that lives, expected its journal and two", got)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	next.Sweep(t.Context(), &run.Runner{})
	if got := count(); got != 0 {
		t.Errorf("%d files are left of a run that was killed", got)
	}
	for _, dir := range []string{root, temp} {
		if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil {
			t.Errorf("left in %s: %v, %v", dir, entries, err)
		}
	}
}

// files counts the files below a folder.
func files(t *testing.T, dir string) int {
	t.Helper()
	count := 0
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			count++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// Runs start, work and end concurrently, and each removes the leftovers of others: no
// run loses a file.
func TestSideBySide(t *testing.T) {
	root := t.TempDir()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 40 {
				made := New(root, t.Errorf)
				made.Sweep(t.Context(), &run.Runner{})
				dir, err := made.Dir("x")
				if err != nil {
					t.Error(err)
					return
				}
				New(root, t.Errorf).Sweep(t.Context(), &run.Runner{})
				if _, err := os.Stat(dir); err != nil {
					t.Error(err)
				}
				if err := made.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if entries, err := os.ReadDir(root); len(entries) > 0 || err != nil {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// Objects in an engine that does not answer stay listed for a later run.
func TestAnEngineThatDoesNotAnswer(t *testing.T) {
	root := t.TempDir()
	killed := New(root, t.Errorf)
	for _, name := range []string{"", "DOCKER_HOST=unix:///no/such.sock"} {
		if err := killed.note(kindEngine, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := killed.Image("example.org/app@sha256:0"); err != nil {
		t.Fatal(err)
	}
	_ = killed.lock.Close()
	told := 0
	for range 2 {
		New(root, func(string, ...any) { told++ }).Sweep(t.Context(), &run.Runner{Env: []string{"PATH=" + t.TempDir()}})
	}
	if entries, err := os.ReadDir(root); told != 2 || len(entries) != 1 || err != nil {
		t.Errorf("told %d times, left %v, %v", told, entries, err)
	}
}
