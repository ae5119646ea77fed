//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// keyFile writes a new key, and its public part, and returns the paths.
func (s *scene) keyFile(t *testing.T, name string) (private, public string) {
	t.Helper()
	key, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	data, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	private, public = filepath.Join(s.base, name+".key"), filepath.Join(s.base, name+".pub")
	for file, content := range map[string][]byte{private: data, public: key.Public.PEM()} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return private, public
}

// TestScenarioSigned signs a release with a key, has it approved, and checks it as somebody does
// who installs the app: with the name of its repository, the tag, and the key. Copies of it are
// approved at a terminal, and discarded.
func TestScenarioSigned(t *testing.T) {
	t.Parallel()
	s := newScene(t, script{pretended: true})
	private, public := s.keyFile(t, "ours")
	_, other := s.keyFile(t, "other")
	keys := "signing: {key: " + private + "}\npublish: {approval: production}\nverify:\n"
	change(t, s.dir(), "release.yaml", "verify:\n", keys)
	if published := s.run(t, "publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	s.prove(t)
	if promoted := s.run(t, "postRelease", "-approve="+s.unapproved(t, keys)); promoted.code != 0 ||
		!strings.Contains(promoted.stdout, "checks of what was published, all well") {
		t.Fatalf("postRelease: exit code %d, %s%s", promoted.code, promoted.stdout, promoted.stderr)
	}
	again := s.run(t, "postRelease", "-approve=sha256:0")
	if want := "-approve=sha256:0 approves something else: v1.7.3 is "; again.code == 0 ||
		!strings.Contains(again.stderr, want) {
		t.Errorf("approved already: exit code %d, and nothing says %q: %s", again.code, want, again.stderr)
	}
	checked := s.run(t, "verify", "v1.7.3", "-repository="+sceneRepository, "-key="+public)
	if checked.code != 0 {
		t.Errorf("verify: exit code %d, %s%s", checked.code, checked.stdout, checked.stderr)
	}
	if got := cell(checked.stdout, "approval"); got != "ok" || !strings.Contains(checked.stdout, ", in production") {
		t.Errorf("the approval is %q:\n%s", got, checked.stdout)
	}
	for _, row := range []string{
		"signature of the image", "signature of linux/arm64", "provenance of the image", "SBOM of",
	} {
		if !strings.Contains(checked.stdout, row) {
			t.Errorf("verify does not show %q:\n%s", row, checked.stdout)
		}
	}
	refused := s.run(t, "verify", "v1.7.3", "-key="+other)
	if want := "key: the release was signed with another key"; refused.code == 0 ||
		!strings.Contains(refused.stderr, want) {
		t.Errorf("verify: exit code %d, and nothing says %q: %s", refused.code, want, refused.stderr)
	}
}

const noFinding = `{
  "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex", "author": "Ada", "version": 1,
  "timestamp": "2026-06-01T09:00:00Z",
  "statements": [{
    "vulnerability": {"name": "CVE-2026-0001"}, "products": [{"@id": "pkg:oci/runsodin"}],
    "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"
  }]
}
`

// TestNightlyRebuild releases an image that the pipeline has built, signed with a key in the environment, and builds it
// again as somebody does who wants to know that it was made from the repository.
func TestNightlyRebuild(t *testing.T) {
	t.Parallel()
	s := newScene(t, script{pretended: true})
	private, public := s.keyFile(t, "ours")
	change(t, s.dir(), "release.yaml", "verify:\n", "signing: {key: env://SIGNING_KEY, vex: vex.json}\nverify:\n")
	change(t, s.dir(), "Dockerfile", "", "FROM scratch\nCOPY VERSION docs /\nENTRYPOINT [\"/app\"]\n")
	change(t, s.dir(), "vex.json", "", noFinding)
	testkit.Git(t, s.dir(), "add", "--all")
	testkit.Git(t, s.dir(), "commit", "--quiet", "--message", "feat: an image")
	testkit.Git(t, s.dir(), "tag", "--force", "v1.7.3")
	testkit.Git(t, s.dir(), "push", "--quiet", "--force", filepath.Join(s.base, "origin.git"), "main", "v1.7.3")
	if err := os.RemoveAll(filepath.Join(s.dir(), "dist")); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) ended {
		return pipeline(t, s.dir(), append(s.environ(t), "SIGNING_KEY="+readFile(t, private)), args...)
	}
	if built := run("build"); built.code != 0 {
		t.Fatalf("build: exit code %d, %s", built.code, built.stderr)
	}
	if unsigned := s.run(t, "publish"); unsigned.code == 0 ||
		!strings.Contains(unsigned.stderr, "SIGNING_KEY is not set") {
		t.Errorf("without the key: exit code %d, %s", unsigned.code, unsigned.stderr)
	}
	if published := run("publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	s.prove(t)
	if promoted := run("postRelease"); promoted.code != 0 {
		t.Fatalf("postRelease: exit code %d, %s%s", promoted.code, promoted.stdout, promoted.stderr)
	}
	check := func() ended { return s.run(t, "verify", "v1.7.3", "-key="+public, "-rebuild") }
	checked := check()
	if checked.code != 0 || cell(checked.stdout, "rebuilt image for linux/amd64") != "ok" ||
		cell(checked.stdout, "rebuilt image for linux/arm64") != "ok" ||
		cell(checked.stdout, "VEX of linux/arm64") != "ok" || cell(checked.stdout, "VEX of the image") != "ok" {
		t.Errorf("verify: exit code %d, %s%s", checked.code, checked.stdout, checked.stderr)
	}
	change(t, s.dir(), "docs/index.md", "1.7.2\n", "1.7.2?\n")
	if changed := check(); changed.code == 0 ||
		!strings.Contains(changed.stderr, "rebuilt image for linux/arm64: the image that was built here is sha256:") {
		t.Errorf("another tree: exit code %d, %s", changed.code, changed.stderr)
	}
	testkit.Git(t, s.dir(), "commit", "--quiet", "--all", "--message", "fix: another commit")
	if changed := check(); changed.code == 0 || !strings.Contains(changed.stderr, "run git checkout v1.7.3") {
		t.Errorf("another commit: exit code %d, %s", changed.code, changed.stderr)
	}
}

// TestNightlySignedRehearsal: a rehearsal needs no key, wherever that is, and shows what is signed.
func TestNightlySignedRehearsal(t *testing.T) {
	for _, key := range []string{"env://SIGNING_KEY", "keys/signing.key"} {
		dir := filepath.Join(t.TempDir(), "app")
		if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
			t.Fatal(err)
		}
		quickly(t, dir)
		change(t, dir, "release.yaml", "publish: {", "signing: {key: \""+key+"\"}\npublish: {")
		testkit.Git(t, dir, "commit", "--quiet", "--all", "--message", "ci: sign it")
		result := pipeline(t, dir, []string{"SIGNING_KEY="}, "rehearse")
		if result.code != 0 {
			t.Fatalf("%s: code %d\n%s%s", key, result.code, result.stdout, result.stderr)
		}
		for _, wanted := range []string{
			"checks of what was published, all well", "cosign.pub", "sbom.spdx.json.sigstore.json",
		} {
			if !strings.Contains(result.stdout, wanted) {
				t.Errorf("%s: it does not say %q", key, wanted)
			}
		}
	}
}
