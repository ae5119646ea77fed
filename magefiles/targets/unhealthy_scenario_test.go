//go:build scenario

package targets_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioHealth publishes a good image, and images that must not be promoted: the version
// and a draft with all files are there, and nobody is told anything, however
// often it is tried.
func TestScenarioHealth(t *testing.T) {
	t.Parallel()
	t.Run("healthy", func(t *testing.T) {
		t.Parallel()
		promotes(t)
	})
	for _, each := range []struct {
		name string
		from script
		err  []string // in the error
		file string   // what a person reads at the end, below testdata
	}{
		{"never healthy", script{env: []string{"NEVER=1"}, timeout: "3s"},
			[]string{
				"not healthy within 3s (verify.timeout): /health answered 503",
				"; its log ends: starting on /app",
			}, "unhealthy.txt"},
		{"another version", script{env: []string{"VERSION=1.7.30"}},
			[]string{`reports version "1.7.30", expected "1.7.3"`, "; its log ends: starting on /app"}, ""},
		{"dies after 5 s", script{env: []string{"DIES_AFTER=5s"}, settle: "60s"},
			[]string{"the container exited with code 5; its log ends: starting on /app; a sudden end"}, ""},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, each.from)
			before := s.state(t)
			if published := s.run(t, "publish"); published.code != 0 {
				t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
			}
			var first ended
			var after standin.State
			for attempt := range 2 {
				result := s.run(t, "postRelease")
				state := s.state(t)
				if result.code == 0 || !strings.HasPrefix(result.stderr, "Error: ") {
					t.Errorf("attempt %d: exit code %d, stderr %s", attempt, result.code, result.stderr)
				}
				for _, text := range each.err {
					if !strings.Contains(result.stderr, text) {
						t.Errorf("attempt %d: stderr has no %q: %s", attempt, text, result.stderr)
					}
				}
				s.untouched(t, before, state)
				s.nothingLeft(t)
				if attempt == 0 {
					first, after = result, state
					continue
				}
				if diff := cmp.Diff(after, state); diff != "" {
					t.Errorf("the second attempt changed something (-first +second):\n%s", diff)
				}
			}
			if each.file != "" {
				testkit.Golden(t, filepath.Join("testdata", each.file), read(first))
			}
		})
	}
}

// An image that lacks a platform is refused before it is pushed.
func TestScenarioLacksPlatform(t *testing.T) {
	t.Parallel()
	s := newScene(t, script{platforms: []string{"linux/amd64"}})
	before := s.state(t)
	result := s.run(t, "publish")
	if result.code == 0 ||
		!strings.HasPrefix(result.stderr, "Error: publish failed: image.oci has no image for linux/arm64: run build") {
		t.Errorf("exit code %d, %s", result.code, result.stderr)
	}
	if diff := cmp.Diff(before, s.state(t)); diff != "" {
		t.Errorf("it was published (-before +after):\n%s", diff)
	}
}

// untouched checks that a release is a draft, and that all else is as before.
func (s *scene) untouched(t *testing.T, before, now standin.State) {
	t.Helper()
	if tag := tagged(now, "1.7.3"); tag != "" {
		t.Errorf("1.7.3 is %s, expected no such tag", tag)
	}
	if tagged(now, "latest") != tagged(before, "latest") || tagged(now, "latest") == "" || badge(now) != "v1.7.2" {
		t.Errorf(
			"latest is %q, before it was %q; the badge is %q",
			tagged(now, "latest"),
			tagged(before, "latest"),
			badge(now),
		)
	}
	draft := releaseOf(t, now, "v1.7.3")
	if draft == nil || !draft.Draft {
		t.Fatalf("no draft of v1.7.3: %+v", draft)
	}
	var names []string
	for _, asset := range draft.Assets {
		if asset.State != "uploaded" || asset.Size == 0 {
			t.Errorf("half an asset: %+v", asset)
		}
		names = append(names, asset.Name)
	}
	if want := []string{"checksums.txt", "sbom.spdx.json"}; !slices.Equal(names, want) {
		t.Errorf("assets %v, expected %v", names, want)
	}
	// Without what publish brings, everything is as it was.
	now.Registry, now.GitHub.Releases = before.Registry, before.GitHub.Releases
	now.GitHub.Records = before.GitHub.Records
	if diff := cmp.Diff(before, now); diff != "" {
		t.Errorf("told too early (-before +now):\n%s", diff)
	}
}

// nothingLeft checks that the engine has nothing of the scene any more.
func (s *scene) nothingLeft(t *testing.T) {
	t.Helper()
	const label = "io.github.hughkantsime.odin-release.verify"
	listed := inEngine(
		t,
		"ps",
		"--all",
		"--filter",
		"label="+label,
		"--format",
		fmt.Sprintf("container {{.ID}} {{.Label %q}}", label),
	) + "\n" +
		inEngine(
			t,
			"volume",
			"ls",
			"--filter",
			"label="+label,
			"--format",
			fmt.Sprintf("volume {{.Name}} {{.Label %q}}", label),
		) + "\n" +
		inEngine(
			t,
			"image",
			"ls",
			"--format",
			"image {{.ID}} {{.Repository}}@",
		)
	for line := range strings.Lines(listed) {
		if strings.Contains(line, s.world.Registry()+"/"+sceneRepository+"@") {
			t.Errorf("left in the engine: %s", line)
		}
	}
	if left, err := os.ReadDir(filepath.Join(s.base, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

// promotes checks that what proves healthy is promoted and told, once, and can
// be rolled back.
func promotes(t *testing.T) {
	t.Helper()
	s := newScene(t, script{})
	before := s.state(t)
	for _, target := range []string{"publish", "postRelease", "postRelease"} {
		result := s.run(t, target)
		if result.code != 0 || result.stderr != "" {
			t.Fatalf("%s: exit code %d, %s", target, result.code, result.stderr)
		}
		s.nothingLeft(t)
		if target == "publish" {
			s.untouched(t, before, s.state(t))
			continue
		}
		if strings.Contains(result.stdout, "proven by an earlier run") {
			break
		}
		testkit.Golden(t, "testdata/healthy.txt", read(result))
	}
	out := s.state(t)
	digest := inLayout(t, s.dir())
	if tagged(out, "1.7.3") != digest || tagged(out, "latest") != digest || badge(out) != "v1.7.3" {
		t.Errorf(
			"1.7.3 is %s, latest is %s, expected %s; the badge is %s",
			tagged(out, "1.7.3"),
			tagged(out, "latest"),
			digest,
			badge(out),
		)
	}
	if release := releaseOf(
		t,
		out,
		"v1.7.3",
	); release == nil || release.Draft || len(out.Messages) != 1 ||
		len(out.GitHub.Dispatches) != 1 ||
		out.GitHub.Branches[0].Subject == "feat: shelves" {
		t.Errorf("not out, or not told: %+v", out)
	} else if !strings.Contains(release.Body, "\n## Going back\n\nYou can go back to 1.7.2.\n") {
		t.Errorf("the notes do not tell the way back: %s", release.Body)
	}
	s.planNext(t)
	s.rollback(t, before)
}

// planNext plans the release after v1.7.3: the plan tells the way back from that.
func (s *scene) planNext(t *testing.T) {
	t.Helper()
	next := s.copied(t, nil)
	testkit.Git(t, next.dir(), "commit", "--quiet", "--allow-empty", "--message", "fix: shelves again")
	result := next.run(t, "plan", "-format=markdown")
	if result.code != 0 || !strings.Contains(result.stdout, "| way back | from v1.7.3 to 1.7.2 |") {
		t.Errorf("exit code %d, and no way back:\n%s%s", result.code, result.stdout, result.stderr)
	}
}

// rollback rolls the release back, which leaves latest and the badge where they
// were before; a second time nothing happens.
func (s *scene) rollback(t *testing.T, before standin.State) {
	t.Helper()
	if result := s.run(
		t,
		"rollback",
		"v1.7.3",
	); result.code == 0 ||
		!strings.Contains(result.stderr, "needs a reason") {
		t.Errorf("without a reason: exit code %d, %s", result.code, result.stderr)
	}
	var first standin.State
	for attempt := range 2 {
		result := s.run(t, "rollback", "v1.7.3", "-reason=it loses prints")
		if result.code != 0 || result.stderr != "" {
			t.Fatalf("rollback: exit code %d, %s", result.code, result.stderr)
		}
		now := s.state(t)
		if tagged(now, "latest") != tagged(before, "latest") || badge(now) != "v1.7.2" || tagged(now, "1.7.3") == "" {
			t.Errorf(
				"latest is %s, expected %s; the badge is %s",
				tagged(now, "latest"),
				tagged(before, "latest"),
				badge(now),
			)
		}
		if release := releaseOf(
			t,
			now,
			"v1.7.3",
		); release == nil || release.Name != "v1.7.3 (withdrawn)" ||
			!strings.Contains(release.Body, "it loses prints") {
			t.Errorf("not marked: %+v", release)
		}
		if attempt == 0 {
			first = now
		} else if diff := cmp.Diff(first, now); diff != "" {
			t.Errorf("the second rollback changed something:\n%s", diff)
		}
	}
	if result := s.run(t, "postRelease"); result.code != 0 || tagged(s.state(t), "latest") != tagged(before, "latest") {
		t.Errorf("promoted again after a rollback: exit code %d, %s", result.code, result.stderr)
	}
}

// inLayout returns the digest of the image in an app's dist.
func inLayout(t *testing.T, dir string) string {
	t.Helper()
	built, err := image.Inspect(filepath.Join(dir, "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	return built.Digest
}

var (
	registryPorts  = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)
	eitherPlatform = regexp.MustCompile(`image:verify: linux/(amd64|arm64):`) // the first to fail ends the other
)

// read returns what a person reads at the end of a run: the tables and the error,
// without what differs from run to run.
func read(result ended) string {
	var lines []string
	for line := range strings.Lines(result.stdout) {
		if !unindented(line) {
			lines = append(lines, padding.ReplaceAllString(times.ReplaceAllString(line, "TIME"), "  "))
		}
	}
	text := digests.ReplaceAllString(strings.Join(lines, "")+result.stderr, "DIGEST")
	return eitherPlatform.ReplaceAllString(registryPorts.ReplaceAllString(text, "REGISTRY"), "image:verify: PLATFORM:")
}
