package doctor_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

const (
	hash    = " \\\n    --hash=sha256:00\n"
	pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
)

// sound returns a minimal app of the default layout without any problem.
func sound() map[string]string {
	return map[string]string{
		"Dockerfile":                    "FROM scratch\nRUN supervisord\n",
		"backend/requirements-dev.lock": "mypy==1" + hash + "pytest==1" + hash + "ruff==1" + hash,
		"backend/requirements.lock":     "fastapi==1" + hash,
		"backend/pyproject.toml":        "[project]\nversion = \"1.0.0\"\n[dependency-groups]\ndev = []\n",
		"backend/app/main.py":           "",
		"backend/openapi.json": `{"paths": {"/api/v1/health": {"get": {}}, "/api/v1/printers": {"post": ` +
			`{}}}}`,
		"backend/tests/unit/a.py":        "",
		"backend/tests/integration/a.py": "",
		"frontend/package.json":          `{"version": "1.0.0"}`,
		"frontend/package-lock.json": `{"version": "1.0.0", "packages": {"": {"version": "1.0.0"},
			"node_modules/eslint": {}, "node_modules/typescript": {}, "node_modules/vitest": {},
			"node_modules/vite": {}}}`,
		"frontend/src/version.ts": "const APP_VERSION = '1.0.0'\n",
	}
}

// tree writes files to a folder and opens it as an app.
func tree(t *testing.T, files map[string]string) doctor.Tree {
	t.Helper()
	root := testkit.Files(t, files)
	found, err := app.Find(root)
	if err != nil {
		t.Fatal(err)
	}
	documented := "hughkantsime/runsodin" // whose names are the default
	list := slices.Sorted(maps.Keys(files))
	python := func(version string) error {
		if version != "3.11" {
			return errors.New("no Python " + version + " is on this machine")
		}
		return nil
	}
	return doctor.Tree{
		App: found, Files: list, Repository: documented, Released: []string{"0.9.0"}, Python: python,
	}
}

// written returns an app's problems as the user sees them.
func written(tree doctor.Tree) string {
	var out strings.Builder
	doctor.Write(&out, doctor.Examine(tree))
	return out.String()
}

func TestSound(t *testing.T) {
	if got := written(tree(t, sound())); got != "" {
		t.Errorf("a sound app has problems:\n%s", got)
	}
}

// TestUnpinned names the files without hashes of each environment that is used.
func TestUnpinned(t *testing.T) {
	if notes := doctor.Unpinned(tree(t, sound())); notes != nil {
		t.Errorf("a sound app has %v", notes)
	}
	files := sound()
	files["backend/requirements-dev.lock"] = "mypy==1\npytest\nruff\n"
	files["release.yaml"] = "environments: {unused: {requirements: [backend/pyproject.toml]}}\n"
	const want = "environment backend: backend/requirements-dev.lock without hashes for every package, so that what " +
		"it installs may change"
	if notes := doctor.Unpinned(tree(t, files)); len(notes) != 1 || notes[0] != want {
		t.Errorf("%v, expected %s", notes, want)
	}
}

