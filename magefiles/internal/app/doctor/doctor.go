// Package doctor compares an app's configuration with its tree and finds what would
// fail later in a check, a suite, a build or a verification.
package doctor

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Tree is an app's checkout and what is known about it and this machine.
type Tree struct {
	App        *app.App
	Files      []string                   // that git tracks or would track; nil for a folder without git
	Repository string                     // tracked by git, or new and not ignored; nil without git
	Released   []string                   // versions that have a tag
	Python     func(version string) error // returns why the interpreter of a version is not available
}

// Problem is a setting that does not match the tree.
type Problem struct {
	Key   string // key in release.yaml, such as build.vendor.lock or suites[backend:unit].paths
	Place string // where it is set, such as release.yaml:3:5; "" when it is the default
	What  string // what is wrong, and in which file
	Fix   string // the command that fixes it, or the line for release.yaml
}

// String formats the problem as one line.
func (p Problem) String() string {
	place := p.Place
	if place == "" {
		place = "default"
	}
	return fmt.Sprintf("%s (%s): %s", p.Key, place, p.What)
}

// Examine finds all problems, in the order of the sections of release.yaml.
func Examine(tree Tree) []Problem {
	e := &examination{Tree: tree}
	pythonExamination{e}.environments()
	stepExamination{e}.steps()
	contract(e)
	e.versionFiles()
	e.patterns()
	e.frontend()
	e.vendor()
	e.files()
	e.image()
	e.runtimes()
	e.compiler()
	e.verify()
	e.names()
	mentions(e)
	e.sides()
	return e.problems
}

// Write prints problems for the user.
func Write(out io.Writer, problems []Problem) {
	for _, problem := range problems {
		fmt.Fprintf(out, "%s\n    %s\n", problem, problem.Fix)
	}
}

// examination collects the problems.
type examination struct {
	Tree
	problems []Problem
}

// add records a problem with a key outside of checks and suites.
func (e *examination) add(key, fix, what string, args ...any) {
	e.problems = append(e.problems, Problem{key, e.App.Where(key), fmt.Sprintf(what, args...), fix})
}

// addStep records a problem with a key of a check or suite; list is "checks" or
// "suites".
func (e *examination) addStep(list string, step app.Step, key, fix, what string, args ...any) {
	name, _, _ := strings.Cut(key, "[")
	e.problems = append(
		e.problems,
		Problem{
			fmt.Sprintf("%s[%s].%s", list, step.Name, name),
			e.App.WhereStep(step, key),
			fmt.Sprintf(what, args...),
			fix,
		},
	)
}

// isDefault reports whether release.yaml does not set a key.
func (t Tree) isDefault(key string) bool { return t.App.Where(key) == "" }

// lacks returns why a file or folder of the app would be missing from a release, or "".
func (t Tree) lacks(file string) string {
	file = path.Clean(file)
	info, err := os.Stat(t.App.Path(file))
	switch {
	case err != nil:
		return file + " does not exist"
	case t.Files == nil || file == ".":
		return ""
	case info.IsDir() && !slices.ContainsFunc(
		t.Files,
		func(each string) bool { return strings.HasPrefix(each, file+"/") },
	):
		return file + " has no file that git does not ignore"
	case !info.IsDir() && !slices.Contains(t.Files, file):
		return file + " is ignored by git"
	}
	return ""
}

// lacksFolder is lacks for a folder.
func (t Tree) lacksFolder(dir string) string {
	if reason := t.lacks(dir); reason != "" {
		return reason
	}
	if info, err := os.Stat(t.App.Path(dir)); err != nil || !info.IsDir() {
		return dir + " is not a folder"
	}
	return ""
}

// read returns the content of a file of the app, nil if it does not exist.
func (t Tree) read(file string) []byte {
	data, err := os.ReadFile(t.App.Path(file))
	if err != nil {
		return nil
	}
	return data
}

// matches reports whether a file or folder of the app matches a pattern.
func (t Tree) matches(pattern string) bool {
	if t.Files != nil {
		return slices.ContainsFunc(t.Files, func(file string) bool { return app.Within(file, []string{pattern}) })
	}
	found, err := app.Glob(t.App.Root, pattern)
	return err == nil && len(found) > 0
}

// absentStep returns the line that declares a check or suite absent; one that the app has added
// is removed instead.
func absentStep(list string, step app.Step) string {
	usual, err := app.Default(".")
	if err == nil && !slices.ContainsFunc(slices.Concat(usual.Config.Checks, usual.Config.Suites),
		func(known app.Step) bool { return known.Name == step.Name }) {
		return fmt.Sprintf("remove %s from %s", step.Name, list)
	}
	return fmt.Sprintf("%s: [{name: %q, absent: why}]", list, step.Name)
}

// listed joins at most five names and says how many more there are.
func listed(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// isDir reports whether a file in git's list is a folder, as a submodule is.
func (t Tree) isDir(file string) bool {
	info, err := os.Lstat(t.App.Path(file))
	return err == nil && info.Mode()&fs.ModeDir != 0
}
