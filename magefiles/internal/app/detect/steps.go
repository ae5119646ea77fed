package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// stepSearch sets what checks and suites there are, and what they run with.
type stepSearch struct{ *search }

// environments sets what the environment of checks and suites is installed from.
func (s stepSearch) environments() {
	p := s.python
	if !p.found {
		return
	}
	if p.versionWhy != "" {
		s.fact("Python", p.version, p.versionWhy)
	} else {
		s.fact("Python", p.version, "the default")
	}
	switch {
	case p.project != "":
		s.fact("environment", "the project in "+p.dir, p.project)
	case p.poetry:
		s.fact("environment", "a Poetry project", path.Join(p.dir, "pyproject.toml"))
		s.ask("environments.backend.requirements[0]", path.Join(p.dir, "pyproject.toml")+" is a Poetry project "+
			"without a poetry.lock; can the app have one?", backend.ProjectCommand(p.dir, "poetry.lock")+
			", and environments: {backend: {project: "+p.dir+"}}")
	case s.has(p.requirements[0]):
		s.fact("environment", strings.Join(p.requirements, ", "), "requirement files")
	default:
		s.fact("environment", "not found", p.dir+" has no requirement file and no uv.lock")
	}
	usual := s.defaults.Environments["backend"].Requirements
	if p.project == "" && p.version == "3.11" && slices.Equal(p.requirements, usual) {
		return
	}
	s.set("environments", "environments:")
	s.set("environments", "  backend:")
	s.set("environments", `    python: "%s"`, p.version)
	if p.project != "" {
		s.set("environments", "    project: %s", scalar(p.dir))
	} else {
		s.set("environments", "    requirements: %s", sequence(p.requirements))
	}
	if len(p.packages) > 0 {
		s.set("environments", "    packages: %s", sequence(p.packages))
	}
}

// entry is a default check or suite, and what this app sets of it.
type entry struct {
	list, name, absent string
	why                string   // the tool is installed
	settings           []string // such as directory: api
}

// add writes the entries that set anything.
func (s stepSearch) add(entries ...entry) {
	for _, each := range entries {
		if each.absent != "" {
			each.settings = []string{"absent: " + scalar(each.absent)}
		}
		value, why := settled(each)
		s.fact(each.name, value, why)
		if len(each.settings) == 0 {
			continue
		}
		if len(s.lines[each.list]) == 0 {
			s.set(each.list, "%s:", each.list)
		}
		s.set(each.list, "  - {name: %s, %s}", scalar(each.name), strings.Join(each.settings, ", "))
	}
}

// settled returns the settings of an entry, and the reason for them.
func settled(each entry) (value, why string) {
	switch {
	case each.absent != "":
		return "none", each.absent
	case len(each.settings) == 0:
		return "as by default", each.why
	}
	return strings.Join(each.settings, ", "), each.why
}

// pythonEntry returns a check or suite of the backend, which runs in its folder. If the app has no linters, the
// pipeline uses its own.
func (s stepSearch) pythonEntry(list, name, tool string) entry {
	each := entry{list: list, name: name, why: tool + " is installed"}
	if !s.python.found {
		each.absent = "no Python"
		return each
	}
	switch {
	case list == "suites":
		each.why = "it has tests" // if pytest is not installed, doctor reports it
	case !pythonSearch(s).hasTool(tool):
		each.why = "with the pipeline's own " + tool
		s.ask("checks["+name+"]", "the app does not install "+tool+", so that the pipeline's own "+tool+
			" runs; should it?", "keep it, or checks: [{name: \""+name+"\", absent: why}]")
	}
	return each
}

// nodeEntry returns a check or suite of the frontend, which runs in its folder.
func (s stepSearch) nodeEntry(list, name, npm string) entry {
	each := entry{list: list, name: name, why: npm + " is installed"}
	switch {
	case !s.node.found:
		each.absent = "no frontend"
	case !s.node.packages[npm]:
		each.absent = npm + " is not installed"
	}
	return each
}

