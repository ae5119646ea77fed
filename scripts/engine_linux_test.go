package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/scripts"
)

// What users get sets up an engine, and knows nothing of how tests make base
// images.
func TestEngineWithoutTestBed(t *testing.T) {
	script := strings.ToLower(string(scripts.Engine))
	for _, word := range []string{"equivalent", "mirror", "mmdebstrap", "crane", "python", "postgres"} {
		if strings.Contains(script, word) {
			t.Errorf("scripts/engine, which is part of the binary, has %q", word)
		}
	}
}

// A daemon gets nothing from who starts it: it goes on when the folders that
// PATH and TMPDIR named are gone, and when the session ends.
func TestDaemonStandsAlone(t *testing.T) {
	state, bin, temporary := t.TempDir(), t.TempDir(), t.TempDir()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(sleep, filepath.Join(bin, "odin-sleep")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "ODIN_ENGINE_STATE="+state, "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+temporary, "HOME="+bin,
		"HTTPS_PROXY=http://proxy.example:3128", "DOCKER_HOST=unix:///nowhere")
	bash(t, env, `mkdir -p "$state/log"; launch daemon odin-sleep 300`)
	defer bash(t, env, "halt daemon")
	pid := read(t, filepath.Join(state, "daemon.pid"))
	program := read(t, filepath.Join(state, "daemon.exe"))
	for range 500 { // until the program itself runs, and has loaded its libraries
		if exe, _ := os.Readlink(filepath.Join("/proc", pid, "exe")); exe == program && len(open(t, pid)) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	got := strings.Split(strings.TrimRight(read(t, filepath.Join("/proc", pid, "environ")), "\x00"), "\x00")
	slices.Sort(got)
	want := []string{"HOME=" + state, "HTTPS_PROXY=http://proxy.example:3128",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=" + filepath.Join(state, "tmp", "daemon")}
	if !slices.Equal(got, want) {
		t.Errorf("its environment is %q, expected %q", got, want)
	}
	if dir, _ := os.Readlink(filepath.Join("/proc", pid, "cwd")); dir != "/" {
		t.Errorf("it runs in %s", dir)
	}
	if session := strings.Fields(read(t, filepath.Join("/proc", pid, "stat")))[5]; session != pid {
		t.Errorf("it is in session %s, and its process is %s", session, pid)
	}
	if files := open(t, pid); len(files) > 0 {
		t.Errorf("it holds %q", files)
	}
}

// open are the files that a process has open, beside its standard ones.
func open(t *testing.T, pid string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("/proc", pid, "fd", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		number, _ := strconv.Atoi(filepath.Base(file))
		return number <= 2
	})
}

// Where there is no builder, and nowhere to get base images from, nothing is
// installed or started.
func TestEngineWithoutDockerHub(t *testing.T) {
	state := t.TempDir()
	env := append(os.Environ(), "ODIN_ENGINE_STATE="+state, "ODIN_ENGINE_CACHE="+t.TempDir(), "HOME="+t.TempDir(), "DOCKER_CONFIG=",
		"HTTPS_PROXY=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9", "NO_PROXY=", "no_proxy=") // where nothing listens
	out, err := run(t, env, "up")
	if want := "error: there is no builder, and Docker Hub (registry-1.docker.io), where base images come from, does not answer"; err == nil || !strings.Contains(out, want) {
		t.Errorf("%v: %q, expected %q", err, out, want)
	}
	left, err := filepath.Glob(filepath.Join(state, "*.pid"))
	if err != nil || len(left) > 0 {
		t.Errorf("started: %q, %v", left, err)
	}
}

// bash runs commands, which must succeed, with the functions of scripts/engine.
func bash(t *testing.T, env []string, commands string) {
	t.Helper()
	if out, err := run(t, env, commands); err != nil {
		t.Fatalf("%s: %v: %s", commands, err, out)
	}
}

func run(t *testing.T, env []string, commands string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", "source ./engine; "+commands)
	command.Env = env
	out, err := command.CombinedOutput()
	return string(out), err
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}
