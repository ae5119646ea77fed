package doctor

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// packages are the npm packages that provide the Node.js tools.
var packages = map[string]string{"eslint": "eslint", "tsc": "typescript", "vitest": "vitest", "vite": "vite"}

// stepExamination examines the checks and suites.
type stepExamination struct{ *examination }

// steps checks the checks and suites.
func (e stepExamination) steps() {
	for _, list := range []struct {
		name  string
		steps []app.Step
	}{{"checks", e.App.Config.Checks}, {"suites", e.App.Config.Suites}} {
		for _, step := range list.steps {
			if step.Absent == "" && step.Kind != "contract" {
				e.step(list.name, step)
			}
		}
	}
}

func (e stepExamination) step(list string, step app.Step) {
	if reason := e.lacksFolder(path.Join(step.Directory, ".")); reason != "" {
		e.addStep(list, step, "directory", "name another, or "+absentStep(list, step), "%s", reason)
		return
	}
	for i, each := range step.Paths {
		if reason := e.lacks(
			path.Join(step.Directory, file(each)),
		); reason != "" &&
			!strings.ContainsAny(each, "*?[{") {
			e.addStep(list, step, fmt.Sprintf("paths[%d]", i), "name another, or "+absentStep(list, step), "%s", reason)
		}
	}
	if reason := e.lacks(step.Baseline); step.Baseline != "" && reason != "" {
		e.addStep(list, step, "baseline", "lint -only="+step.Name+" -update", "%s", reason)
	}
	switch step.Kind {
	case "ruff", "mypy", "pytest":
		pythonExamination(e).tool(list, step, step.Kind)
	case "eslint", "tsc", "vitest":
		if reason := e.lacksTool(step.Directory, step.Kind); reason != nil {
			e.addStep(list, step, "directory", reason.Fix, "%s", reason.What)
		}
	case "command":
		e.program(list, step)
	}
}

// file returns the file of a path that may also name a test in it, such as pytest's
// tests/a.py::test_b.
func file(name string) string {
	name, _, _ = strings.Cut(name, "::")
	return name
}

// program checks the program of a command if it is a file of the app.
func (e stepExamination) program(list string, step app.Step) {
	name := step.Command[0]
	if !strings.Contains(name, "/") || path.IsAbs(name) {
		return
	}
	if reason := e.lacks(path.Join(step.Directory, name)); reason != "" {
		e.addStep(list, step, "command", "name another, or "+absentStep(list, step), "%s", reason)
	}
}

// files checks what makes the other files of the release.
func (e *examination) files() {
	for i, files := range e.App.Config.Build.Files {
		key := func(name string) string { return fmt.Sprintf("build.files[%d].%s", i, name) }
		if reason := e.lacksFolder(path.Join(files.Directory, ".")); reason != "" {
			e.add(key("directory"), "name another", "%s", reason)
			continue
		}
		if program := files.Command[0]; strings.Contains(program, "/") && !path.IsAbs(program) {
			if reason := e.lacks(path.Join(files.Directory, program)); reason != "" {
				e.add(key("command"), "name another", "%s", reason)
			}
		}
		if files.Modules == "" {
			continue
		}
		if reason := e.lacks(files.Modules); reason != "" {
			e.add(key("modules"), "name the go.mod of what is compiled", "%s", reason)
		}
	}
}

// lacksTool returns why a Node.js tool cannot run in a folder, or nil.
func (t Tree) lacksTool(dir, tool string) *Problem {
	install := "npm install --prefix " + dir
	if reason := t.lacks(path.Join(dir, "package.json")); reason != "" {
		return &Problem{What: reason, Fix: "npm init --yes --prefix " + dir}
	}
	lock := path.Join(dir, "package-lock.json")
	if reason := t.lacks(lock); reason != "" {
		return &Problem{What: reason, Fix: install + ", and commit it"}
	}
	var locked struct{ Packages map[string]any }
	if err := json.Unmarshal(t.read(lock), &locked); err != nil {
		return &Problem{What: fmt.Sprintf("%s cannot be read: %v", lock, err), Fix: install}
	}
	if locked.Packages["node_modules/"+packages[tool]] == nil {
		return &Problem{What: packages[tool] + " is not in " + lock, Fix: install + " --save-dev " + packages[tool]}
	}
	return nil
}

// frontend checks what the bundle is built from.
func (e *examination) frontend() {
	bundle := e.App.Config.Build.Frontend
	if bundle.Absent != "" {
		return
	}
	if reason := e.lacksFolder(bundle.Directory); reason != "" {
		e.add("build.frontend.directory", "name another, or build: {frontend: {absent: why}}", "%s", reason)
		return
	}
	if reason := e.lacksTool(bundle.Directory, "vite"); reason != nil {
		e.add("build.frontend.directory", reason.Fix, "%s", reason.What)
	}
}
