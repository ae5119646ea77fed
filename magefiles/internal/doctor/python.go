package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/backend"
)

// environments looks at the Python environments that something uses.
func (e *examination) environments() {
	users := e.users()
	for _, name := range slices.Sorted(maps.Keys(users)) {
		environment, key := e.App.Config.Environments[name], "environments."+name
		used := listed(users[name])
		if environment.Project != "" {
			e.project(key, environment.Project, used)
		}
		for i, file := range environment.Requirements {
			e.requirements(fmt.Sprintf("%s.requirements[%d]", key, i), file, environment.Python, used+e.needed(name))
		}
		if e.Python == nil || environment.Python == "" {
			continue
		}
		if err := e.Python(environment.Python); err != nil {
			e.add(key+".python", fmt.Sprintf("uv python install %s", environment.Python), "%v; it is used by %s", err, used)
		}
	}
}

// needed names the tools that an environment has to have, for a sentence.
func (e *examination) needed(environment string) string {
	var tools []string
	for _, step := range slices.Concat(e.App.Config.Checks, e.App.Config.Suites) {
		isTool := slices.Contains([]string{"ruff", "mypy", "pytest"}, step.Kind)
		if step.Absent == "" && step.Environment == environment && isTool && !slices.Contains(tools, step.Kind) {
			tools = append(tools, step.Kind)
		}
	}
	if len(tools) == 0 {
		return ""
	}
	return " for " + strings.Join(tools, ", ")
}

// users are the checks, suites and the like that run in each environment.
func (e *examination) users() map[string][]string {
	users := map[string][]string{}
	config := e.App.Config
	for _, step := range slices.Concat(config.Checks, config.Suites) {
		if step.Absent == "" && step.Environment != "" && step.Kind != "contract" {
			users[step.Environment] = append(users[step.Environment], step.Name)
		}
	}
	if config.Contract.Absent == "" {
		users[config.Contract.Environment] = append(users[config.Contract.Environment], "contract")
	}
	return users
}

// project looks at a uv project.
func (e *examination) project(key, dir, used string) {
	if reason := e.lacks(path.Join(dir, "pyproject.toml")); reason != "" {
		e.add(key+".project", "uv init "+dir, "%s; it is used by %s", reason, used)
		return
	}
	if reason := e.lacks(path.Join(dir, "uv.lock")); reason != "" {
		e.add(key+".project", "uv lock --project "+dir, "%s; it is used by %s", reason, used)
	}
}

// requirements looks at a requirements file and at those that it includes.
func (e *examination) requirements(key, file, python, used string) {
	if reason := e.lacks(file); reason != "" {
		e.add(key, e.lockCommand(file, python), "%s; it is used by %s", reason, used)
		return
	}
	for _, inner := range e.included(file, map[string]bool{file: true}) {
		if reason := e.lacks(inner); reason != "" {
			e.add(key, e.lockCommand(inner, python), "%s, which %s includes", reason, file)
		}
	}
}

var (
	includedLine = regexp.MustCompile(`(?m)^\s*(?:-r|-c|--requirement|--constraint)[ =]+(\S+)`)
	requirement  = regexp.MustCompile(`(?m)^\s*([A-Za-z0-9][A-Za-z0-9._-]*)`)
	opaque       = regexp.MustCompile(`(?m)^\s*(?:-e|--editable|\.|/|[a-z+]+:)`)
	separators   = regexp.MustCompile(`[-_.]+`)
)

// included are the files that a requirements file includes, those of others
// too.
func (e *examination) included(file string, seen map[string]bool) []string {
	var list []string
	for _, match := range includedLine.FindAllSubmatch(e.read(file), -1) {
		inner := path.Join(path.Dir(file), string(match[1]))
		if !seen[inner] {
			seen[inner] = true
			list = append(append(list, inner), e.included(inner, seen)...)
		}
	}
	return list
}

// distributions are what is installed in an environment, as far as its files
// tell. exact says that nothing else is.
func (e *examination) distributions(environment app.Environment) (names []string, exact bool) {
	if environment.Project != "" {
		return lockedProject(e.read(path.Join(environment.Project, "uv.lock"))), true
	}
	exact = true
	for _, file := range environment.Requirements {
		for _, each := range append([]string{file}, e.included(file, map[string]bool{file: true})...) {
			data := e.read(each)
			if pins, err := backend.Pins(each, data); err == nil {
				for _, pin := range pins {
					names = append(names, pin.Name)
				}
				continue
			}
			exact = false
			if opaque.Match(data) {
				return nil, false // whatever it needs may be among it
			}
			for _, match := range requirement.FindAllSubmatch(data, -1) {
				names = append(names, normalised(string(match[1])))
			}
		}
	}
	return names, exact
}

