package doctor

import (
	"fmt"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// packages are the npm packages that provide the Node.js tools.
var packages = map[string]string{
	"eslint": "eslint", "tsc": "typescript", "vitest": "vitest", "vite": "vite", "playwright": "@playwright/test",
}

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
	case "eslint", "tsc", "vitest", "playwright":
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

// files checks the commands that make the other files of the release.
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
	manifest := path.Join(dir, "package.json")
	if reason := t.lacks(manifest); reason != "" {
		return &Problem{What: reason, Fix: "npm init --yes --prefix " + dir}
	}
	chosen, problem := manager.Choose(dir, func(name string) []byte { return t.read(path.Join(dir, name)) })
	if problem != nil {
		return &Problem{What: problem.What, Fix: problem.Fix}
	}
	lock := path.Join(dir, chosen.Lock)
	if reason := t.lacks(lock); reason != "" {
		return &Problem{What: reason + t.workspace(dir), Fix: chosen.Install(dir) + ", and commit it"}
	}
	locked, err := chosen.Contents(lock, t.read(lock), t.read(manifest))
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "read the lock "+lock+": ")
		return &Problem{What: lock + " cannot be read: " + reason, Fix: chosen.Install(dir)}
	}
	if !locked.Has(packages[tool]) {
		fix := chosen.Add(dir, packages[tool], t.read(manifest))
		return &Problem{What: packages[tool] + " is not in " + lock, Fix: fix}
	}
	return nil
}

// workspace names the lock above a folder, if there is one, for a sentence that says which
// lock is missing.
func (t Tree) workspace(dir string) string {
	for above := path.Dir(path.Clean(dir)); path.Clean(dir) != "."; above = path.Dir(above) {
		for _, name := range manager.Locks() {
			if file := path.Join(above, name); t.read(file) != nil {
				return ", and " + file + ", which a workspace has, is not used"
			}
		}
		if above == "." || above == "/" {
			break
		}
	}
	return ""
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
