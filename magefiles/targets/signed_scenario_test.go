//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
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

// TestScenarioSigned signs a release with a key, and checks it as somebody does who installs
// the app: with the name of its repository, the tag, and the key.
func TestScenarioSigned(t *testing.T) {
	t.Parallel()
	s := newScene(t, script{pretended: true})
	private, public := s.keyFile(t, "ours")
	_, other := s.keyFile(t, "other")
	change(t, s.dir(), "release.yaml", "verify:\n", "signing: {key: "+private+"}\nverify:\n")
	if published := s.run(t, "publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	s.prove(t)
	if promoted := s.run(t, "postRelease"); promoted.code != 0 ||
		!strings.Contains(promoted.stdout, "checks of what was published, all well") {
		t.Fatalf("postRelease: exit code %d, %s%s", promoted.code, promoted.stdout, promoted.stderr)
	}
	checked := s.run(t, "verify", "v1.7.3", "-repository="+sceneRepository, "-key="+public)
	if checked.code != 0 {
		t.Errorf("verify: exit code %d, %s%s", checked.code, checked.stdout, checked.stderr)
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