// TestOne has one defect at a time. Only that is reported: with its key, the place that
// sets the key, the file, and the fix.
func TestOne(t *testing.T) {
	const config = "release.yaml"
	for name, test := range map[string]struct {
		without []string          // files
		with    map[string]string // files
		want    string            // what is written
	}{
		"development lock": {[]string{"backend/requirements-dev.lock"}, nil,
			"environments.backend.requirements[0] (default): backend/requirements-dev.lock does not exist; it is " +
				"used by backend:lint, backend:typeCheck, backend:unit, backend:integration, contract for ruff, " +
				"mypy, pytest\n" +
				"    uv pip compile backend/pyproject.toml --group backend/pyproject.toml:dev --universal " +
				"--generate-hashes --no-header --python-version 3.11 -o backend/requirements-dev.lock\n"},
		"program that makes files": {
			nil,
			map[string]string{config: "build:\n  files:\n    - {name: a, command: [scripts/a], outputs: [a.zip]}\n"},
			"build.files[0].command (release.yaml:3:26): scripts/a does not exist\n    name another\n",
		},
		"folder of files": {
			nil,
			map[string]string{config: "build: {files: [{name: a, command: [a], outputs: [b], directory: cmd}]}\n"},
			"build.files[0].directory (release.yaml:1:66): cmd does not exist\n    name another\n",
		},
		"modules of files": {
			nil,
			map[string]string{config: "build: {files: [{name: a, command: [a], outputs: [b], modules: go.mod}]}\n"},
			"build.files[0].modules (release.yaml:1:64): go.mod does not exist\n" +
				"    name the go.mod of what is compiled\n",
		},
		"folder of the frontend": {
			nil,
			map[string]string{config: "frontend: {directory: web}\n"},
			"frontend.directory (release.yaml:1:23): web does not exist\n" +
				"    name the folder, or delete the line if it is frontend\n",
		},
		"baseline": {
			nil,
			map[string]string{config: "checks: [{name: backend:lint, baseline: backend/known.txt}]\n"},
			"checks[backend:lint].baseline (release.yaml:1:41): backend/known.txt does not exist\n" +
				"    lint -only=backend:lint -update\n",
		},
		"lock of the image": {[]string{
			"backend/requirements.lock",
		}, nil, "build.vendor.lock (default): backend/requirements.lock does not exist\n" +
			"    uv pip compile backend/pyproject.toml --universal --generate-hashes --no-header --python-version " +
			"3.11 -o backend/requirements.lock\n"},
		"lock without hashes": {
			nil,
			map[string]string{"backend/requirements.lock": "fastapi==1\n"},
			"build.vendor.lock (default): backend/requirements.lock:1: ",
		},
		"source of the lock": {
			nil,
			map[string]string{config: "build: {vendor: {source: backend/requirements.in}}\n"},
			"build.vendor.source (release.yaml:1:26): backend/requirements.in does not exist\n",
		},
		"spec": {[]string{
			"backend/openapi.json",
		}, nil, "contract.spec (default): backend/openapi.json does not exist\n" +
			"    run backend:contract, which writes the app's own spec, then: cp dist/test/openapi.json " +
			"backend/openapi.json; or contract: {spec: {absent: why}}\n"},
		"module": {
			nil,
			map[string]string{config: "contract:\n  app: shop.main:app\n"},
			"contract.app (release.yaml:2:8): backend has no module shop.main\n",
		},
		"contract's folder": {
			nil,
			map[string]string{config: "contract: {directory: api, app: 'app.main:app'}\n"},
			"contract.directory (release.yaml:1:23): api does not exist\n",
		},
		"version file": {
			[]string{"frontend/src/version.ts"},
			nil,
			"versionFiles[4] (default): frontend/src/version.ts: there is no such file",
		},
		"version's pattern": {nil, map[string]string{"frontend/src/version.ts": "const VERSION = 1\n"},
			`versionFiles[4] (default): frontend/src/version.ts: the pattern APP_VERSION\s*=\s*['"]([^'"]+)['"] ` +
				`matches nothing`},
		"interpreter": {nil, map[string]string{config: "environments: {backend: {python: \"3.12\", " +
			"requirements: [backend/requirements-dev.lock]}}\n"},
			"environments.backend.python (release.yaml:1:34): no Python 3.12 is on this machine; it is used by " +
				"backend:lint, backend:typeCheck, backend:unit, backend:integration, contract\n    uv python " +
				"install 3.12; where GitHub is not reached: apt-get install python3.12 python3.12-venv, or " +
				"UV_PYTHON_INSTALL_MIRROR\n"},
		"another Python in the image": {nil, map[string]string{"Dockerfile": "FROM node\nFROM python:3.12-slim\n",
			config: "suites:\n  - {name: backend:unit, absent: a}\n  - {name: backend:integration, absent: b}\n" +
				"verify: {processes: {absent: one}}\n"},
			"build.vendor.python (default): wheels are for Python 3.11, and the image has 3.12 (Dockerfile:2)\n" +
				"    build: {vendor: {python: \"3.12\"}}, or FROM python:3.11-slim in Dockerfile\n"},
		"nothing to compile": {nil, map[string]string{config: "build: {vendor: {compiler: 'a@sha256:" +
			strings.Repeat("0", 64) + "'}}\n"},
			"build.vendor.compiler (release.yaml:1:28): there is nothing to compile\n"},
		"environment that installs nothing": {nil, map[string]string{
			config: "environments: {backend: {requirements: []}}\n" +
				"suites: [{name: 'backend:integration', absent: x}]\n"},
			"suites[backend:unit].environment (default): pytest is not in the environment backend, which installs " +
				"nothing\n    name what it installs: environments: {backend: {requirements: [FILE]}}, or " +
				"environments: {backend: {project: FOLDER}}, or environments: {backend: {packages: " +
				"[pytest==VERSION]}}\n"},
		"compiles with another Python": {nil, map[string]string{config: "build: {vendor: {sdists: [a], compiler: " +
			"'python:3.12@sha256:" + strings.Repeat("0", 64) + "'}}\n"},
			"build.vendor.compiler (release.yaml:1:41): wheels are compiled by Python 3.12 for Python 3.11\n    name " +
				"python:3.11 with its digest: docker buildx imagetools inspect python:3.11\n"},
		"tests with another Python": {nil, map[string]string{"Dockerfile": "FROM python:3.12-slim\n",
			config: "build: {vendor: {python: \"3.12\"}}\nverify: {processes: {absent: one}}\n"},
			"environments.backend.python (default): no suite tests with the Python of the image: backend has 3.11, " +
				"and the image 3.12 (Dockerfile:1)\n    environments: {backend: {python: \"3.12\", requirements: " +
				"[backend/requirements-dev.lock]}}, or FROM " +
				"python:3.11-slim in Dockerfile\n"},
		"pytest, locked": {nil, map[string]string{
			config:                          "suites: [{name: 'backend:integration', absent: none}]\n",
			"backend/requirements-dev.lock": "ruff==1" + hash + "pytest-cov==1" + hash,
		},
			"suites[backend:unit].environment (default): pytest is not in the environment backend " +
				"(backend/requirements-dev.lock)\n    add pytest to backend/pyproject.toml, then: uv pip compile "},
		"no linters, of which the pipeline has its own": {nil, map[string]string{
			"backend/requirements-dev.lock": "pytest==1" + hash,
		}, ""},
		"packages alone": {nil, map[string]string{
			config: "environments: {tests: {packages: ['pytest[x]==8.3.5']}}\n" +
				"suites:\n  - {name: backend:unit, environment: tests}\n",
		}, ""},
		"packages besides requirements": {nil, map[string]string{
			config:                          "environments: {backend: {packages: [Pytest==8.3.5]}}\n",
			"backend/requirements-dev.lock": "fastapi==1" + hash,
		}, ""},
		"packages without pytest": {nil, map[string]string{
			config: "environments: {tests: {packages: [httpx==0.28.1]}}\n" +
				"suites:\n  - {name: backend:unit, environment: tests}\n",
		},
			"suites[backend:unit].environment (release.yaml:3:39): pytest is not in the environment tests " +
				"(packages)\n    add pytest==VERSION to environments.tests.packages\n"},
		"suite's folder": {[]string{
			"backend/tests/unit/a.py",
		}, nil, "suites[backend:unit].paths (default): backend/tests/unit does not exist\n" +
			"    name another, or suites: [{name: \"backend:unit\", absent: why}]\n"},
		"ignored folder": {nil, map[string]string{
			config:                     "suites:\n  - {name: backend:unit, paths: ['tests/local/a.py::test_a']}\n",
			"backend/tests/local/a.py": "ignored",
		},
			"suites[backend:unit].paths (release.yaml:2:34): backend/tests/local/a.py is ignored by git\n"},
		"check's folder": {nil, map[string]string{
			config: "checks:\n  - {name: own, kind: command, command: [tools/lint], directory: scripts}\n",
		},
			"checks[own].directory (release.yaml:2:66): scripts does not exist\n"},
		"program": {
			nil,
			map[string]string{config: "checks:\n  - {name: own, kind: command, command: [tools/lint]}\n"},
			"checks[own].command (release.yaml:2:41): tools/lint does not exist\n" +
				"    name another, or remove own from checks\n",
		},
		"ESLint": {nil, map[string]string{
			"frontend/package-lock.json": strings.Replace(sound()["frontend/package-lock.json"], "eslint", "oxlint", 1),
		},
			"checks[frontend:lint].directory (default): eslint is not in frontend/package-lock.json\n    npm " +
				"install --prefix frontend --save-dev eslint\n"},
		"ESLint that package.json lists": {nil, map[string]string{
			"frontend/package.json":      `{"version": "1.0.0", "devDependencies": {"eslint": "^9"}}`,
			"frontend/package-lock.json": strings.Replace(sound()["frontend/package-lock.json"], "eslint", "oxlint", 1),
		},
			"checks[frontend:lint].directory (default): eslint is not in frontend/package-lock.json\n    npm " +
				"install --prefix frontend\n"},
		"TypeScript": {nil, map[string]string{
			"frontend/package-lock.json": strings.Replace(
				sound()["frontend/package-lock.json"],
				"typescript",
				"flow",
				1,
			),
		},
			"checks[frontend:typeCheck].directory (default): typescript is not in frontend/package-lock.json\n"},
		"Vitest": {nil, map[string]string{
			"frontend/package-lock.json": strings.Replace(sound()["frontend/package-lock.json"], "vitest", "jest", 1),
		},
			"suites[frontend:test].directory (default): vitest is not in frontend/package-lock.json\n"},
		"Vite": {nil, map[string]string{
			"frontend/package-lock.json": strings.Replace(
				sound()["frontend/package-lock.json"],
				"node_modules/vite\"",
				"node_modules/webpack\"",
				1,
			),
		},
			"build.frontend.directory (default): vite is not in frontend/package-lock.json\n"},
		"Dockerfile": {
			[]string{"Dockerfile"},
			nil,
			"build.image.dockerfile (default): Dockerfile does not exist\n    name another, or build: {image: " +
				"{absent: why}}\n",
		},
		"context": {
			nil,
			map[string]string{config: "build: {image: {context: docker}}\n"},
			"build.image.context (release.yaml:1:26): docker does not exist\n",
		},
		"further image": {
			nil,
			map[string]string{config: "build:\n  images:\n" +
				"    agent: {name: ghcr.io/ada/agent, dockerfile: agent/Dockerfile}\n" +
				"    docs: {name: ghcr.io/ada/docs, target: docs}\n"},
			"build.images.agent.dockerfile (release.yaml:3:50): agent/Dockerfile does not exist\n    name another, " +
				"or leave the line out to take that of build.image\n",
		},
		"tag of a further image": {
			nil,
			map[string]string{
				config:               "build: {images: {agent: {name: ghcr.io/ada/agent}}}\n",
				"docker-compose.yml": "services: {agent: {image: 'ghcr.io/ada/agent:2'}}\n",
			},
			"publish.versionTag (default): docker-compose.yml:1 names ghcr.io/ada/agent:2: no such tag gets " +
				"published\n",
		},
		"LFS pointer": {
			nil,
			map[string]string{"models/eye.onnx": pointer},
			"build.image.context (default): Git LFS pointers stand for the files themselves: models/eye.onnx\n    " +
				"git lfs install && git lfs pull, or build: {lfs: {allow: [models/eye.onnx]}} if pointers are meant\n",
		},
		"LFS pointer that is meant": {nil, map[string]string{
			config:            "build: {lfs: {allow: ['models/*.onnx']}}\n",
			"models/eye.onnx": pointer,
		}, ""},
		"pattern of LFS pointers": {nil, map[string]string{config: "build: {lfs: {allow: [models]}}\n"},
			"build.lfs.allow[0] (release.yaml:1:23): no file of the app is named by models\n    name another, or " +
				"leave it out\n"},
		"LFS pointers in any folder": {nil, map[string]string{
			config:                           "build: {lfs: {allow: ['*.onnx']}}\n",
			"backend/vision/models/eye.onnx": pointer,
		}, ""},
		"tag of the image": {nil, map[string]string{
			"docker-compose.yml": "services:\n  odin:\n    image: ghcr.io/hughkantsime/runsodin:v1.0.0\n",
			"docs/index.md":      "docker pull ghcr.io/hughkantsime/runsodin:latest\n",
			"old.md":             "docker pull ghcr.io/hughkantsime/runsodin:0.9.0\n",
		},
			"publish.versionTag (default): docker-compose.yml:3 names ghcr.io/hughkantsime/runsodin:v1.0.0: the tag " +
				"of 1.0.0 is 1.0.0\n    name 1.0.0 or latest there, change publish.versionTag, or add v1.0.0 to " +
				"publish.otherTags if something else publishes it\n"},
		"migrations": {nil, map[string]string{
			config: "migrations:\n  - {paths: [backend/sql], command: 'psql -f {file}'}\n",
		},
			"migrations[0].paths[0] (release.yaml:2:14): no file of the app is named by backend/sql\n    name " +
				"another, or migrations: {absent: why}\n"},
		"docs": {nil, map[string]string{config: "docs: {paths: [manual]}\n"},
			"docs.paths[0] (release.yaml:1:16): no file of the app is named by manual\n    name another, or " +
				"docs: {paths: {absent: why}}\n"},
		"settings": {nil, map[string]string{config: "settings: {compose: [a.yml], environment: [.env], code: [src]}\n"},
			"settings.code[0] (release.yaml:1:58): no file of the app is named by src\n    name another, or " +
				"settings: {code: {absent: why}}\n" +
				"settings.compose[0] (release.yaml:1:22): no file of the app is named by a.yml\n    name another, or " +
				"settings: {compose: {absent: why}}\n" +
				"settings.environment[0] (release.yaml:1:44): no file of the app is named by .env\n    name another, " +
				"or settings: {environment: {absent: why}}\n"},
		"attached files": {nil, map[string]string{config: "publish: {attach: [setup.sh]}\n"},
			"publish.attach[0] (release.yaml:1:20): no file of the app is named by setup.sh\n    name a file of the " +
				"app, as in publish: {attach: [install.sh]}\n"},
		"docs workflow": {
			nil,
			map[string]string{config: "docs: {rebuild: {workflow: docs.yml}}\n"},
			"docs.rebuild.workflow (release.yaml:1:28): .github/workflows/docs.yml does not exist\n",
		},
		"health": {nil, map[string]string{
			"backend/openapi.json": `{"paths": {"/health": {}, "/api/v1/printers": {"post": {}}}}`,
		},
			"verify.health (default): backend/openapi.json has no /api/v1/health; it has /health\n    verify: " +
				"{health: /path}\n"},
		"probe": {nil, map[string]string{
			"backend/openapi.json": `{"paths": {"/api/v1/health": {}, "/api/v1/printers": {"get": {}}}}`,
		},
			"verify.probe (default): the probe record is stored by POST /api/v1/printers, which " +
				"backend/openapi.json does not have\n"},
		"page": {nil, map[string]string{config: "build: {frontend: {absent: an API alone}}\n"},
			"verify.page (default): the page / must contain the version, but build.frontend is absent (an API " +
				"alone)\n"},
		"supervisord": {
			nil,
			map[string]string{"Dockerfile": "FROM scratch\n"},
			"verify.processes (default): supervisord is asked for its programs, and Dockerfile does not name it\n " +
				"   verify: {processes: {absent: why}}\n",
		},
		"pytest, no group yet": {nil, map[string]string{
			config:                          "suites: [{name: 'backend:integration', absent: none}]\n",
			"backend/pyproject.toml":        "[project]\nversion = \"1.0.0\"\n",
			"backend/requirements-dev.lock": "mypy==1" + hash + "ruff==1" + hash,
		},
			"suites[backend:unit].environment (default): pytest is not in the environment backend " +
				"(backend/requirements-dev.lock)\n    add pytest to dev under [dependency-groups] of " +
				"backend/pyproject.toml, then: " +
				"uv pip compile backend/pyproject.toml --group backend/pyproject.toml:dev --universal " +
				"--generate-hashes --no-header --python-version 3.11 -o backend/requirements-dev.lock\n"},
		"uv project": {nil, map[string]string{config: "environments: {backend: {project: backend}}\n"},
			"environments.backend.project (release.yaml:1:35): backend/uv.lock does not exist; "},
		"pytest, in a uv project": {nil, map[string]string{config: "environments: {backend: {project: backend}}\n",
			"backend/uv.lock": "version = 1\n[[package]]\nname = " +
				"\"odin\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\n[[package]]\nname = \"ruff\"\n" +
				"[[package]]\nname = \"mypy\"\n",
			"backend/pyproject.toml": "[project]\nname = \"odin\"\nversion = \"1.0.0\"\n"},
			"suites[backend:unit].environment (default): pytest is not in the environment backend " +
				"(backend/uv.lock)\n    uv add --dev --project backend pytest\n" +
				"suites[backend:integration].environment (default): pytest is not"},
		"an included file": {nil, map[string]string{
			config: "environments: {tests: {requirements: [tests.txt]}}\nsuites: [{name: 'backend:unit', " +
				"environment: tests}]\n",
			"tests.txt": "-r base.txt\npytest-cov\n",
		},
			"environments.tests.requirements[0] (release.yaml:1:39): base.txt does not exist, which tests.txt " +
				"includes\n    create base.txt\n"},
		"pytest, not locked": {nil, map[string]string{
			config: "environments: {tests: {requirements: [tests.txt]}}\nsuites:\n  - {name: backend:unit, " +
				"environment: tests}\n",
			"tests.txt": "httpx\n",
		},
			"suites[backend:unit].environment (release.yaml:3:39): pytest is not in the environment tests " +
				"(tests.txt)\n    echo pytest >> tests.txt\n"},
	} {
		t.Run(name, func(t *testing.T) {
			files := sound()
			maps.Copy(files, test.with)
			for _, file := range test.without {
				delete(files, file)
			}
			examined := tree(t, files)
			examined.Files = slices.DeleteFunc(
				examined.Files,
				func(file string) bool { return files[file] == "ignored" },
			)
			pasted(t, doctor.Examine(examined))
			got := written(examined)
			if !strings.HasPrefix(got, test.want) ||
				strings.Count(got, "\n") > max(2, 2*strings.Count(test.want, "    ")) &&
					!strings.Contains(name, "uv project") {
				t.Errorf("got\n%s\nexpected\n%s", got, test.want)
			}
		})
	}
}

