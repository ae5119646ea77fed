//go:build scenario

package targets_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioSecrets publishes with secrets that nobody else has, at log level
// trace, in success and in all kinds of failure: none of them shows in what the
// pipeline prints, in a file that it leaves, in an argument of any process, or
// in the environment of another program.
func TestScenarioSecrets(t *testing.T) {
	t.Parallel()
	c := newCanaries()
	seen := c.watch(t)
	defer seen.end(t)
	var group errgroup.Group
	group.Go(func() error { t.Run("success", func(t *testing.T) { c.succeeds(t) }); return nil })
	group.Go(func() error { t.Run("unhealthy", func(t *testing.T) { c.unhealthy(t) }); return nil })

	built := newScene(t, script{keys: c.keys, pretended: true})
	published := built.copied(t, nil)
	c.keeps(t, published, "publish")
	proven := published.copied(t, nil)
	proven.prove(t)
	group.Go(func() error { t.Run("echo", func(t *testing.T) { c.echoes(t, built, published, proven) }); return nil })
	for name, each := range map[string]course{"publish": {
		built,
		"publish",
		0,
		longTroubles,
	}, "verify": {published, "postRelease", 1, nil},
		"postRelease": {proven, "postRelease", 0, longTroubles}} {
		group.Go(func() error { t.Run(name, func(t *testing.T) { c.faults(t, each) }); return nil })
	}
	_ = group.Wait()
}

func (c canaries) succeeds(t *testing.T) {
	t.Helper()
	s := newScene(t, script{keys: c.keys})
	for _, target := range []string{"publish", "postRelease"} {
		if result := c.keeps(t, s, target); result.code != 0 || !strings.Contains(result.stdout, "trace: ") {
			t.Errorf("%s: exit code %d, %s", target, result.code, result.stderr)
		}
	}
}

// TestScenarioTagPushesWithToken: the git that tags and pushes has the token,
// which its credential helper may need, and none has the webhook.
func TestScenarioTagPushesWithToken(t *testing.T) {
	t.Parallel()
	c := newCanaries()
	s := newScene(t, script{keys: c.keys, pretended: true})
	testkit.Git(t, s.dir(), "remote", "set-url", "origin", filepath.Join(s.base, "origin.git"))
	change(t, s.dir(), "README.md", "", "Shelves.\n")
	commitAll(t, s.dir(), "feat: more shelves")
	testkit.Git(t, s.dir(), "push", "--quiet", "origin", "main")
	handed := s.spyOnTools(t)
	testkit.Git(t, s.dir(), "config", "user.name", "Ada")
	testkit.Git(t, s.dir(), "config", "user.email", "ada@example.org")
	env := append(s.environ(t), "PATH="+handed+string(os.PathListSeparator)+os.Getenv("PATH"))
	if result := pipeline(t, s.dir(), env, "tag", "-tag=v1.8.0", "-yes"); result.code != 0 {
		t.Fatalf("exit code %d, %s", result.code, result.stderr)
	}
	calls, _ := filepath.Glob(filepath.Join(handed, "git.*")) // the pattern is fixed
	with := map[string]int{}
	for _, call := range calls {
		text, err := os.ReadFile(call)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range c.in(text) {
			with[name]++
			if name == "token" && bytes.Contains(text, []byte("\x00push\x00")) {
				with["push"]++
			}
		}
	}
	if with["push"] != 1 || with["token"] == len(calls) || with["webhook"] > 0 {
		t.Errorf("of %d calls of git there were with secrets: %v", len(calls), with)
	}
}

func (c canaries) unhealthy(t *testing.T) {
	t.Helper()
	s := newScene(t, script{keys: c.keys, env: []string{"NEVER=1"}, timeout: "3s"})
	if result := c.keeps(t, s, "publish"); result.code != 0 {
		t.Errorf("publish: exit code %d, %s", result.code, result.stderr)
	}
	if result := c.keeps(t, s, "postRelease"); result.code == 0 {
		t.Error("an unhealthy image was released")
	}
}

