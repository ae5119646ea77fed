package detect

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// python describes the backend.
type python struct {
	found        bool
	dir          string // of the project
	why          string // the file that shows it
	imports      string // the folder that its modules are imported from
	app          string // the application as module:name; "" when it was not found
	version      string // of the interpreter, such as 3.12
	versionWhy   string
	requirements []string // files of the environment for checks and suites
	packages     []string // of the environment besides those of the files
	project      string   // the lock, if the environment is a uv or Poetry project
	poetry       bool     // the project is managed by Poetry, and has no lock
}

// pythonSearch finds the backend.
type pythonSearch struct{ *search }

// requirementFiles are names of requirement files.
var requirementFiles = []string{"requirements*.txt", "requirements*.lock", "requirements*.in", "dev-requirements.txt"}

// findPython finds the folder of the backend: that of the FastAPI application, else the
// first one with the files of a Python project.
func (s pythonSearch) findPython() python {
	p := python{dir: ".", version: "3.11"}
	module := s.application(&p)
	if module == "" {
		for _, file := range s.named(append([]string{"pyproject.toml"}, requirementFiles...)...) {
			if s.isProject(file) {
				p.found, p.dir, p.why = true, path.Dir(file), file
				break
			}
		}
		p.imports = p.dir
	}
	if !p.found {
		return p
	}
	s.pythonVersion(&p)
	s.pythonPackages(&p)
	return p
}

// isProject reports whether a file makes its folder a Python project. A pyproject.toml
// may contain nothing but settings of tools.
func (s pythonSearch) isProject(file string) bool {
	if isTest(file) {
		return false
	}
	text := s.read(file)
	return path.Base(file) != "pyproject.toml" || strings.Contains(text, "[project]") ||
		strings.Contains(text, "[tool.poetry]")
}

var (
	moduleApp  = pattern.Lazy(`(?m)^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?FastAPI\(`)
	function   = pattern.Lazy(`(?m)^def (\w+)\(`)
	createsApp = pattern.Lazy(`(?m)^\s+(?:return |\w+\s*(?::[^=\n]+)?=\s*)(?:\w+\.)?FastAPI\(`)
)

// application finds the FastAPI application or its factory, and sets where it is.
func (s pythonSearch) application(p *python) (file string) {
	files := s.named("main.py", "app.py", "asgi.py", "api.py", "server.py", "__init__.py")
	for _, file := range append(files, s.named("*.py")...) {
		if isTest(file) {
			continue
		}
		name := applicationIn(s.read(file))
		if name == "" {
			continue
		}
		p.found, p.dir, p.why = true, s.projectOf(file), file
		p.imports = p.dir
		if p.dir == "." && strings.HasPrefix(file, "src/") || strings.HasPrefix(file, p.dir+"/src/") {
			p.imports = path.Join(p.dir, "src")
		}
		module := strings.TrimSuffix(strings.TrimPrefix(file, strings.TrimPrefix(p.imports+"/", "./")), ".py")
		p.app = strings.TrimSuffix(strings.ReplaceAll(module, "/", "."), ".__init__") + ":" + name
		return file
	}
	return ""
}

// applicationIn returns the name of the application that a module creates, or of the
// function that does so.
func applicationIn(text string) string {
	if match := moduleApp().FindStringSubmatch(text); match != nil {
		return match[1]
	}
	created := createsApp().FindStringIndex(text)
	if created == nil {
		return ""
	}
	functions := function().FindAllStringSubmatch(text[:created[0]+1], -1)
	if functions == nil {
		return ""
	}
	return functions[len(functions)-1][1]
}

// projectOf returns the nearest folder above a module with the files of a project; else
// the folder above its package.
func (s pythonSearch) projectOf(module string) string {
	for dir := path.Dir(module); ; dir = path.Dir(dir) {
		for _, file := range s.Files {
			if path.Dir(file) == dir && isManifest(path.Base(file)) && s.isProject(file) {
				return dir
			}
		}
		if dir == "." {
			break
		}
	}
	dir := path.Dir(module)
	for dir != "." && s.has(path.Join(dir, "__init__.py")) {
		dir = path.Dir(dir)
	}
	return dir
}

func isManifest(name string) bool {
	return name == "pyproject.toml" || slices.ContainsFunc(requirementFiles, func(pattern string) bool {
		matched, _ := path.Match(pattern, name)
		return matched
	})
}

var (
	pythonImage = pattern.Lazy(`(?m)^FROM (?:--platform=\S+ )?(?:\S+/)?python:(3\.\d+)`)
	pythonFile  = pattern.Lazy(`^\s*(3\.\d+)`)
	pythonLeast = pattern.Lazy(`(?m)^(?:requires-python|python)\s*=\s*["'][^"'0-9]*(3\.\d+)`)
)

// pythonVersion finds the interpreter's version: that of the image, else of the project.
func (s pythonSearch) pythonVersion(p *python) {
	files := s.named("Dockerfile*")
	for _, file := range append(files, path.Join(p.dir, ".python-version"), ".python-version") {
		pattern := pythonImage
		if path.Base(file) == ".python-version" {
			pattern = pythonFile
		}
		if place, groups := s.match(file, pattern()); groups != nil {
			p.version, p.versionWhy = groups[1], place
			return
		}
	}
	if place, groups := s.match(path.Join(p.dir, "pyproject.toml"), pythonLeast()); groups != nil {
		p.version, p.versionWhy = groups[1], place
		s.ask("environments.backend.python", fmt.Sprintf(
			"%s is the least version that %s allows; is it the one in the image?", p.version, p.versionWhy), "")
	}
}
