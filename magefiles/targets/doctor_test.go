package targets

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestDoctorWithoutConfig checks that doctor fails in an app without
// release.yaml, and says that nothing was compared; in any other folder it says
// nothing of the kind.
func TestDoctorWithoutConfig(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no tool, for speed: each is missing then, which is another error
	for name, test := range map[string]struct {
		files map[string]string
		fails bool
	}{
		"an API alone":  {map[string]string{".git/HEAD": "", "backend/pyproject.toml": ""}, true},
		"a page alone":  {map[string]string{".git/HEAD": "", "frontend/package.json": "{}"}, true},
		"another thing": {map[string]string{".git/HEAD": "", "README.md": ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := app.Default(testkit.Files(t, test.files))
			if err != nil {
				t.Fatal(err)
			}
			p, err := newSession(t.Context(), found, outside{}, io.Discard, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			want := "there is no release.yaml in " + found.Root +
				" or above: nothing was compared; run init, which writes " + filepath.Join(
				found.Root,
				"release.yaml",
			)
			err = (examiner{p}).doctor(t.Context())
			if test.fails != (err != nil && strings.Contains(err.Error(), want)) {
				t.Errorf("error %v, expected %q: %v", err, want, test.fails)
			}
		})
	}
}

// TestDoctorRemedies checks that an app's remedies can be followed on each operating system: none is of another one, or
// a file of this repository, which an app does not have.
func TestDoctorRemedies(t *testing.T) {
	found, err := app.Find("../internal/rehearsal/sample")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newSession(t.Context(), found, outside{}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for system, want := range map[string]string{"linux": "apt-get install ", "darwin": "brew install ", "windows": ""} {
		m := (examiner{p}).machine()
		m.system = system
		remedies := m.chromiumRemedy()
		for _, need := range m.needs() {
			remedies += "\n" + need.remedy
		}
		for _, command := range []string{"apt-get", "brew", "scripts/"} {
			if own := strings.HasPrefix(want, command); strings.Contains(remedies, command) != own {
				t.Errorf("%s, %s is expected: %v\n%s", system, command, own, remedies)
			}
		}
	}
}

// TestDoctorNeeds lists what an app needs, and no more.
func TestDoctorNeeds(t *testing.T) {
	program := testkit.Files(t, map[string]string{"release.yaml": plain})
	for root, want := range map[string]string{
		program: "git, compiler, Buildx for linux/amd64, linux/arm64",
		"../internal/rehearsal/sample": "git, Python 3, uv and pip (pinned), Node.js and npm, PostgreSQL, " +
			"Buildx for linux/amd64, linux/arm64",
	} {
		found, err := app.Find(root)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newSession(t.Context(), found, outside{}, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, need := range (examiner{p}).machine().needs() {
			names = append(names, need.what)
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s needs %s, expected %s", root, got, want)
		}
	}
}
