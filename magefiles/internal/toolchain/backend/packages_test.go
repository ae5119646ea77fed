package backend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

const uvLocked = `version = 1
requires-python = ">=3.11"

[[package]]
name = "odin"
version = "1.0.0"
source = { editable = "." }
dependencies = [
  { name = "uvicorn", extra = ["standard"] },
  { name = "numpy", version = "1.26.4", source = { registry = "https://pypi.example.org/simple" }, ` +
	`marker = "python_full_version < '3.12'" },
]

[package.optional-dependencies]
push = [{ name = "pywebpush" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "uvicorn"
version = "0.38.0"
source = { registry = "https://pypi.example.org/simple" }
dependencies = [{ name = "click" }]

[package.optional-dependencies]
standard = [{ name = "httptools" }]

[[package]]
name = "click"
version = "8.3.0"
source = { registry = "https://pypi.example.org/simple" }

[[package]]
name = "httptools"
version = "0.7.1"
source = { registry = "https://pypi.example.org/simple" }

[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://pypi.example.org/simple" }

[[package]]
name = "numpy"
version = "2.3.5"
source = { registry = "https://pypi.example.org/simple" }

[[package]]
name = "pywebpush"
version = "2.1.0"
source = { registry = "https://pypi.example.org/simple" }

[[package]]
name = "pytest"
version = "9.0.1"
source = { registry = "https://pypi.example.org/simple" }
`

const unhashed = `--index-url https://user:secret@pypi.example.org/simple
-r base.txt
-c constraints.txt
-r ../../outside.txt
fastapi==0.121.0  # the framework
Http_Ece[x] == 1.2.1 ; python_version >= "3.11" \
    --hash=sha256:00
numpy>=2
anyio==4.*
wheel @ https://pypi.example.org/wheel.whl
-e ./plugin
./plugin
git+https://git.example.org/x
`

// Where nothing is vendored, every file that pins something is read, and what is left
// out is noted.
func TestPackagesWithoutAVendoredLock(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		lock  string
		want  []string
		from  []string
		left  []string
	}{
		"uv.lock": {
			files: map[string]string{"backend/uv.lock": uvLocked},
			want:  []string{"click 8.3.0", "httptools 0.7.1", "numpy 1.26.4", "pywebpush 2.1.0", "uvicorn 0.38.0"},
			from:  []string{"backend/uv.lock"},
			left:  []string{"backend/uv.lock: 2 packages that development groups alone need"},
		},
		"requirements": {
			files: map[string]string{"backend/requirements.txt": unhashed, "backend/base.txt": "a==1",
				"backend/constraints.txt":     "b==2",
				"tests/requirements-test.txt": "pytest==9.0.1", "node_modules/x/requirements.txt": "z==1"},
			want: []string{"a 1", "fastapi 0.121.0", "http-ece 1.2.1"},
			from: []string{"backend/requirements.txt"},
			left: []string{"tests/requirements-test.txt is for development or tests, by its name",
				"backend/requirements.txt:4: the file that it includes is not in the app",
				"backend/requirements.txt:8: numpy is not pinned to one version",
				"backend/requirements.txt:9: anyio is not pinned to one version",
				"backend/requirements.txt:10: wheel comes from an address",
				"backend/requirements.txt:11: an editable project has no version",
				"backend/requirements.txt:12: a path or an address has no version",
				"backend/requirements.txt:13: a path or an address has no version"},
		},
		"a lock of any name": {
			files: map[string]string{"locks/dev": "a==1 \\\n    --hash=sha256:0"}, lock: "locks/dev",
			want: []string{"a 1"}, from: []string{"locks/dev"},
		},
		"several": {
			files: map[string]string{"requirements.lock": "a==1", "requirements/prod.txt": "b==2", "notes.txt": "c==3"},
			want:  []string{"a 1", "b 2"}, from: []string{"requirements/prod.txt", "requirements.lock"},
		},
		"none": {files: map[string]string{"main.py": ""}},
	} {
		tree := fstest.MapFS{}
		for file, content := range test.files {
			tree[file] = &fstest.MapFile{Data: []byte(content)}
		}
		got, err := pinnedBelow(tree, test.lock)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, named(got.Packages)); diff != "" {
			t.Errorf("%s: packages (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(test.from, got.From) + cmp.Diff(test.left, got.Omitted); diff != "" {
			t.Errorf("%s: files, and what is left out (-want +got):\n%s", name, diff)
		}
		if said := strings.Join(
			got.Omitted,
			"\n",
		); strings.Contains(said, "example.org") ||
			strings.Contains(said, "secret") {
			t.Errorf("%s: an address is told: %s", name, said)
		}
	}
}

