//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// oneSide is the part of a release.yaml with which a variant of the sample is released quickly: on one platform, and
// with the checks and suites of one side.
const (
	frontendSide = `checks:
  - {name: "backend:lint", absent: not of interest here}
  - {name: "backend:typeCheck", absent: not of interest here}
suites:
  - {name: "backend:unit", absent: not of interest here}
  - {name: "backend:integration", absent: not of interest here}
  - {name: "backend:contract", absent: not of interest here}
build: {image: {platforms: [linux/amd64]}}
`
	backendSide = `checks:
  - {name: "frontend:lint", absent: not of interest here}
  - {name: "frontend:typeCheck", absent: not of interest here}
suites:
  - {name: "frontend:test", absent: not of interest here}
  - {name: "backend:integration", absent: not of interest here}
`
)

// variant is the sample with another tool.
type variant struct {
	make   func(t *testing.T, dir string)
	found  string // what init says
	pinned string // the lock, whose packages the SBOM lists
}

// variants are those of the package managers.
var variants = map[string]variant{
	"pnpm": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			managed(t, dir, "pnpm-lock.yaml", "", "pnpm@10.34.9", "pnpm install --frozen-lockfile", "pnpm", "install",
				"--lockfile-only")
		},
		found: "package manager  pnpm", pinned: "frontend/pnpm-lock.yaml",
	},
	"yarn 1": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			managed(t, dir, "yarn.lock", "yarn@1.22.22", "yarn@1.22.22", "yarn install --frozen-lockfile", "yarn",
				"install", "--non-interactive")
		},
		found: "package manager  yarn", pinned: "frontend/yarn.lock",
	},
	"yarn 4": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			change(t, dir, "frontend/.yarnrc.yml", "", "nodeLinker: node-modules\n")
			managed(t, dir, "yarn.lock", "yarn@4.18.1", "@yarnpkg/cli-dist@4.18.1", "yarn install --immutable", "yarn",
				"install", "--mode=update-lockfile")
			change(t, dir, "Dockerfile", "frontend/yarn.lock", "frontend/yarn.lock frontend/.yarnrc.yml")
		},
		found: "package manager  yarn", pinned: "frontend/yarn.lock",
	},
}

// variantsOfPython are those of the backend's projects and requirement files.
var variantsOfPython = map[string]variant{
	"poetry": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			// An index of the simple kind, which every mirror of PyPI has.
			change(t, dir, "backend/pyproject.toml", "[tool.ruff]\n", `[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "index"
url = "https://pypi.org/simple/"
priority = "primary"

[tool.ruff]
`)
			bin, err := kit(t).Poetry(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			inBackend(t, dir, project("poetry.lock"), filepath.Join(bin, "poetry"), "lock")
		},
		found: "environment the project in backend backend/poetry.lock", pinned: "backend/poetry.lock",
	},
	"uv": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			bin, err := kit(t).Python(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			inBackend(t, dir, project("uv.lock"), filepath.Join(bin, "uv"), "lock", "--quiet")
		},
		found: "environment the project in backend backend/uv.lock", pinned: "backend/uv.lock",
	},
	"requirements without hashes": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			change(t, dir, "backend/requirements.txt", "", "alembic>=1.20,<2\nfastapi>=0.165,<1\n"+
				"psycopg[binary]>=3.3,<4\npydantic>=2.14,<3\nsqlalchemy>=2.1,<3\nstarlette>=1,<2\nsupervisor>=4.3,<5\n"+
				"uvicorn>=0.54,<1\nhttp-ece==1.2.1\n")
			change(t, dir, "backend/requirements-dev.txt", "", "-r requirements.txt\nhttpx2>=2.16,<3\nmypy>=2.4,<3\n"+
				"pytest>=9.2,<10\nruff>=0.17,<0.18\n")
			bin, err := kit(t).Python(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			inBackend(t, dir, `environments:
  backend: {python: "3.11", requirements: [backend/requirements-dev.txt]}
build:
  image: {platforms: [linux/amd64]}
  vendor: {source: backend/requirements.txt, lock: backend/pinned.lock, sdists: [http-ece]}
`, filepath.Join(bin, "uv"), "pip", "compile", "--quiet", "requirements.txt", "--universal", "--generate-hashes",
				"--no-header", "--python-version", "3.11", "-o", "pinned.lock")
		},
		found: "environment backend/requirements-dev.txt requirement files", pinned: "backend/pinned.lock",
	},
	"Python 3.13": {
		make: func(t *testing.T, dir string) {
			t.Helper()
			baseImage(t, "python:3.13-slim")
			dockerfile := strings.ReplaceAll(readFile(t, filepath.Join(dir, "Dockerfile")), "3.11", "3.13")
			change(t, dir, "Dockerfile", "", dockerfile)
			change(t, dir, "backend/pyproject.toml", `">=3.11"`, `">=3.13"`)
			bin, err := kit(t).Python(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			for lock, more := range map[string][]string{"requirements": nil, "requirements-dev": {"--group", "dev"}} {
				args := []string{filepath.Join(bin, "uv"), "pip", "compile", "--quiet", "pyproject.toml", "--universal",
					"--generate-hashes", "--python-version", "3.13", "--no-header", "-o", lock + ".lock"}
				if _, err := testkit.Runner().Run(t.Context(), run.Command{For: "test",
					Dir: filepath.Join(dir, "backend"), Args: append(args, more...)}); err != nil {
					t.Fatal(err)
				}
			}
			change(t, dir, "release.yaml", "", backendSide+`environments:
  backend: {python: "3.13", requirements: [backend/requirements-dev.lock]}
build:
  image: {platforms: [linux/amd64]}
  vendor: {python: "3.13"}
`)
		},
		found: "environment backend/requirements-dev.lock requirement files", pinned: "backend/requirements.lock",
	},
}

