//go:build scenario

package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	client "github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// childCheck is the environment variable with the check of a child process that is to
// be killed.
const childCheck = "ODIN_VERIFY_CHILD"

// runs is where verifications keep temporary files; childRuns tells the child.
var runs = filepath.Join(os.TempDir(), fmt.Sprintf("odin-verify-test-%d", os.Getpid()))

const childRuns = "ODIN_VERIFY_RUNS"

// TestMain runs the check in the child process, which TestScenarioVerifyInterrupted
// kills.
func TestMain(m *testing.M) {
	encoded := os.Getenv(childCheck)
	if encoded == "" {
		code := m.Run()
		_ = os.RemoveAll(runs)
		os.Exit(code)
	}
	runs = os.Getenv(childRuns)
	var check verify.Check
	if err := json.Unmarshal([]byte(encoded), &check); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, _, err := attempt(ctx, check)
	panic(fmt.Sprintf("it was not killed: %v", err))
}

// testApp is testdata/app as a layer for each architecture, and the registry for its
// images.
type testApp struct {
	host   string // of the registry
	layers map[string]v1.Layer
}

func buildApp(t *testing.T, host string, architectures ...string) testApp {
	t.Helper()
	nobody, err := tinyapp.Pack([]byte("nobody can run this"))
	if err != nil {
		t.Fatal(err)
	}
	built := testApp{host, map[string]v1.Layer{"s390x": nobody}}
	for _, architecture := range architectures {
		built.layers[architecture] = tinyapp.Layer(t, architecture)
	}
	return built
}

func newRegistry(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// push pushes an image of the app with that environment to the registry and returns its
// digest.
func (a testApp) push(t *testing.T, repository, architecture string, env ...string) string {
	t.Helper()
	whole := tinyapp.Image(t, "linux/"+architecture, a.layers[architecture], env...)
	digest, err := whole.Digest()
	if err != nil {
		t.Fatal(err)
	}
	at, err := name.NewDigest(a.host + "/" + repository + "@" + digest.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(at, whole); err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// check returns the check of an image as version 1.7.3.
func (a testApp) check(repository, architecture, digest string) verify.Check {
	return verify.Check{
		Repository: a.host + "/" + repository,
		Digest:     digest,
		Platform:   "linux/" + architecture,
		Version:    "1.7.3",
		Config: app.Verify{
			Port:   8000,
			Health: "/health",
			Page:   app.Optional[string]{Value: "/"},
			Volume: app.Optional[string]{
				Value: "/data",
			},
			Processes: app.Optional[[]string]{Value: []string{"/app", "status"}},
			Probe:     app.Probe{Path: "/records", Body: `{"name": "kept", "slots": 4}`},
			Timeout:   app.Duration(40 * time.Second),
			Settle:    app.Duration(time.Second),
		},
	}
}

// lines is a log that stores its lines.
type lines struct {
	mu    sync.Mutex
	told  []string
	shown bytes.Buffer // tools' output
}

func (l *lines) Infof(format string, args ...any) { l.add("info: "+format, args...) }
func (l *lines) Warnf(format string, args ...any) { l.add("warning: "+format, args...) }

func (l *lines) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, fmt.Sprintf(format, args...))
}

func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.told, "\n")
}

func attempt(ctx context.Context, check verify.Check) (verify.Health, *lines, error) {
	told := &lines{}
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: run.Locked(&told.shown)}
	temporary := scratch.New(runs, told.Warnf)
	health, err := verify.Image(ctx, runner, temporary, told, check)
	if err := temporary.Close(); err != nil {
		panic(err)
	}
	return health, told, err
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	// The test's own context has ended when this cleans up.
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// left lists what verifications of an image left in the engine.
func left(t *testing.T, check verify.Check) string {
	t.Helper()
	label := "label=io.github.hughkantsime.odin-release.verify=" + check.Repository + "@" + check.Digest
	return strings.TrimSpace(
		docker(
			t,
			"ps",
			"--all",
			"--quiet",
			"--filter",
			label,
		) + "\n" + docker(
			t,
			"volume",
			"ls",
			"--quiet",
			"--filter",
			label,
		) +
			docker(
				t,
				"network",
				"ls",
				"--quiet",
				"--filter",
				label,
			) +
			"\n" + docker(
			t,
			"image",
			"ls",
			"--quiet",
			check.Repository,
		),
	)
}