// keeps runs a target and looks for secrets in all that it left.
func (c canaries) keeps(t *testing.T, s *scene, target string) ended {
	t.Helper()
	handed := s.spyOnTools(t)
	result := pipeline(
		t,
		s.dir(),
		append(s.environ(t), "LOG_LEVEL=trace", "PATH="+handed+string(os.PathListSeparator)+os.Getenv("PATH"),
			"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+filepath.Join(s.base, "home", "summary.md")),
		target,
	)
	for what, text := range map[string]string{"stdout": result.stdout, "stderr": result.stderr} {
		for _, name := range c.in([]byte(text)) {
			t.Errorf("%s: %s in %s:\n%s", target, name, what, text)
		}
	}
	for _, dir := range []string{s.dir(), filepath.Join(s.base, "home"), filepath.Join(s.base, "tmp"), handed} {
		for _, found := range c.below(dir) {
			t.Errorf("%s: %s", target, found)
		}
	}
	return result
}

// spyOnTools puts programs before git and docker that write down what they are
// handed: those two live too short for a look at the processes to be sure.
func (s *scene) spyOnTools(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, tool := range []string{"git", "docker"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		change(
			t,
			dir,
			tool,
			"",
			fmt.Sprintf(
				"#!/bin/sh\ncat /proc/$$/environ /proc/$$/cmdline > '%s'/%s.$$\nexec '%s' \"$@\"\n",
				dir,
				tool,
				path,
			),
		)
		if err := os.Chmod(filepath.Join(dir, tool), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The ways in which a request goes wrong.
var troubles = []testkit.Trouble{
	testkit.InternalError,
	testkit.BadGateway,
	testkit.TooManyRequests,
	testkit.ShortLimit,
	testkit.ConnectionClosed,
	testkit.Truncated,
	testkit.LostByClose,
}

// Those that take long: half a minute until nothing more is waited for, and the
// minute that GitHub wants to be left alone for if it names no time.
var longTroubles = []testkit.Trouble{testkit.TimeOut, testkit.SecondaryLimit}

// course is a target that is run from a scene, how it ends undisturbed, and
// which of the long troubles it meets.
type course struct {
	from   *scene
	target string
	code   int
	long   []testkit.Trouble
}

// faults runs a target once for each kind of trouble and each of some requests
// that are spread over all that the target makes.
func (c canaries) faults(t *testing.T, of course) {
	t.Helper()
	spread := int64(5)
	if !testkit.All() {
		spread, of.long = 1, nil
	}
	var all atomic.Int64
	if result := c.keeps(
		t,
		of.from.copied(t, counting(&all, 0, testkit.Trouble{})),
		of.target,
	); result.code != of.code {
		t.Fatalf("undisturbed: exit code %d, %s", result.code, result.stderr)
	}
	requests := all.Load()
	if of.code != 0 {
		requests = requests * 2 / 3 // platforms are pulled side by side: how many come last varies
	}
	var group, long errgroup.Group
	group.SetLimit(5)
	var hit atomic.Int64
	play := func(trouble testkit.Trouble, at int64) func() error {
		return func() error {
			t.Run(fmt.Sprintf("%s at %d of %d", trouble.Name, at, requests), func(t *testing.T) {
				var count atomic.Int64
				c.keeps(t, of.from.copied(t, counting(&count, at, trouble)), of.target)
				if count.Load() >= at {
					hit.Add(1)
				}
			})
			return nil
		}
	}
	for i, trouble := range of.long {
		long.Go(play(trouble, requests*int64(i+1)/3))
	}
	for i, trouble := range troubles {
		for k := range spread {
			group.Go(play(trouble, 1+(int64(i)*requests/int64(len(troubles))+k*requests/spread)%requests))
		}
	}
	_, _ = group.Wait(), long.Wait()
	if want := spread*int64(len(troubles)) + int64(len(of.long)); hit.Load() != want {
		t.Errorf("%d of %d faults were met", hit.Load(), want)
	}
	t.Logf("%d faults, spread over %d requests", hit.Load(), requests)
}

// counting counts requests, and makes one of them go wrong.
func counting(count *atomic.Int64, at int64, trouble testkit.Trouble) func(string, http.Handler) http.Handler {
	return func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count.Add(1) != at {
				next.ServeHTTP(w, r)
				return
			}
			trouble.Wrap(next).ServeHTTP(w, r)
		})
	}
}
