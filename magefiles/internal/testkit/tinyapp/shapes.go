package tinyapp

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// Shape is a small app with a particular layout. Its image, if any, contains one program and takes no time to
// build.
type Shape struct {
	Name     string
	Folder   string            // of the app in its repository; "" means the root
	Copied   map[string]string // folders of the bundled sample, by where the app has them
	Files    map[string]string // includes a Dockerfile, unless the image only contains the program
	Database bool              // whether the program keeps its data in PostgreSQL
	Absent   bool              // whether there is no image
	Images   []string          // further images
}

// shapeVersion is the version of the bundled sample, and so the version of the last release of each shape.
const shapeVersion = "1.7.3"

// The parts of the shapes' configurations.
const (
	noChecksOf      = "  - {name: '%[1]s:lint', absent: none}\n  - {name: '%[1]s:typeCheck', absent: none}\n"
	noFrontendSuite = "  - {name: 'frontend:test', absent: none}\n"
	noBackendSuites = "  - {name: 'backend:unit', absent: none}\n  - {name: 'backend:integration', absent: none}\n"
	noBackend       = "contract: {absent: none}\nmigrations: {absent: none}\n"
	noParts         = "build:\n  frontend: {absent: none}\n  vendor: {absent: none}\n"
	ownImage        = "  image: {name: ghcr.io/ada/shop, platforms: [linux/" + runtime.GOARCH + "]}\n"
)

// noPython and noNode return the checks of an app without a backend, or without a frontend.
func noPython() string { return fmt.Sprintf(noChecksOf, "backend") }
func noNode() string   { return fmt.Sprintf(noChecksOf, "frontend") }

// neither returns the configuration of an app with neither a backend nor a frontend.
func neither() string {
	return "checks:\n" + noPython() + noNode() + "suites:\n" + noFrontendSuite + noBackendSuites + noBackend +
		"versionFiles: [{path: VERSION}]\n" + noParts
}

// Shapes returns apps that differ from the layout of O.D.I.N.
func Shapes() []Shape {
	return append(layouts(),
		Shape{
			Name: "only PostgreSQL", Database: true,
			Files: map[string]string{"release.yaml": neither() + ownImage + startedOnPostgres},
		},
		Shape{
			Name:   "many images",
			Images: []string{"ghcr.io/ada/shop-agent", "ghcr.io/ada/shop-docs", "ghcr.io/ada/shop-tool"},
			Files: map[string]string{
				"release.yaml": neither() + ownImage + manyImages + startedAlone,
				"Dockerfile": "FROM scratch AS agent\nARG FOR\nLABEL for=$FOR\nCOPY --chmod=755 app VERSION /\n" +
					"ENTRYPOINT [\"/app\"]\nFROM agent\nLABEL own=yes\n",
				"tool/Dockerfile": "FROM scratch\nCOPY --chmod=755 app /\nENTRYPOINT [\"/app\"]\n",
				"docs/Dockerfile": "FROM scratch\nCOPY index.html /\n",
				"docs/index.html": "<h1>Shop</h1>\n",
			},
		},
		Shape{
			Name: "a folder", Folder: "services/shop",
			Files: map[string]string{"release.yaml": neither() + ownImage + startedAlone},
		},
		Shape{
			Name: "no image", Folder: "tools/shop", Absent: true,
			Files: map[string]string{"release.yaml": neither() + `  image: {absent: files only}
  files:
    - {name: text, command: [sh, -c, 'echo "$VERSION" >"$OUTPUT_DIR/shop.txt"'], outputs: [shop.txt]}
` + announced},
		},
	)
}

// layouts returns the apps that have a backend or a frontend.
func layouts() []Shape {
	return []Shape{
		{
			Name: "backend only", Copied: map[string]string{"backend": "backend"},
			Files: map[string]string{"release.yaml": "checks:\n" + noNode() + "suites:\n" + noFrontendSuite +
				"versionFiles: [{path: VERSION}, {path: backend/pyproject.toml}]\n" +
				"build:\n  frontend: {absent: none}\n" + ownImage + startedAlone},
		},
		{
			Name: "frontend only", Copied: map[string]string{"frontend": "frontend"},
			Files: map[string]string{"release.yaml": "checks:\n" + noPython() +
				"suites:\n" + noBackendSuites + noBackend +
				"versionFiles: [{path: VERSION}, {path: frontend/package.json}, {path: frontend/package-lock.json}]\n" +
				"build:\n  vendor: {absent: none}\n" + ownImage + started},
		},
		{
			Name:   "other folders",
			Copied: map[string]string{"services/api": "backend", "web": "frontend"},
			Files: map[string]string{"release.yaml": "backend: {directory: services/api}\n" +
				"frontend: {directory: web}\nbuild:\n" + ownImage + started},
		},
	}
}

// manyImages are three further images: one that serves, one that a command tests, and one that only contains files.
const manyImages = `  images:
    agent:
      name: ghcr.io/ada/shop-agent
      target: agent
      args: {FOR: '{version}'}
      verify: {health: /health}
    tool:
      name: ghcr.io/ada/shop-tool
      dockerfile: tool/Dockerfile
      verify: {command: [status]}
    docs: {name: ghcr.io/ada/shop-docs, context: docs, dockerfile: docs/Dockerfile}
`

const announced = "announce: {name: Shop}\ndocs: {rebuild: {absent: no site}}\n"

const started = "verify:\n" + health + announced

const startedAlone = "verify:\n  page: {absent: an API alone}\n" + health + announced

const health = `  settle: 1s
  health: /health
  processes: [/app, status]
  probe: {path: /records, body: '{"name": "kept"}'}
`

const startedOnPostgres = `verify:
  needs: [postgresql]
  settle: 1s
  health: /health
  page: {absent: an API alone}
  processes: {absent: one program}
  volume: {absent: all is in the database}
  probe: {path: /records, body: '{"name": "kept"}'}
` + announced

// Write makes a repository with the app, whose last release is v1.7.3, and returns the app's folder. There is a fix
// since then and, if the app is in a folder of its own, a breaking change of something outside of it. sample is the
// folder of the bundled sample.
func (s Shape) Write(t testing.TB, sample string) string {
	t.Helper()
	c := testkit.NewClone(t)
	root := filepath.Join(c.Dir, filepath.FromSlash(s.Folder))
	commit := func(message string) {
		t.Helper()
		c.Git("add", "--all")
		c.Git("commit", "--quiet", "--message", message)
	}
	write := func(file, content string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for to, from := range s.Copied {
		to = filepath.Join(root, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		testkit.CopyTree(t, filepath.Join(sample, from), to)
	}
	files := maps.Clone(s.Files)
	files["VERSION"] = shapeVersion + "\n"
	files[".gitignore"] = "node_modules/\n__pycache__/\n"
	if _, own := s.Files["Dockerfile"]; !s.Absent && (!own || len(s.Images) > 0) {
		program := Program
		if s.Database {
			program = DatabaseProgram
		}
		files["app"] = string(program(t, runtime.GOARCH))
		if files["Dockerfile"] == "" {
			files["Dockerfile"] = "FROM scratch\nCOPY --chmod=755 app VERSION /\nENTRYPOINT [\"/app\"]\n"
		}
	}
	for file, content := range files {
		write(file, content)
	}
	commit("feat: a shop")
	c.Git("tag", "v"+shapeVersion)
	write("fixed.txt", "1\n")
	commit("fix: a thing")
	if s.Folder != "" {
		c.Write("README.md", "# Many apps\n")
		commit("feat!: something else")
	}
	c.Git("remote", "set-url", "origin", "https://github.com/ada/shop")
	return root
}
