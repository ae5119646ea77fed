package doctor

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// pythonExamination examines the Python environments and what is installed in them.
type pythonExamination struct{ *examination }

// environments checks the Python environments that are used.
func (e pythonExamination) environments() {
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
			e.add(
				key+".python",
				interpreterFix(environment.Python),
				"%v; it is used by %s",
				err,
				used,
			)
		}
	}
}

// needed lists the tools that an environment must have, for a sentence.
func (e pythonExamination) needed(environment string) string {
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

// users lists the checks, suites and the like that run in each environment.
func (e pythonExamination) users() map[string][]string {
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

// project checks a uv or Poetry project.
func (e pythonExamination) project(key, dir, used string) {
	for _, file := range []string{path.Join(dir, "pyproject.toml"), e.projectLock(dir)} {
		if reason := e.lacks(file); reason != "" {
			e.add(key+".project", backend.ProjectCommand(dir, file), "%s; it is used by %s", reason, used)
			return
		}
	}
}

// projectLock returns the lock of the project in a folder.
func (e pythonExamination) projectLock(dir string) string {
	return backend.ProjectLock(dir, func(file string) bool { return e.read(file) != nil })
}

// requirements checks a requirements file and the files that it includes.
func (e pythonExamination) requirements(key, file, python, used string) {
	if reason := e.lacks(file); reason != "" {
		e.add(key, e.locks().Command(file, python), "%s; it is used by %s", reason, used)
		return
	}
	for _, inner := range e.included(file, map[string]bool{file: true}) {
		if reason := e.lacks(inner); reason != "" {
			e.add(key, e.locks().Command(inner, python), "%s, which %s includes", reason, file)
		}
	}
}

var (
	includedLine = pattern.Lazy(`(?m)^\s*(?:-r|-c|--requirement|--constraint)[ =]+(\S+)`)
	requirement  = pattern.Lazy(`(?m)^\s*([A-Za-z0-9][A-Za-z0-9._-]*)`)
	opaque       = pattern.Lazy(`(?m)^\s*(?:-e|--editable|\.|/|[a-z+]+:)`)
	separators   = pattern.Lazy(`[-_.]+`)
)

// included returns the files that a requirements file includes, directly or not.
func (e pythonExamination) included(file string, seen map[string]bool) []string {
	var list []string
	for _, match := range includedLine().FindAllSubmatch(e.read(file), -1) {
		inner := path.Join(path.Dir(file), string(match[1]))
		if !seen[inner] {
			seen[inner] = true
			list = append(append(list, inner), e.included(inner, seen)...)
		}
	}
	return list
}

// distributions returns what is installed in an environment, according to its files. exact means that nothing else
// is.
func (e pythonExamination) distributions(environment app.Environment) (names []string, exact bool) {
	if environment.Project != "" {
		return lockedProject(e.read(e.projectLock(environment.Project))), true
	}
	exact = len(environment.Packages) == 0 // their dependencies are not listed
	for _, each := range environment.Packages {
		name, _, _ := strings.Cut(each, "==")
		name, _, _ = strings.Cut(name, "[")
		names = append(names, normalised(name))
	}
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
			if opaque().Match(data) {
				return nil, false // its dependencies may include anything
			}
			for _, match := range requirement().FindAllSubmatch(data, -1) {
				names = append(names, normalised(string(match[1])))
			}
		}
	}
	return names, exact
}

// normalised returns the normalised name of a distribution (PEP 503).
func normalised(name string) string {
	return strings.ToLower(separators().ReplaceAllString(name, "-"))
}

// lockedProject returns the distributions of a uv.lock or a poetry.lock.
func lockedProject(data []byte) []string {
	var lock struct{ Package []struct{ Name string } }
	if toml.Unmarshal(data, &lock) != nil {
		return nil
	}
	var names []string
	for _, each := range lock.Package {
		names = append(names, normalised(each.Name))
	}
	return names
}

// tool checks that a Python tool is in the environment of a step. A plugin of a tool,
// such as pytest-cov, depends on the tool. The pipeline has linters of its own.
func (e pythonExamination) tool(list string, step app.Step, tool string) {
	if slices.Contains(backend.Linters, tool) {
		return
	}
	environment := e.App.Config.Environments[step.Environment]
	files := environment.Requirements
	if environment.Project != "" {
		files = []string{e.projectLock(environment.Project)}
	}
	if slices.ContainsFunc(files, func(file string) bool { return e.lacks(file) != "" }) {
		return // reported as a problem of the environment
	}
	where := files
	if len(environment.Packages) > 0 {
		where = append(slices.Clone(files), "packages")
	}
	names, exact := e.distributions(environment)
	has := slices.ContainsFunc(
		names,
		func(name string) bool { return name == tool || !exact && strings.HasPrefix(name, tool+"-") },
	)
	if len(where) == 0 {
		e.addStep(list, step, "environment",
			fmt.Sprintf("name what it installs: environments: {%[1]s: {requirements: [FILE]}}, or "+
				"environments: {%[1]s: {project: FOLDER}}, or environments: {%[1]s: {packages: [%[2]s==VERSION]}}",
				step.Environment, tool),
			"%s is not in the environment %s, which installs nothing", tool, step.Environment)
		return
	}
	if has || names == nil && !exact {
		return
	}
	fix := e.addTool(step.Environment, tool, exact)
	e.addStep(
		list,
		step,
		"environment",
		fix,
		"%s is not in the environment %s (%s)",
		tool,
		step.Environment,
		strings.Join(where, ", "),
	)
}

// addTool says how to add a tool to an environment. exact means that its files are locks.
func (e pythonExamination) addTool(name, tool string, exact bool) string {
	environment := e.App.Config.Environments[name]
	switch {
	case environment.Project != "" && path.Base(e.projectLock(environment.Project)) == "poetry.lock":
		return fmt.Sprintf("poetry --directory %s add --group dev %s", environment.Project, tool)
	case environment.Project != "":
		return fmt.Sprintf("uv add --dev --project %s %s", environment.Project, tool)
	case len(environment.Packages) > 0:
		return fmt.Sprintf("add %s==VERSION to environments.%s.packages", tool, name)
	case exact:
		return e.toolCommand(environment.Requirements[0], tool, environment.Python)
	}
	return fmt.Sprintf("echo %s >> %s", tool, environment.Requirements[0])
}