// checks sets which checks the app has.
func (s stepSearch) checks() {
	s.add(
		s.pythonEntry("checks", "backend:lint", "ruff"),
		s.pythonEntry("checks", "backend:typeCheck", "mypy"),
		s.nodeEntry("checks", "frontend:lint", "eslint"),
		s.nodeEntry("checks", "frontend:typeCheck", "typescript"),
	)
}

// suites sets which suites the app has, and where their tests are.
func (s stepSearch) suites() {
	unit := s.pythonEntry("suites", "backend:unit", "pytest")
	integration := s.pythonEntry("suites", "backend:integration", "pytest")
	if s.python.found {
		s.pythonSuites(&unit, &integration)
	}
	s.add(unit, integration, s.nodeEntry("suites", "frontend:test", "vitest"))
}

// pythonSuites sets the folders of the tests: those for unit and integration tests, else
// one for all, beside the backend or in the root. Tests without pytest are a problem that
// doctor finds, and no reason to leave them out.
func (s stepSearch) pythonSuites(unit, integration *entry) {
	dir := s.python.dir
	if !s.hasFolder(path.Join(dir, "tests")) && s.hasFolder("tests") {
		dir = "."
	}
	for _, each := range []*entry{unit, integration} {
		if each.settings = nil; dir != s.python.dir {
			each.settings = []string{"directory: " + scalar(dir)}
		}
	}
	tests := path.Join(dir, "tests")
	switch {
	case s.hasFolder(path.Join(tests, "unit")):
		s.otherTests(tests)
	case s.hasFolder(tests):
		unit.settings = append(unit.settings, "paths: [tests]")
	default:
		unit.absent = "no tests"
	}
	folder := path.Join(tests, "integration")
	if !s.hasFolder(folder) {
		integration.absent = "no folder " + folder
		return
	}
	for _, file := range s.under(folder) {
		if strings.Contains(s.read(file), "TEST_DATABASE_URL") {
			return
		}
	}
	s.ask("suites[backend:integration].needs", "no test in "+folder+" reads TEST_DATABASE_URL, which names an empty "+
		"PostgreSQL database; do they need one?", "read it in the tests, or suites: "+
		`[{name: "backend:integration", needs: []}]`)
}

// contract sets what is imported for the API's routes, and the spec.
func (s stepSearch) contract() {
	p := s.python
	if !p.found {
		s.set("contract", "contract: %s", absent("no API in Python"))
		return
	}
	spec := path.Join(p.dir, "openapi.json")
	if files := s.named("openapi.json", "openapi.yaml", "openapi.yml"); !s.has(spec) && len(files) > 0 {
		spec = files[0]
	}
	var set []string
	if p.app == "" {
		s.ask("contract.app", "no file creates an application with FastAPI(); which module has it?",
			"contract: {app: 'module:name'}, or contract: {absent: why}")
		s.fact("application", "not found", "no module calls FastAPI()")
	} else {
		if p.app != "app.main:create_app" {
			set = append(set, "  app: "+scalar(p.app)+" # "+p.why)
		}
		s.fact("application", p.app, p.why)
	}
	if p.imports != p.dir {
		set = append(set, "  directory: "+scalar(p.imports))
	}
	switch {
	case !s.has(spec): // else the plan would have nothing to compare
		set = append(set, "  spec: {absent: none is committed} # so that the app itself is asked for its routes")
		s.fact("OpenAPI spec", "none is committed", "no openapi.json, openapi.yaml or openapi.yml")
	case spec != s.defaults.Contract.Spec.Value:
		set = append(set, "  spec: "+scalar(spec))
		fallthrough
	default:
		s.fact("OpenAPI spec", spec, "it is there")
	}
	if len(set) > 0 {
		s.set("contract", "contract:")
		s.lines["contract"] = append(s.lines["contract"], set...)
	}
}
