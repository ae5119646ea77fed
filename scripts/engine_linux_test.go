package scripts_test

import (
	"fmt"
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

// The script for users sets up an engine, and does not contain how tests make base
// images.
func TestEngineWithoutTestBed(t *testing.T) {
	script := strings.ToLower(string(scripts.Engine))
	for _, word := range []string{"equivalent", "mirror", "mmdebstrap", "crane", "python", "postgres"} {
		if strings.Contains(script, word) {
			t.Errorf("scripts/engine, which is part of the binary, has %q", word)
		}
	}
}

// A daemon inherits nothing from its caller: it keeps running when the folders in PATH
// and TMPDIR are gone and when the session ends.
func TestDaemonStandsAlone(t *testing.T) {
	state, bin, temporary := t.TempDir(), t.TempDir(), t.TempDir()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(sleep, filepath.Join(bin, "odin-sleep")); err != nil {
		t.Fatal(err)
	}
	env := append(
		os.Environ(),
		"ODIN_ENGINE_STATE="+state,
		"PATH="+bin+":"+os.Getenv("PATH"),
		"TMPDIR="+temporary,
		"HOME="+bin,
		"HTTPS_PROXY=http://proxy.example:3128",
		"DOCKER_HOST=unix:///nowhere",
	)
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
	want := []string{
		"HOME=" + state,
		"HTTPS_PROXY=http://proxy.example:3128",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TMPDIR=" + filepath.Join(state, "tmp", "daemon"),
	}
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

// open lists the files that a process has open, besides its standard ones.
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

// Without a builder and without a source of base images, nothing is installed or
// started.
func TestEngineWithoutDockerHub(t *testing.T) {
	state := t.TempDir()
	env := append(
		os.Environ(),
		"ODIN_ENGINE_STATE="+state,
		"ODIN_ENGINE_CACHE="+t.TempDir(),
		"HOME="+t.TempDir(),
		"DOCKER_CONFIG=",
		"HTTPS_PROXY=http://127.0.0.1:9",
		"https_proxy=http://127.0.0.1:9",
		"NO_PROXY=",
		"no_proxy=",
	) // where nothing listens
	out, err := run(t, env, "up")
	if want := "error: there is no builder, and Docker Hub (registry-1.docker.io), where base images come from, " +
		"does not answer"; err == nil ||
		!strings.Contains(out, want) {
		t.Errorf("%v: %q, expected %q", err, out, want)
	}
	left, err := filepath.Glob(filepath.Join(state, "*.pid"))
	if err != nil || len(left) > 0 {
		t.Errorf("started: %q, %v", left, err)
	}
}

// Without curl there is no way to reach Docker Hub through a proxy: that does not show
// whether the daemons can reach it.
func TestEngineBehindAProxyWithoutCurl(t *testing.T) {
	for proxy, want := range map[string]string{
		"http://127.0.0.1:9": "placed",
		"":                   "Docker Hub (registry-1.docker.io), where base images come from, does not answer",
	} {
		env := append(
			os.Environ(),
			"ODIN_ENGINE_STATE="+t.TempDir(),
			"ODIN_ENGINE_CACHE="+t.TempDir(),
			"HOME="+t.TempDir(),
			"DOCKER_CONFIG=",
			"HTTPS_PROXY="+proxy,
			"https_proxy="+proxy,
		)
		out, err := run(
			t,
			env,
			`command() { [[ $2 != curl ]] && builtin command "$@"; }; hub_answers() { return 1; }; put_in_place() `+
				`{ echo placed; }; up`,
		)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("with the proxy %q: %v: %q, expected %q", proxy, err, out, want)
		}
	}
}

// A BuildKit that an earlier version started is not used, wherever its socket is: its
// base images may not be the official ones.
func TestEngineOfAnEarlierVersion(t *testing.T) {
	const shown = "Name: odin-release\nDriver: %s\n\nNodes:\nName: odin-release0\nEndpoint: unix://%s\nStatus: " +
		"running\nPlatforms: linux/amd64, linux/arm64\nLabels:\n%s"
	const setUp = " io.github.hughkantsime.odin-release.engine: 2\n"
	const tests = " io.github.hughkantsime.odin-release.not-for-release: so\n"
	state, bin := t.TempDir(), t.TempDir()
	env := append(os.Environ(), "ODIN_ENGINE_STATE="+state, "PATH="+bin+":"+os.Getenv("PATH"))
	ours := filepath.Join(state, "buildkitd.sock")
	for _, each := range []struct {
		driver, socket, labels, before string
		there                          bool
	}{
		{"remote", "/elsewhere.sock", "", "", false},
		{"remote", "/elsewhere.sock", setUp, "", true},
		{"remote", "/elsewhere.sock", setUp + tests, "", false},
		{"docker-container", "/var/run/docker.sock", "", "", true},
		{"remote", ours, setUp, `buildkit_config >"$state/buildkitd.toml"; `, true},
		{
			"remote",
			ours,
			setUp,
			`buildkit_config | grep -v odin-release.engine >"$state/buildkitd.toml"; `,
			false,
		}, // it runs with another configuration
	} {
		docker := "#!/bin/sh\n[ \"$1\" = buildx ] || exec echo 29.0\ncat <<'END'\n" + fmt.Sprintf(
			shown,
			each.driver,
			each.socket,
			each.labels,
		) + "END\n"
		if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(docker), 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := run(
			t,
			env,
			each.before+"if all_there; then echo yes; else echo no; fi",
		); err != nil ||
			(out == "yes\n") != each.there {
			t.Errorf("%+v: %q, %v", each, out, err)
		}
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
