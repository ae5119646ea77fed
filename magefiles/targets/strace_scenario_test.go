//go:build scenario

package targets_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// traced is what one process did, as strace writes it to a file of its own.
type traced struct {
	pid      string
	calls    []string
	children []string
}

var (
	cloned   = regexp.MustCompile(`^(?:clone|clone3|fork|vfork)\(.* = (\d+)$`)
	executed = regexp.MustCompile(`^execve\("([^"]+)".* = 0$`)
	created  = regexp.MustCompile(`^(?:open|openat|openat2)\(.*O_CREAT.* = \d+<(/[^>]*)>$`)
	renamed  = regexp.MustCompile(`^rename(?:at2?)?\(.*"(/[^"]+)"[^"]*\) = 0$`)
	opened   = regexp.MustCompile(`^(?:open|openat|openat2)\(.* = \d+<(/[^>]*)>$`)
	missing  = regexp.MustCompile(
		`^(?:openat|newfstatat|statx|readlinkat|faccessat2?)\((?:AT_FDCWD<([^>]*)>, )?"([^"]+)".* = -1 ENOENT`)
	asked = regexp.MustCompile(`^(?:open|stat|lstat|access|readlink)\("(/[^"]+)".* = -1 ENOENT`)
)

// trace runs the pipeline under strace, and returns what each process did.
func trace(t *testing.T, r *reuse, args ...string) map[string]*traced {
	t.Helper()
	binary, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	command := exec.CommandContext(t.Context(), "strace", slices.Concat([]string{
		"-ff", "-y", "--seccomp-bpf", "-e", "signal=none", "-o", filepath.Join(out, "trace"), "-e",
		"trace=open,openat,openat2,execve,clone,clone3,fork,vfork,stat,lstat,newfstatat,statx,access,faccessat," +
			"faccessat2,readlink,readlinkat,rename,renameat,renameat2", binary,
	}, args)...)
	command.Dir, command.Env = r.dir, append(withoutActions(os.Environ()), append(r.env, testBed)...)
	if printed, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	processes := map[string]*traced{}
	files, err := filepath.Glob(filepath.Join(out, "trace.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		process := &traced{pid: strings.TrimPrefix(filepath.Ext(file), ".")}
		opened, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(opened)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			process.calls = append(process.calls, lines.Text())
			if found := cloned.FindStringSubmatch(lines.Text()); found != nil {
				process.children = append(process.children, found[1])
			}
		}
		if err := errors.Join(lines.Err(), opened.Close()); err != nil {
			t.Fatal(err)
		}
		processes[process.pid] = process
	}
	return processes
}

// ofTools calls visit with each call of a tool: of what is neither the pipeline itself,
// nor git that it starts to make the copies, nor the client of a container engine.
func ofTools(processes map[string]*traced, visit func(program, call string)) {
	parents := map[string]string{}
	for _, process := range processes {
		for _, child := range process.children {
			parents[child] = process.pid
		}
	}
	programs := map[string]string{} // that a process runs in the end
	for pid, process := range processes {
		for _, call := range process.calls {
			if found := executed.FindStringSubmatch(call); found != nil {
				programs[pid] = found[1]
			}
		}
	}
	program := func(pid string) string {
		for pid != "" && programs[pid] == "" {
			pid = parents[pid]
		}
		return programs[pid]
	}
	own := []string{"pipeline", "git", "docker", "docker-buildx", "testbed"}
	for pid, process := range processes {
		name := program(pid)
		if name == "" || slices.Contains(own, filepath.Base(name)) {
			continue
		}
		ran := programs[pid] == "" // a thread, or a child that became no other program
		for _, call := range process.calls {
			ran = ran || executed.MatchString(call)
			if ran { // before that, it is the runner's
				visit(name, call)
			}
		}
	}
}