func named(packages []sbom.Package) []string {
	var names []string
	for _, each := range packages {
		names = append(names, each.Name+" "+each.Version)
	}
	slices.Sort(names)
	return names
}

// Where a lock is vendored, the image has what the lock pins and nothing else.
func TestPackagesOfTheVendoredLock(t *testing.T) {
	root := t.TempDir()
	writeFile(t, root, "requirements.lock", lock)
	writeFile(t, root, "requirements.txt", "other==1\n")
	found := Toolchain{
		App: &app.App{Config: app.Config{Build: app.Build{Vendor: app.Vendor{Lock: "requirements.lock"}}}},
	}
	got, err := found.Packages(root, "")
	if diff := cmp.Diff(
		[]string{"fast-api-x 0.165.1", "greenlet 3.5.0"},
		named(got.Packages),
	); diff != "" ||
		err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func FuzzRequirements(f *testing.F) {
	f.Add(unhashed)
	f.Add("a==1 ; x \\\n--hash=sha256:0")
	f.Add("0==\\0")
	f.Fuzz(func(t *testing.T, content string) {
		tree := fstest.MapFS{"requirements.txt": {Data: []byte(content)}}
		got, err := pinnedBelow(tree, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range got.Packages {
			if each.Name == "" || each.Version == "" || strings.ContainsAny(each.Name+each.Version, " ;,*\\\n") {
				t.Errorf("%q gave %+v", content, each)
			}
		}
		for _, each := range got.Omitted {
			if strings.ContainsAny(each, "\n@") || strings.Contains(each, "://") {
				t.Errorf("%q left out %q", content, each)
			}
		}
	})
}

func writeFile(t *testing.T, root, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestMissingLock checks that the error has the command that makes the first
// lock, for each that reads one.
func TestMissingLock(t *testing.T) {
	found := Toolchain{App: &app.App{Root: t.TempDir(), Config: app.Config{Build: app.Build{
		Vendor: app.Vendor{Source: "pyproject.toml", Lock: "requirements.lock", Python: "3.11"}}}}}
	const want = "the lock requirements.lock is missing; make it: " +
		"uv pip compile pyproject.toml --universal --generate-hashes --no-header --python-version 3.11 -o " +
		"requirements.lock"
	_, listing := found.Packages(found.App.Root, "")
	_, vendored := found.Vendor(t.Context(), filepath.Join(t.TempDir(), "wheels"), nil, nil)
	for name, err := range map[string]error{"vendor": vendored, "packages": listing} {
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), found.App.Root) {
			t.Errorf("%s: error %v, expected %s", name, err, want)
		}
	}
}

// TestMissingEnvironment checks that the error names the file of an environment
// that does not exist, relative to the app, and how to make it.
func TestMissingEnvironment(t *testing.T) {
	const compile = "--universal --generate-hashes --no-header --python-version 3.11 -o backend/requirements-dev.lock"
	for name, test := range map[string]struct {
		environment app.Environment
		files       map[string]string
		want        string
	}{
		"a lock with its source": {app.Environment{
			Python:       "3.11",
			Requirements: []string{"backend/requirements-dev.lock"},
		},
			map[string]string{"backend/pyproject.toml": "[dependency-groups]\ndev = []\n"},
			"backend/requirements-dev.lock does not exist; to make it: uv pip compile backend/pyproject.toml " +
				"--group backend/pyproject.toml:dev " + compile},
		"a lock without its source": {app.Environment{
			Python:       "3.11",
			Requirements: []string{"backend/requirements-dev.lock"},
		}, nil,
			"backend/requirements-dev.lock does not exist; to make it: list the packages in " +
				"backend/requirements-dev.in, then: uv pip compile backend/requirements-dev.in " + compile},
		"an included file": {app.Environment{
			Requirements: []string{"tests.txt"},
		}, map[string]string{"tests.txt": "-r base.txt\n"},
			"base.txt does not exist; to make it: create base.txt"},
		"a project": {
			app.Environment{Project: "backend"},
			nil,
			"backend/pyproject.toml does not exist; to make it: uv init backend",
		},
		"a project's lock": {app.Environment{Project: "backend"}, map[string]string{"backend/pyproject.toml": ""},
			"backend/uv.lock does not exist; to make it: uv lock --project backend"},
	} {
		t.Run(name, func(t *testing.T) {
			config := app.Config{Environments: map[string]app.Environment{"backend": test.environment}}
			found := Toolchain{App: &app.App{Root: testkit.Files(t, test.files), Config: config},
				Tools: tools.Tools{Run: testkit.Runner()}}
			_, err := found.Environment(t.Context(), "lint", "backend")
			if want := "environment backend: " + test.want; err == nil || err.Error() != want {
				t.Errorf("error %v\nexpected %s", err, want)
			}
		})
	}
}