func TestScenarioVerify(t *testing.T) {
	own := runtime.GOARCH
	emulated := map[string]string{"amd64": "arm64", "arm64": "amd64"}[own]
	built := buildApp(t, newRegistry(t), own, emulated)
	good := []string{"VERSION=1.7.3", "PAGE=1.7.3"}
	old := []string{"VERSION=1.7.2", "PAGE=1.7.2"}
	for _, each := range []struct {
		name         string
		broken       bool                // its program is none
		architecture string              // own, if ""
		env          []string            // beside that of a good image; a later entry wins
		previous     []string            // environment of the previous image; nil for none
		change       func(*verify.Check) // of the check
		err          string              // in the error; healthy if ""
		upgraded     string              // the version that it was upgraded from
		unproven     string              // the version that does not work itself
		back         string              // why there is no way back to that version
		told         string              // in the log
		shown        string              // in the tools' output
		cause        error               // of the error
	}{
		{name: "healthy", told: "info: linux/" + own + ": healthy as 1.7.3 after "},
		{name: "emulated", architecture: emulated, previous: old, upgraded: "1.7.2"},
		{
			name:     "upgraded",
			previous: old,
			upgraded: "1.7.2",
			told:     "info: linux/" + own + ": upgraded from 1.7.2, the probe record is there",
		},
		{
			name:     "way back",
			previous: old,
			upgraded: "1.7.2",
			told:     "info: linux/" + own + ": 1.7.2 reads and writes on the data that 1.7.3 has migrated",
		},
		{
			name: "no way back", env: []string{"FORMAT=2"}, previous: old, upgraded: "1.7.2",
			back: "the container exited with code 4; its log ends: starting on /app; " +
				"the data has a format that this version does not know",
			told:  "warning: linux/" + own + ": THERE IS NO WAY BACK TO 1.7.2 WITHOUT A BACKUP: the container exited",
			shown: "image:verify │ the data has a format that this version does not know\n",
		},
		{
			name: "no way back under supervisord", env: []string{"FORMAT=2"}, upgraded: "1.7.2",
			previous: append([]string{"STUCK=1"}, old...),
			back: "the program monitor is BACKOFF (Exited too quickly (process log may have details)), " +
				`expected RUNNING; /health answered 503 {"status": "ok", "version": "1.7.2"}, expected 200; ` +
				"its log ends: starting on /app",
		},
		{name: "upgraded without a record", previous: old, upgraded: "1.7.2",
			told:   "no probe record to look for: read-only",
			change: func(c *verify.Check) { c.Config.Probe.Absent = "read-only" }},
		{
			name:   "no supervisord",
			env:    []string{"FATAL=1"},
			change: func(c *verify.Check) { c.Config.Processes.Absent = "one program" },
		},
		{name: "never healthy", env: []string{"NEVER=1"}, shown: "image:verify │ starting on /app\n",
			change: func(c *verify.Check) { c.Config.Timeout = app.Duration(2 * time.Second) },
			err: `not healthy within 2s (verify.timeout): /health answered 503 {"status": "ok", "version": ` +
				`"1.7.3"}, expected 200; its log ends: starting on /app`},
		{
			name: "another version",
			env:  []string{"VERSION=1.7.30"},
			err:  `reports version "1.7.30", expected "1.7.3"; its log ends`,
		},
		{name: "exits", env: []string{"EXITS=1"}, shown: "image:verify │ no such table: printers\n",
			err: "the container exited with code 4; its log ends: "},
		{name: "dies soon", env: []string{
			"DIES_AFTER=5s",
		}, change: func(c *verify.Check) { c.Config.Settle = app.Duration(time.Minute) },
			err: "it became healthy but did not stay healthy: the container exited with code 5; its log ends: " +
				"starting on /app; a sudden end"},
		{
			name: "a program in FATAL",
			env:  []string{"FATAL=1"},
			err:  "the program monitor is FATAL (Exited too quickly (process log may have details)), expected RUNNING",
		},
		{
			name: "a program that restarts",
			env:  []string{"PIDS=change"},
			err:  "did not stay healthy: the program api was restarted",
		},
		{
			name:   "no supervisorctl",
			change: func(c *verify.Check) { c.Config.Processes.Value = []string{"/no-such-program"} },
			err:    "(verify.processes): docker exec exited with code",
		},
		{
			name: "frontend of another version",
			env:  []string{"PAGE=1.7.30"},
			err:  "the frontend does not contain version 1.7.3; searched /, /assets/app.js (200)",
		},
		{
			name:     "data lost",
			env:      []string{"FORGETS=1"},
			previous: old,
			err:      "upgraded from 1.7.2: look for verify.probe: GET /records answered 200",
		},
		{
			name:     "previous does not start",
			unproven: "1.7.2",
			previous: []string{"EXITS=1"},
			told:     "warning: linux/" + own + ": THE UPGRADE FROM 1.7.2 IS NOT VERIFIED",
		},
		{name: "previous takes no record", previous: old, change: func(c *verify.Check) {
			c.Config.Probe.Path = "/nowhere"
		},
			err: "prepare the data of 1.7.2 for the upgrade: look for verify.probe: GET /nowhere answered 200"},
		{name: "previous cannot be pulled", err: "prepare the data of 1.7.2 for the upgrade: pull ",
			change: func(c *verify.Check) {
				c.Previous = &verify.Previous{Version: "1.7.2", Digest: "sha256:" + strings.Repeat("0", 64)}
			}},
		{
			name:   "not in the registry",
			change: func(c *verify.Check) { c.Digest = "sha256:" + strings.Repeat("0", 64) },
			err:    "manifest unknown",
		},
		{
			name:   "another platform's",
			change: func(c *verify.Check) { c.Platform = "linux/" + emulated },
			err:    "platform",
		},
		{
			name:         "no emulator",
			architecture: "s390x",
			cause:        verify.ErrCannotStart,
			err:          "image:verify: linux/s390x: this machine cannot start the platform",
		},
		{name: "no program for the own platform", broken: true, err: "exec format error"},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			repository := strings.ToLower(strings.NewReplacer(" ", "-", "'", "").Replace(each.name))
			architecture := each.architecture
			if architecture == "" {
				architecture = own
			}
			built := built
			if each.broken {
				built.layers = map[string]v1.Layer{architecture: built.layers["s390x"]}
			}
			check := built.check(
				repository,
				architecture,
				built.push(t, repository, architecture, slices.Concat(good, each.env)...),
			)
			if each.previous != nil {
				check.Previous = &verify.Previous{
					Version: "1.7.2",
					Digest:  built.push(t, repository, architecture, each.previous...),
				}
			}
			if each.change != nil {
				each.change(&check)
			}
			health, told, err := attempt(t.Context(), check)
			switch {
			case each.err == "" && err != nil,
				each.err != "" && (err == nil || !strings.Contains(err.Error(), each.err)):
				t.Errorf("error %v, expected %q", err, each.err)
			case err != nil && strings.Contains(err.Error(), "\n"):
				t.Errorf("an error of several lines: %v", err)
			case errors.Is(err, verify.ErrCannotStart) != (each.cause != nil):
				t.Errorf("cause of %v", err)
			case err == nil && health != verify.Health{
				Platform: check.Platform,
				Digest:   check.Digest,
				Upgraded: each.upgraded,
				Unproven: each.unproven,
				Back:     backOf(each.upgraded, each.unproven, each.back),
			}:
				t.Errorf("%+v", health)
			}
			if !strings.Contains(told.all(), each.told) || !strings.Contains(told.shown.String(), each.shown) {
				t.Errorf("told %q and %q, shown %q and %q", told.all(), each.told, told.shown.String(), each.shown)
			}
			if rest := left(t, check); rest != "" {
				t.Errorf("left behind: %s", rest)
			}
			t.Logf("%v %s", err, told.all())
		})
	}
}