// project returns the part of a release.yaml for a project with a lock.
func project(lock string) string {
	return "environments: {backend: {python: \"3.11\", project: backend}}\n" +
		"build:\n  image: {platforms: [linux/amd64]}\n  vendor: {lock: backend/" + lock + "}\n"
}

// inBackend makes the sample's backend one with another lock, which a command makes.
func inBackend(t *testing.T, dir, config string, command ...string) {
	t.Helper()
	backend := filepath.Join(dir, "backend")
	if _, err := testkit.Runner().Run(t.Context(), run.Command{For: "test", Dir: backend, Args: command,
		Env: []string{"POETRY_VIRTUALENVS_CREATE=false", "POETRY_CACHE_DIR=" + t.TempDir()}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"requirements.lock", "requirements-dev.lock"} {
		if err := os.Remove(filepath.Join(backend, name)); err != nil {
			t.Fatal(err)
		}
	}
	change(t, dir, "release.yaml", "", backendSide+config)
}

func kit(t *testing.T) tools.Tools {
	t.Helper()
	return tools.Tools{Run: testkit.Runner(), Cache: cache.Dir(t.TempDir())}
}

// managed makes another package manager install the sample's frontend, with a lock that it makes itself. named is what
// package.json names, if anything, published where the image gets it from, and frozen its command there.
func managed(t *testing.T, dir, lock, named, published, frozen string, command ...string) {
	t.Helper()
	if named != "" {
		change(t, dir, "frontend/package.json", `"private": true,`,
			`"private": true,`+"\n"+`  "packageManager": "`+named+`",`)
	}
	frontend := filepath.Join(dir, "frontend")
	if err := os.Remove(filepath.Join(frontend, "package-lock.json")); err != nil {
		t.Fatal(err)
	}
	tools := kit(t)
	change(t, dir, "frontend/"+lock, "", "") // which chooses it
	chosen, problem := manager.Choose("frontend", func(name string) []byte {
		data, _ := os.ReadFile(filepath.Join(frontend, name))
		return data
	})
	if problem != nil {
		t.Fatal(problem)
	}
	bin, err := tools.Manager(t.Context(), "test", chosen, []string{"PATH=" + os.Getenv("PATH")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tools.Run.Run(t.Context(), run.Command{For: "test", Dir: frontend,
		Env:  []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "YARN_ENABLE_IMMUTABLE_INSTALLS=0", "CI="},
		Args: command}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(frontend, "node_modules")); err != nil {
		t.Fatal(err)
	}
	change(t, dir, "Dockerfile", "frontend/package-lock.json", "frontend/"+lock)
	change(t, dir, "Dockerfile", "npm ci --no-audit --no-fund", `sh -c '`+
		`npm install --global --force --no-audit --no-fund `+published+` && `+frozen+`'`)
	change(t, dir, "release.yaml", "", frontendSide)
}

// TestNightlyVariants releases the sample with other tools: doctor has no objection, init finds the tool, a rehearsal
// ends, and the SBOM lists what the lock pins.
func TestNightlyVariants(t *testing.T) { releasesEach(t, variants) }

// TestNightlyVariantsOfPython is TestNightlyVariants for the backend.
func TestNightlyVariantsOfPython(t *testing.T) { releasesEach(t, variantsOfPython) }

func releasesEach(t *testing.T, variants map[string]variant) {
	t.Helper()
	for name, each := range variants {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "app")
			if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
				t.Fatal(err)
			}
			each.make(t, dir)
			testkit.Git(t, dir, "add", "--all")
			testkit.Git(t, dir, "commit", "--quiet", "--message", "fix: another tool")
			if examined := pipeline(t, dir, nil, "doctor"); strings.Contains(examined.stdout, "do not match") {
				t.Errorf("doctor:\n%s", examined.stdout)
			}
			if found := pipeline(t, dir, nil, "init"); !strings.Contains(spaced(found.stdout), spaced(each.found)) {
				t.Errorf("init does not find %q:\n%s", each.found, found.stdout)
			}
			released := pipeline(t, dir, nil, "rehearse")
			if released.code != 0 {
				t.Fatalf("code %d\n%s", released.code, released.stderr)
			}
			if !strings.Contains(released.stdout+released.stderr, "pinned in "+each.pinned) {
				t.Errorf("the SBOM does not list what %s pins", each.pinned)
			}
			unchanged(t, dir)
		})
	}
}

// spaced returns a text with one space between its words.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }
