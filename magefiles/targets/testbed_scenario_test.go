//go:build scenario

package targets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestNightlyTestBedInterrupt stops scripts/testbed while it compiles tools
// and makes base images, in a state of its own: nothing of it goes on.
func TestNightlyTestBedInterrupt(t *testing.T) {
	dir, id := t.TempDir(), fmt.Sprintf("ODIN_SCENARIO=%d", time.Now().UnixNano())
	env := append(run.Environ(os.Environ()), id, "HOME="+dir,
		"ODIN_ENGINE_STATE="+filepath.Join(dir, "state"), "ODIN_ENGINE_CACHE="+filepath.Join(dir, "cache"))
	var out syncBuffer
	runner := &run.Runner{Env: env, Out: &out}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := runner.Run(
			ctx,
			run.Command{For: "scenario", Grace: 4 * time.Second, Args: []string{"../../scripts/testbed", "always"}},
		)
		done <- err
	}()
	waitFor(t, &out, "making base images")
	for range 100 {
		if strings.Contains(processes(id), "mmdebstrap") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if running := processes(id); !strings.Contains(running, "mmdebstrap") || !strings.Contains(running, "go") {
		t.Fatalf("not in the middle of it:\n%s\n%s", running, out.String())
	}
	start := time.Now()
	cancel()
	if err := <-done; err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	settle(t, "processes", "", func() string { return processes(id) })
}

// TestScenarioTestBed starts a test bed's BuildKit of its own, by a PATH and a
// TMPDIR that are gone after that. It builds all the same, what it builds says
// that it is not for release, and only a rehearsal takes that.
func TestScenarioTestBed(t *testing.T) {
	t.Parallel()
	home, env := aloneBuilder(t)
	l := newLines(t)
	world, err := standin.Open(
		context.WithoutCancel(t.Context()),
		standin.Options{Dir: filepath.Join(t.TempDir(), "world"), Repository: sceneRepository,
			Git: l.remote, Token: plainKeys.token, Webhook: plainKeys.webhook, Run: testkit.Runner()},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	login, err := json.Marshal(map[string]any{"auths": auths(world.Registry(), plainKeys.token)})
	if err != nil {
		t.Fatal(err)
	}
	change(t, home, ".docker/config.json", "", string(login))
	change(t, l.dir, "release.yaml", "ghcr.io/hughkantsime/runsodin", world.Registry()+"/"+sceneRepository)
	// RUN takes what BuildKit finds in its PATH.
	change(t, l.dir, "Dockerfile", "ENTRYPOINT", "RUN [\"/app\", \"status\"]\nENTRYPOINT")
	l.git("commit", "--quiet", "--all", "--message", "fix: ask the app for its status")
	l.git("tag", "v2.0.1")
	l.git("push", "--quiet", "origin", "main", "--tags")
	in := func(code int, more []string, args ...string) ended {
		t.Helper()
		result := pipeline(t, l.dir, append(slices.Clone(env), more...), args...)
		if result.code != code {
			t.Fatalf("%v ended with code %d\n%s%s", args, result.code, result.stdout, result.stderr)
		}
		return result
	}
	const reason = "not for release: its base images are equivalents of the official ones, made for tests; build " +
		"with a builder"
	dist := filepath.Join(l.dir, "dist")

	built := in(0, nil, "build")
	for _, what := range []string{"what the builder odin-release-testbed builds is ", "image.oci is "} {
		if want := "Warning: " + what + reason; !strings.Contains(built.stdout, want) {
			t.Errorf("build does not say %q:\n%s", want, built.stdout)
		}
	}
	// A GitHub that is known by a name is no stand-in's, whatever the name leads to.
	keys := []string{
		"GITHUB_REPOSITORY=" + sceneRepository,
		"GITHUB_TOKEN=" + plainKeys.token,
		"DISCORD_WEBHOOK_URL=" + world.Webhook(),
		"GITHUB_API_URL=" + strings.Replace(world.GitHub(), "127.0.0.1", "localhost", 1),
	}
	for _, each := range []struct{ target, want string }{
		{"publish", "Error: publish failed: image.oci is " + reason},
		{"release", "Error: plan failed: what the builder odin-release-testbed builds is " + reason},
		{"preflight", "base images: what the builder odin-release-testbed builds is " + reason},
	} {
		if refused := in(1, keys, each.target); !strings.Contains(refused.stderr, each.want) {
			t.Errorf("%s: %q, expected %q", each.target, refused.stderr, each.want)
		}
	}

	// It travels as a part, and the builder does not.
	platform := "linux/" + runtime.GOARCH
	part := in(0, []string{"GITHUB_ACTIONS=true"}, "image:build", "-platform="+platform)
	if want := "::warning title=build::what the builder odin-release-testbed builds is " + reason; !strings.Contains(
		part.stderr,
		want,
	) {
		t.Errorf("%q, expected %q", part.stderr, want)
	}
	kept := filepath.Join(t.TempDir(), "parts")
	if err := os.Rename(filepath.Join(dist, "parts"), kept); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dist); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dist, "parts"), os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{"HOME=" + t.TempDir()}
	in(0, elsewhere, "assemble")
	for _, target := range []string{"publish", "preflight"} {
		refused := in(1, append(elsewhere, keys...), target)
		if want := "image.oci is " + reason; !strings.Contains(refused.stderr, want) {
			t.Errorf("%s: %q, expected %q", target, refused.stderr, want)
		}
	}
	if state, err := world.State(t.Context()); err != nil || len(state.Registry) > 0 || len(state.GitHub.Releases) > 0 {
		t.Errorf("something was published: %+v, %v", state, err)
	}
	in(0, nil, "rehearse")
}

// aloneBuilder starts a registry and a BuildKit as scripts/testbed does, with a
// state of their own, and gives the home that knows their builder, and the environment for it.
func aloneBuilder(t *testing.T) (string, []string) {
	t.Helper()
	home, bin, temporary := t.TempDir(), pathWithout(t), t.TempDir()
	env := []string{"HOME=" + home, "ODIN_ENGINE_STATE=" + filepath.Join(home, "state")}
	script := func(ctx context.Context, more []string, commands string) {
		t.Helper()
		args := slices.Concat(
			[]string{"env", "PATH=" + os.Getenv("PATH")},
			env,
			more,
			[]string{"bash", "-c", "source ../../scripts/testbed; take_lock; " + commands},
		)
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n", "-E"}, args...)
		}
		command := exec.CommandContext(ctx, args[0], args[1:]...)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", commands, err, out)
		}
	}
	t.Cleanup(func() {
		script(context.WithoutCancel(t.Context()), nil, `halt testbed-buildkitd; halt registry; rm -rf "$state"`)
	})
	script(
		t.Context(),
		[]string{"PATH=" + bin, "TMPDIR=" + temporary},
		"start_tools; finish_jobs; start_registry; start_buildkit",
	)
	for _, gone := range []string{bin, temporary} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
	}
	return home, env
}