// backOf returns the verdict on going back to the version that was upgraded from, or that does not
// work itself.
func backOf(upgraded, unproven, why string) verify.Back {
	switch {
	case why != "":
		return verify.Back{Verdict: verify.Irreversible, To: upgraded, Why: why}
	case upgraded != "":
		return verify.Back{Verdict: verify.Reversible, To: upgraded}
	case unproven != "":
		return verify.Back{Verdict: verify.NoVerdict, To: unproven, Why: "its own image fails"}
	}
	return verify.Back{Verdict: verify.NoVerdict, Why: "it is the first release"}
}

// TestScenarioVerifyInterrupted: a cancelled verification removes what it created at
// once, the leftovers of a killed one are removed when any target starts, and one that
// is still running is left alone.
func TestScenarioVerifyInterrupted(t *testing.T) {
	built := buildApp(t, newRegistry(t), runtime.GOARCH)
	stuck := built.check("stuck", runtime.GOARCH, built.push(t, "stuck", runtime.GOARCH, "NEVER=1"))
	stuck.Config.Needs, stuck.Database = []string{"postgresql"}, "postgres:15"
	other := built.check("other", runtime.GOARCH, built.push(t, "other", runtime.GOARCH, "VERSION=1.7.3", "PAGE=1.7.3"))
	running := "label=io.github.hughkantsime.odin-release.verify=" + stuck.Repository + "@" + stuck.Digest
	waitForContainer := func() {
		t.Helper()
		for range 300 {
			if docker(t, "ps", "--quiet", "--filter", running) != "" {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatal("no container was started")
	}

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, _, err := attempt(ctx, stuck); ended <- err }()
	waitForContainer()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if rest := left(t, stuck); rest != "" {
		t.Errorf("left behind: %s", rest)
	}

	encoded, err := json.Marshal(stuck)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childCheck+"="+string(encoded), childRuns+"="+runs)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill() })
	waitForContainer()
	for _, alive := range []bool{true, false} {
		if !alive {
			_ = child.Process.Kill()
			_ = child.Wait()
			if left(t, stuck) == "" {
				t.Error("a kill left nothing: this test shows nothing")
			}
		}
		told := &lines{}
		scratch.New(runs, told.Warnf).Sweep(t.Context(), &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard})
		if found := left(t, stuck); (found != "") != alive || told.all() != "" {
			t.Errorf("the other process is alive: %v; in the engine: %q; %s", alive, found, told.all())
		}
		if entries, err := os.ReadDir(runs); (len(entries) > 0) != alive {
			t.Errorf("the other process is alive: %v; its folders: %v, %v", alive, entries, err)
		}
	}

	// Leftovers whose folder is gone too, with all of the cache, are removed the next
	// time that the engine is used; those of another machine are left alone.
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	lost := docker(t, "volume", "create", "--label", scratch.OwnerLabel+"="+host+":/no/such/folder")
	foreign := docker(t, "volume", "create", "--label", scratch.OwnerLabel+"=another"+host+":/no/such/folder")
	defer docker(t, "volume", "rm", foreign)
	if _, told, err := attempt(t.Context(), other); err != nil {
		t.Errorf("error %v\n%s", err, told.all())
	}
	if found := docker(
		t,
		"volume",
		"ls",
		"--quiet",
	); strings.Contains(found, lost) ||
		!strings.Contains(found, foreign) {
		t.Errorf(
			"the volume %s of this machine is still there, or that of another, %s, is not:\n%s",
			lost,
			foreign,
			found,
		)
	}
}