// settingLine matches the start of a line for release.yaml in a fix, such as docs: {.
var settingLine = regexp.MustCompile(`\b[a-zA-Z]+: [\[{]`)

// pasted loads each line of the fixes that is meant for release.yaml as the whole release.yaml of an app.
func pasted(t *testing.T, problems []doctor.Problem) {
	t.Helper()
	for _, problem := range problems {
		for rest := problem.Fix; ; {
			start := settingLine.FindStringIndex(rest)
			if start == nil {
				break
			}
			line := flow(rest[start[0]:])
			rest = rest[start[0]+len(line):]
			line = strings.NewReplacer("OWNER/NAME", "ada/shop", "VERSION]", "1.0]").Replace(line)
			if _, err := app.Find(testkit.Files(t, map[string]string{"release.yaml": line + "\n"})); err != nil {
				t.Errorf("the fix of %s, %s, as release.yaml: %v", problem.Key, line, err)
			}
		}
	}
}

// flow returns the start of a text up to the bracket that closes the first one.
func flow(text string) string {
	depth := 0
	for i, char := range text {
		switch char {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return text[:i+1]
			}
		}
	}
	return text
}

// TestNoOrigin does not accept the default name of the image where nothing says whose
// repository it is.
func TestNoOrigin(t *testing.T) {
	unknown := tree(t, sound())
	unknown.Repository = ""
	const want = "build.image.name (default): no remote origin on GitHub says whose it is, and the default " +
		"ghcr.io/hughkantsime/runsodin is the image of another app\n    git remote add origin https://github.com/OWNER/NAME, or build: {image: {name: " +
		"ghcr.io/OWNER/NAME}}\n"
	pasted(t, doctor.Examine(unknown))
	if got := written(unknown); got != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
	files := sound()
	files["release.yaml"] = "build: {image: {name: ghcr.io/ada/shop}}\n"
	named := tree(t, files)
	named.Repository = ""
	if got := written(named); got != "" {
		t.Error(got)
	}
}

