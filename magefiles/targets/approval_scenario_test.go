//go:build scenario

package targets_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// unapproved runs a release that waits for an approval, and gives the digest to approve. Until
// then it stays a draft, which doctor lists.
func (s *scene) unapproved(t *testing.T, keys string) string {
	t.Helper()
	built, err := image.Inspect(filepath.Join(s.dir(), "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range built.Platforms { // as image:verify leaves it
		change(t, s.dir(), "dist/verify/"+strings.ReplaceAll(platform.Name, "/", "-")+".json", "",
			fmt.Sprintf(`{"platform": %q, "digest": %q}`, platform.Name, platform.Digest))
	}
	summary, output := filepath.Join(s.base, "summary"), filepath.Join(s.base, "output")
	shown := pipeline(t, s.dir(), append(s.environ(t), "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary,
		"GITHUB_OUTPUT="+output), "review")
	text, err := os.ReadFile(summary)
	given, outputErr := os.ReadFile(output)
	digest := strings.TrimSpace(strings.TrimPrefix(string(given), "digest="))
	if err := errors.Join(err, outputErr); err != nil || shown.code != 0 || !strings.HasPrefix(digest, "sha256:") {
		t.Fatalf("review: exit code %d, %v, %s, %s", shown.code, err, given, shown.stderr)
	}
	if !inOrder(string(text), "## Approve v1.7.3", "in the environment production", "### Seen healthy", digest,
		"| linux/amd64 | sha256:", "| linux/arm64 | sha256:", "### Release notes", "shelves", "docker pull ") {
		t.Errorf("the summary:\n%s", text)
	}
	for approve, want := range map[string]string{
		"": "v1.7.3 stays a draft: publish.approval wants a person to approve it, and there is no terminal to ask; " +
			"to approve it, run this again with -approve=" + digest + ", or remove the draft with discard v1.7.3",
		"sha256:0": "-approve=sha256:0 approves something else: v1.7.3 is " + digest,
	} {
		refused := s.run(t, "postRelease", "-approve="+approve)
		if release := releaseOf(t, s.state(t), "v1.7.3"); refused.code == 0 || !release.Draft ||
			!strings.Contains(refused.stderr, want) || tagged(s.state(t), "1.7.3") != "" {
			t.Errorf(
				"-approve=%q: exit code %d, draft %t, and nothing says %q: %s",
				approve,
				refused.code,
				release.Draft,
				want,
				refused.stderr,
			)
		}
	}
	listed := s.run(t, "doctor")
	if !inOrder(listed.stdout, "Drafts that were never made public", "v1.7.3", "healthy, not approved", digest,
		"discard v1.7.3") || !strings.Contains(listed.stdout, "approval") {
		t.Errorf("doctor: %s", listed.stdout)
	}
	for _, ends := range []func(*scene, *testing.T){(*scene).approved, (*scene).discarded} {
		other := s.copied(t, nil)
		change(t, other.dir(), "release.yaml", "verify:\n", keys)
		ends(other, t)
	}
	return digest
}

// approved answers the question at a terminal: first with no, then with yes.
func (s *scene) approved(t *testing.T) {
	t.Helper()
	program, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	shell := program + " postRelease; echo no was said; " + program + " postRelease; echo the end; sleep 60"
	terminal := testkit.OpenTerminal(t, 200, s.dir(), s.environ(t), "sh", "-c", shell)
	for _, each := range []struct{ answer, then string }{{"n", "no was said"}, {"y", "the end"}} {
		terminal.Shows(t, "(linux/amd64, linux/arm64)? [y/N]", time.Minute)
		terminal.Tmux(t, "send-keys", each.answer, "Enter")
		terminal.Shows(t, each.then, time.Minute)
		if release := releaseOf(t, s.state(t), "v1.7.3"); release.Draft != (each.answer == "n") {
			t.Errorf("after %s, it is a draft: %t\n%s", each.answer, release.Draft, terminal.Screen(t))
		}
		terminal.Tmux(t, "clear-history")
	}
}

// discarded removes the draft, once that is confirmed, and changes nothing else.
func (s *scene) discarded(t *testing.T) {
	t.Helper()
	asked := s.run(t, "discard", "v1.7.3")
	if want := "to confirm: discard v1.7.3 -yes"; asked.code == 0 || !strings.Contains(asked.stderr, want) ||
		releaseOf(t, s.state(t), "v1.7.3") == nil {
		t.Errorf("discard: exit code %d, and nothing says %q: %s", asked.code, want, asked.stderr)
	}
	for _, want := range []string{"removed the draft v1.7.3", "there is no draft of v1.7.3: nothing to remove"} {
		done := s.run(t, "discard", "v1.7.3", "-yes")
		if done.code != 0 || !strings.Contains(done.stdout, want) {
			t.Errorf("discard: exit code %d, and nothing says %q: %s%s", done.code, want, done.stdout, done.stderr)
		}
	}
	state := s.state(t)
	if releaseOf(t, state, "v1.7.3") != nil || badge(state) != "v1.7.2" || len(state.Registry[0].Attached) > 0 ||
		state.Registry[0].Untagged > 0 {
		t.Errorf("after discard: %+v", state)
	}
	if listed := s.run(t, "doctor"); strings.Contains(listed.stdout, "never made public") {
		t.Errorf("doctor: %s", listed.stdout)
	}
	if refused := s.run(t, "discard", "v1.7.2"); refused.code == 0 ||
		!strings.Contains(refused.stderr, "v1.7.2 is public") {
		t.Errorf("discard of a release: exit code %d, %s", refused.code, refused.stderr)
	}
}