// TestScenarioVerifyCredential pulls from a registry with a password, and meanwhile
// searches every command line and every new file for the password.
func TestScenarioVerifyCredential(t *testing.T) {
	const password = "correct-horse-battery"
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var mu sync.Mutex
	var seen []string
	asked := 0
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, given, _ := r.BasicAuth()
		if r.Method != http.MethodGet && r.Method != http.MethodHead || user == "ada" && given == password {
			if given == password {
				mu.Lock()
				asked++
				seen = append(seen, find(temporary, password)...)
				mu.Unlock()
			}
			inner.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	open := httptest.NewServer(inner) // another way to the same content
	defer open.Close()
	built := buildApp(t, strings.TrimPrefix(open.URL, "http://"), runtime.GOARCH)
	digest := built.push(t, "private", runtime.GOARCH, "VERSION=1.7.3", "PAGE=1.7.3")
	built.host = strings.TrimPrefix(server.URL, "http://")
	check := built.check("private", runtime.GOARCH, digest)
	for given, want := range map[string]string{password: "", "wrong-" + password: "docker pull", "": "docker pull"} {
		check.Credential = &client.Credential{User: "ada", Password: given}
		if given == "" {
			check.Credential = nil
		}
		_, told, err := attempt(t.Context(), check)
		said := fmt.Sprint(err, told.all(), told.shown.String())
		if (err == nil) != (want == "") || !strings.Contains(said, want) || strings.Contains(said, password) {
			t.Errorf("%q: %s", given, said)
		}
		if rest := left(t, check); rest != "" {
			t.Errorf("left behind: %s", rest)
		}
	}
	if asked == 0 || len(seen) > 0 {
		t.Errorf("asked %d times, the password was in %v", asked, seen)
	}
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// find lists the command lines and the files below dir that contain a text.
func find(dir, secret string) []string {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	var with []string
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && bytes.Contains(data, []byte(secret)) {
			with = append(with, file)
		}
	}
	return with
}

func TestScenarioCanRun(t *testing.T) {
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
	if err := verify.CanRun(t.Context(), runner); err != nil {
		t.Error(err)
	}
	runner.Env = append(runner.Env, "DOCKER_HOST=unix:///no/such.sock")
	if err := verify.CanRun(
		t.Context(),
		runner,
	); err == nil || !strings.Contains(err.Error(), "cannot reach a container engine: ") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