// TestFine has what is unusual but correct.
func TestFine(t *testing.T) {
	for name, with := range map[string]map[string]string{
		"a plugin brings pytest": {
			"release.yaml": "environments: {tests: {requirements: [tests.txt]}}\nsuites: [{name: 'backend:unit', " +
				"environment: tests}]\n",
			"tests.txt": "-r base.txt # more\npytest-cov>=1\n",
			"base.txt":  "httpx\n",
		},
		"an editable install": {
			"release.yaml": "environments: {tests: {requirements: [tests.txt]}}\nsuites: [{name: 'backend:unit', " +
				"environment: tests}]\n",
			"tests.txt": "-e backend[dev]\n",
		},
		"a page of its own": {
			"release.yaml": "build: {frontend: {absent: the Dockerfile builds it}}\nverify: {page: /}\n",
		},
		"no database": {"release.yaml": "migrations: {absent: no database}\n"},
		"a module that is found elsewhere": {
			"release.yaml": "contract: {app: 'shop:app', env: {PYTHONPATH: ../lib}}\n",
		},
		"a spec in YAML": {
			"release.yaml": "contract: {spec: openapi.yaml}\n",
			"openapi.yaml": "paths:\n  /api/v1/health: {}\n  /api/v1/printers: {post: {}}\n",
		},
		"globs": {
			"release.yaml": "checks: [{name: 'frontend:lint', paths: ['src/**/*.ts']}]\n",
		},
	} {
		files := sound()
		maps.Copy(files, with)
		if got := written(tree(t, files)); got != "" {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// TestAll reports everything at once, here for a folder that only contains the smallest
// release.yaml of the reference.
func TestAll(t *testing.T) {
	alone := tree(t, map[string]string{"release.yaml": example(t)})
	alone.Repository = "ada/shop"
	testkit.Golden(t, "testdata/example-alone.txt", written(alone))
	pasted(t, doctor.Examine(alone))

	files := sound()
	files["release.yaml"] = example(t)
	fits := tree(t, files)
	fits.Repository = "ada/shop"
	if got := written(fits); got != "" {
		t.Errorf("in an app of the documented shape:\n%s", got)
	}
	delete(files, "release.yaml")
	unnamed := tree(t, files)
	unnamed.Repository = "ada/shop"
	testkit.Golden(t, "testdata/unnamed.txt", written(unnamed))
	pasted(t, doctor.Examine(unnamed))
}

// example returns the README's smallest release.yaml, with a name in place of
// OWNER/APP, which would be refused.
func example(t *testing.T) string {
	t.Helper()
	text := docs.Read(t, "magefiles/targets/README.md").Block(t, "yaml", "releaseyaml", "build:")
	if strings.Count(text, "\n") != 2 {
		t.Errorf("the example has not two lines: %q", text)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "release.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Find(
		root,
	); err == nil ||
		!strings.Contains(err.Error(), `release.yaml:1:23: "ghcr.io/OWNER/APP" is not the name of an image`) {
		t.Errorf("the placeholder is not refused: %v", err)
	}
	return strings.ReplaceAll(text, "OWNER/APP", "ada/shop")
}

// TestAnAPIAlone uses the reference's release.yaml of that name in an app that it fits.
func TestAnAPIAlone(t *testing.T) {
	text := docs.Read(t, "magefiles/targets/README.md").Block(t, "yaml", "an-api-alone", "build:")
	files := sound()
	maps.DeleteFunc(files, func(file, _ string) bool { return strings.HasPrefix(file, "frontend/") })
	files["Dockerfile"] = "FROM scratch\n"
	files["backend/openapi.json"] = `{"paths": {"/health": {"get": {}}, "/items": {"post": {}}}}`
	files["release.yaml"] = strings.ReplaceAll(text, "OWNER/APP", "ada/shop")
	alone := tree(t, files)
	alone.Repository = "ada/shop"
	if got := written(alone); got != "" {
		t.Error(got)
	}
	if config := alone.App.Config; config.NeedsNode() || !config.Verify.NeedsPostgresql() ||
		config.Verify.Page.Absent == "" {
		t.Errorf("%+v", config.Verify)
	}
}

// TestSample checks the bundled app.
func TestSample(t *testing.T) {
	const sample = "../../rehearsal/sample"
	found, err := app.Find(sample)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	err = filepath.WalkDir(sample, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, strings.TrimPrefix(filepath.ToSlash(path), sample+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := written(doctor.Tree{App: found, Files: files, Repository: "hughkantsime/runsodin"}); got != "" {
		t.Error(got)
	}
}
