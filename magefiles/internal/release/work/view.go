package work

import (
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// history is the name for .git among the inputs of a step in release.yaml.
const history = ".git"

// nodeKinds are the kinds of steps that run with Node.js. The other kinds with a tool run with Python.
var nodeKinds = []string{"eslint", "tsc", "vitest", "playwright", "vite"}

// StepView returns the view that a check or suite works on: the app without the folders of the other toolchain,
// except those in the step's inputs. So a change on one side leaves the results of the other valid. A step at the
// root, or above both toolchains, gets everything.
func StepView(config app.Config, step app.Step) snapshot.View {
	if step.Kind == "contract" { // it imports the app, and reads the committed spec
		step.Directory = config.Contract.Directory
		if spec := config.Contract.Spec.Value; config.Contract.Spec.Absent == "" {
			step.Inputs = append(slices.Clone(step.Inputs), spec)
		}
	}
	if step.Baseline != "" {
		step.Inputs = append(slices.Clone(step.Inputs), step.Baseline)
	}
	node, python := folders(config)
	view := snapshot.View{History: slices.Contains(step.Inputs, history)}
	other := node
	switch {
	case slices.Contains(nodeKinds, step.Kind):
		other = python
	case step.Kind != "command":
	case within(step.Directory, node):
		other = python
	case !within(step.Directory, python):
		return view // the tools that it runs are unknown
	}
	for _, folder := range other {
		if !related(folder, path.Clean(step.Directory)) && !slices.ContainsFunc(step.Inputs, func(input string) bool {
			return related(folder, path.Clean(input))
		}) {
			view.Without = append(view.Without, folder)
		}
	}
	return view
}

// Apart restricts a view to the app, and the files outside of it that release.yaml lists.
func Apart(config app.Config, view snapshot.View) snapshot.View {
	if slices.ContainsFunc(config.Repository.Inputs, func(each string) bool { return path.Clean(each) == "." }) {
		return view
	}
	view.Apart = true
	for _, each := range config.Repository.Inputs {
		view.Beside = append(view.Beside, path.Clean(each))
	}
	return view
}

// folders returns the folders in which each toolchain's own steps work, without those that are inside a folder of
// the other toolchain.
func folders(config app.Config) (node, python []string) {
	add := func(list []string, folder string) []string {
		if folder = path.Clean(folder); folder != "." && !slices.Contains(list, folder) {
			list = append(list, folder)
		}
		return list
	}
	if config.Build.Frontend.Absent == "" {
		node = add(node, config.Build.Frontend.Directory)
	}
	for _, step := range slices.Concat(config.Checks, config.Suites) {
		switch {
		case step.Absent != "" || step.Kind == "command":
		case slices.Contains(nodeKinds, step.Kind):
			node = add(node, step.Directory)
		case step.Kind == "contract":
			python = add(python, config.Contract.Directory)
		default:
			python = add(python, step.Directory)
		}
	}
	shared := func(folder string, others []string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return related(folder, other) })
	}
	both := node
	node = slices.DeleteFunc(slices.Clone(node), func(folder string) bool { return shared(folder, python) })
	python = slices.DeleteFunc(python, func(folder string) bool { return shared(folder, both) })
	slices.Sort(node)
	slices.Sort(python)
	return node, python
}

func within(folder string, of []string) bool {
	return slices.ContainsFunc(of, func(each string) bool {
		return folder == each || strings.HasPrefix(path.Clean(folder), each+"/")
	})
}

// related reports whether one path is the other or is inside of it.
func related(a, b string) bool {
	return a == b || a == "." || b == "." || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}