// normalised is the name of a distribution (PEP 503).
func normalised(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

// lockedProject are the distributions of a uv.lock.
func lockedProject(data []byte) []string {
	var lock struct{ Package []struct{ Name string } }
	if toml.Unmarshal(data, &lock) != nil {
		return nil
	}
	var names []string
	for _, each := range lock.Package {
		names = append(names, each.Name)
	}
	return names
}

// tool makes sure that a Python tool is in the environment of a step. Plugins of
// a tool, such as pytest-cov, bring the tool with them.
func (e *examination) tool(list string, step app.Step, tool string) {
	environment := e.App.Config.Environments[step.Environment]
	files := environment.Requirements
	if environment.Project != "" {
		files = []string{path.Join(environment.Project, "uv.lock")}
	}
	if len(files) == 0 || slices.ContainsFunc(files, func(file string) bool { return e.lacks(file) != "" }) {
		return // the environment's own problem
	}
	names, exact := e.distributions(environment)
	has := slices.ContainsFunc(names, func(name string) bool { return name == tool || !exact && strings.HasPrefix(name, tool+"-") })
	if has || names == nil && !exact {
		return
	}
	fix := fmt.Sprintf("echo %s >> %s", tool, files[0])
	if environment.Project != "" {
		fix = fmt.Sprintf("uv add --dev --project %s %s", environment.Project, tool)
	} else if exact {
		fix = e.toolCommand(files[0], tool, environment.Python)
	}
	e.addStep(list, step, "environment", fix, "%s is not in the environment %s (%s)", tool, step.Environment, strings.Join(files, ", "))
}

// source is the file that a lock is compiled from: pyproject.toml beside it, or
// the .in file of its name.
func (e *examination) source(lock string) string {
	input := strings.TrimSuffix(strings.TrimSuffix(lock, path.Ext(lock)), ".lock") + ".in"
	if project := path.Join(path.Dir(lock), "pyproject.toml"); e.read(input) == nil && e.read(project) != nil {
		return project
	}
	return input
}

// lockCommand makes a requirements file: a lock from its source.
func (e *examination) lockCommand(lock, python string) string {
	if path.Ext(lock) != ".lock" {
		return "create " + lock
	}
	source := e.source(lock)
	command := compileCommand(source, e.developers(source, lock), python, lock)
	if e.read(source) == nil {
		return fmt.Sprintf("list the packages in %s, then: %s", source, command)
	}
	return command
}

// toolCommand adds a tool to a lock. Of a pyproject.toml it belongs to a group,
// since the image does not need it.
func (e *examination) toolCommand(lock, tool, python string) string {
	source := e.source(lock)
	selection := e.developers(source, lock)
	where := source
	if path.Base(source) == "pyproject.toml" && selection == nil {
		selection = []string{"--group", source + ":dev"}
		where = "dev under [dependency-groups] of " + source
	}
	return fmt.Sprintf("add %s to %s, then: %s", tool, where, compileCommand(source, selection, python, lock))
}

func compileCommand(source string, selection []string, python, lock string) string {
	args := append([]string{"uv", "pip", "compile", source}, selection...)
	args = append(args, "--universal", "--generate-hashes", "--no-header")
	if python != "" {
		args = append(args, "--python-version", python)
	}
	return strings.Join(append(args, "-o", lock), " ")
}

// developers are the arguments that add what developers need to a lock whose
// name says so.
func (e *examination) developers(source, lock string) []string {
	var project struct {
		Project struct {
			Extras map[string]any `toml:"optional-dependencies"`
		}
		Groups map[string]any `toml:"dependency-groups"`
	}
	if path.Base(source) != "pyproject.toml" || toml.Unmarshal(e.read(source), &project) != nil {
		return nil
	}
	for _, name := range []string{"dev", "test", "tests"} {
		if !strings.Contains(path.Base(lock), name) {
			continue
		}
		if project.Groups[name] != nil {
			return []string{"--group", source + ":" + name}
		}
		if project.Project.Extras[name] != nil {
			return []string{"--extra", name}
		}
	}
	return nil
}

// vendor looks at the lock of the image's Python dependencies.
func (e *examination) vendor() {
	vendor := e.App.Config.Build.Vendor
	if vendor.Absent != "" {
		return
	}
	const absent = "build: {vendor: {absent: why}}"
	command := compileCommand(vendor.Source, nil, vendor.Python, vendor.Lock)
	if reason := e.lacks(vendor.Source); reason != "" {
		e.add("build.vendor.source", "name another, or "+absent, "%s", reason)
		return
	}
	if reason := e.lacks(vendor.Lock); reason != "" {
		e.add("build.vendor.lock", command, "%s", reason)
		return
	}
	if _, err := backend.Pins(vendor.Lock, e.read(vendor.Lock)); err != nil {
		e.add("build.vendor.lock", command, "%v", err)
	}
}

// contract looks at the app that is asked for its routes, and at its spec.
func (e *examination) contract() {
	contract := e.App.Config.Contract
	if contract.Absent != "" {
		return
	}
	const absent = "contract: {absent: why}"
	if reason := e.lacksFolder(contract.Directory); reason != "" {
		e.add("contract.directory", "name another, or "+absent, "%s", reason)
	} else if module, _, _ := strings.Cut(contract.App, ":"); !e.hasModule(contract, module) {
		e.add("contract.app", "name another, or "+absent, "%s has no module %s", contract.Directory, module)
	}
	if reason := e.lacks(contract.Spec); reason != "" {
		e.add("contract.spec", "run backend:contract, which leaves the app's own spec, then: cp dist/test/openapi.json "+contract.Spec, "%s", reason)
	}
}

// hasModule tells whether a module is where it is imported from. One that is
// installed, or found by PYTHONPATH, is not looked for.
func (e *examination) hasModule(contract app.Contract, module string) bool {
	if contract.Env["PYTHONPATH"] != "" || e.App.Config.Environments[contract.Environment].Project != "" {
		return true
	}
	file := path.Join(contract.Directory, strings.ReplaceAll(module, ".", "/"))
	return e.lacks(file+".py") == "" || e.lacks(file) == ""
}

// endpoints are the paths of the committed spec with their methods; nil without
// a spec that can be read.
func (e *examination) endpoints() map[string]map[string]any {
	if e.App.Config.Contract.Absent != "" {
		return nil
	}
	var spec struct {
		Paths map[string]map[string]any
	}
	read := json.Unmarshal
	if path.Ext(e.App.Config.Contract.Spec) != ".json" {
		read = yaml.Unmarshal
	}
	if read(e.read(e.App.Config.Contract.Spec), &spec) != nil {
		return nil
	}
	return spec.Paths
}
