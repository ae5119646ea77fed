package detect_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/detect"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/publicapp"
)

// checkout writes the files of a fixture.
func checkout(t *testing.T, of fixture) detect.Checkout {
	t.Helper()
	root, err := app.Default(testkit.Files(t, of.files))
	if err != nil {
		t.Fatal(err)
	}
	return detect.Checkout{
		App: root, Files: slices.Sorted(maps.Keys(of.files)), Repository: of.repository, Version: of.version,
	}
}

func look(t *testing.T, at detect.Checkout) detect.Found {
	t.Helper()
	found, err := detect.Look(at)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestFiles compares the file of each fixture with a golden one.
func TestFiles(t *testing.T) {
	for name, each := range fixtures() {
		t.Run(name, func(t *testing.T) {
			testkit.Golden(t, "testdata/"+name+".yaml", string(look(t, checkout(t, each)).Content))
		})
	}
}

// TestDoctorAgrees saves the file of each fixture. doctor then reports only what the
// file has a question about, and a second search finds the same.
func TestDoctorAgrees(t *testing.T) {
	for name, each := range fixtures() {
		t.Run(name, func(t *testing.T) {
			at := checkout(t, each)
			found := look(t, at)
			if err := os.WriteFile(at.App.Path(app.ConfigFile), found.Content, 0o644); err != nil {
				t.Fatal(err)
			}
			read, err := app.Find(at.App.Root)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range doctor.Examine(doctor.Tree{
				App: read, Files: at.Files, Repository: each.repository,
			}) {
				if !asked(string(found.Content), problem.Key) {
					t.Errorf("the file has no question about %s", problem)
				}
			}
			// The version is not looked for in the file itself.
			version := "# version: 0.4.0\n# version: 1.2.3\n# version: 2.0.0\n# version: 3.1.0\n"
			if err := os.WriteFile(
				read.Path(app.ConfigFile),
				slices.Concat(found.Content, []byte(version)),
				0o644,
			); err != nil {
				t.Fatal(err)
			}
			at.App, at.Files = read, append(at.Files, app.ConfigFile)
			if again := look(t, at); string(again.Content) != string(found.Content) {
				t.Errorf("a second search finds something else:\n%s", again.Content)
			}
		})
	}
}

// asked reports whether a key is that of a question in a file.
func asked(content, key string) bool {
	joined := strings.ReplaceAll(content, "\n#   ", " ")
	for line := range strings.Lines(joined) {
		text, is := strings.CutPrefix(line, "# Question: ")
		keys, _, _ := strings.Cut(text, ": ")
		if is && slices.Contains(strings.Split(keys, ", "), key) {
			return true
		}
	}
	return false
}

// TestSample finds that the bundled sample has the documented layout.
func TestSample(t *testing.T) {
	at := sample(t)
	found := look(t, at)
	for _, each := range app.Differences(at.App.Config, found.App.Config) {
		t.Errorf("%s: %q, expected %q", each.Key, each.After, each.Before)
	}
	testkit.Golden(t, "testdata/sample.yaml", string(found.Content))
}

func sample(t *testing.T) detect.Checkout {
	t.Helper()
	const dir = "../../rehearsal/sample"
	root, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := detect.Checkout{App: root, Repository: "hughkantsime/runsodin", Version: "1.7.3"}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			at.Files = append(at.Files, strings.TrimPrefix(filepath.ToSlash(path), dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestPublicApp asks about what is odd in an app that grew for years, and guesses the rest.
func TestPublicApp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odin")
	if err := publicapp.Make(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	root, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := look(t, detect.Checkout{App: root, Repository: "hughkantsime/odin", Version: "1.9.3",
		Files: strings.Split(testkit.Git(t, dir, "ls-files"), "\n")})
	testkit.Golden(t, "testdata/public-app.yaml", string(found.Content))
}

// TestNothing refuses a folder that is not an app.
func TestNothing(t *testing.T) {
	_, err := detect.Look(checkout(t, fixture{files: map[string]string{
		"README.md": "# Text\n", "pyproject.toml": "[tool.ruff]\n",
	}}))
	if err == nil || !strings.HasPrefix(err.Error(), "there is nothing to release here") {
		t.Error(err)
	}
}

// TestDeleted looks at no file that git tracks and that was deleted.
func TestDeleted(t *testing.T) {
	at := checkout(t, fixtures()["api-alone"])
	if err := os.Remove(at.App.Path("VERSION")); err != nil {
		t.Fatal(err)
	}
	for _, file := range look(t, at).App.Config.VersionFiles {
		if file.Path == "VERSION" {
			t.Error("a deleted file is a version file")
		}
	}
}

// TestTools takes a tool to be installed if a file of the environment names it.
func TestTools(t *testing.T) {
	const project = "[project]\nname = \"shop\"\nversion = \"1.2.3\"\ndependencies = [\"fastapi\"]\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"in a group": {map[string]string{
			"api/pyproject.toml": project + "[dependency-groups]\ndev = [\"mypy>=1\"]\n",
		}, true},
		"only its settings": {map[string]string{
			"api/pyproject.toml": project + "[tool.mypy]\nstrict = true\n",
		}, false},
		"included": {map[string]string{
			"api/requirements-dev.txt": "-r more.txt\nfastapi\n", "api/more.txt": "mypy\n",
		}, true},
		"a plugin of it": {map[string]string{
			"api/requirements-dev.txt": "fastapi\npydantic-mypy\n",
		}, false},
		"whatever -e brings": {map[string]string{
			"api/requirements-dev.txt": "-e .\nfastapi\n",
		}, true},
	} {
		files := map[string]string{"api/shop.py": "app = FastAPI()\n", "Dockerfile": "FROM python\n"}
		maps.Copy(files, test.files)
		found := look(t, checkout(t, fixture{repository: "ada/shop", version: "1.2.3", files: files}))
		if got := !asked(string(found.Content), "checks[backend:typeCheck]"); got != test.want {
			t.Errorf("%s: %t, expected %t", name, got, test.want)
		}
	}
}
