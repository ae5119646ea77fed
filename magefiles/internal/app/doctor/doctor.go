// Package doctor compares an app's configuration with its tree, and finds what
// would fail later in a check, a suite, a build or a verification.
package doctor

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Tree is an app's checkout, and what is known of it and of this machine.
type Tree struct {
	App        *app.App
	Files      []string                   // that git tracks or would track; nil for a folder without git
	Repository string                     // owner/name on GitHub, "" when that is not known
	Python     func(version string) error // tells why the interpreter of a version is not here
}

// Problem is a setting that the tree does not fit.
type Problem struct {
	Key   string // of release.yaml, such as build.vendor.lock or suites[backend:unit].paths
	Place string // where it is set, such as release.yaml:3:5; "" when it is the default
	What  string // what is wrong, with the file
	Fix   string // the command that corrects it, or the line for release.yaml
}

// String is the problem in one line.
func (p Problem) String() string {
	place := p.Place
	if place == "" {
		place = "default"
	}
	return fmt.Sprintf("%s (%s): %s", p.Key, place, p.What)
}

// Examine finds all problems, in the order of release.yaml's sections.
func Examine(tree Tree) []Problem {
	e := &examination{Tree: tree}
	e.environments()
	e.steps()
	e.contract()
	e.versionFiles()
	e.patterns()
	e.frontend()
	e.vendor()
	e.image()
	e.verify()
	e.names()
	return e.problems
}

// Write lists problems for a person.
func Write(out io.Writer, problems []Problem) {
	for _, problem := range problems {
		fmt.Fprintf(out, "%s\n    %s\n", problem, problem.Fix)
	}
}

// examination is what was found so far.
type examination struct {
	Tree
	problems []Problem
}

// add notes a problem with a key outside of checks and suites.
func (e *examination) add(key, fix, what string, args ...any) {
	e.problems = append(e.problems, Problem{key, e.App.Where(key), fmt.Sprintf(what, args...), fix})
}

// addStep notes a problem with a key of a check or suite; list is "checks" or
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

// isDefault tells whether release.yaml says nothing of a key.
func (e *examination) isDefault(key string) bool { return e.App.Where(key) == "" }

// lacks tells why a release would not have a file or folder of the app: "" when
// it would.
func (e *examination) lacks(file string) string {
	file = path.Clean(file)
	info, err := os.Stat(e.App.Path(file))
	switch {
	case err != nil:
		return file + " does not exist"
	case e.Files == nil || file == ".":
		return ""
	case info.IsDir() && !slices.ContainsFunc(e.Files, func(each string) bool { return strings.HasPrefix(each, file+"/") }):
		return file + " has no file that git does not ignore"
	case !info.IsDir() && !slices.Contains(e.Files, file):
		return file + " is ignored by git"
	}
	return ""
}

// lacksFolder is lacks for what has to be a folder.
func (e *examination) lacksFolder(dir string) string {
	if reason := e.lacks(dir); reason != "" {
		return reason
	}
	if info, err := os.Stat(e.App.Path(dir)); err != nil || !info.IsDir() {
		return dir + " is not a folder"
	}
	return ""
}

// read is the content of a file of the app, nil without it.
func (e *examination) read(file string) []byte {
	data, err := os.ReadFile(e.App.Path(file))
	if err != nil {
		return nil
	}
	return data
}

// matches tells whether a file or folder of the app fits a pattern.
func (e *examination) matches(pattern string) bool {
	if e.Files != nil {
		return slices.ContainsFunc(e.Files, func(file string) bool { return app.Within(file, []string{pattern}) })
	}
	found, err := filepath.Glob(e.App.Path(pattern))
	return err == nil && len(found) > 0
}

// absentStep is the line that declares a check or suite absent.
func absentStep(list string, step app.Step) string {
	return fmt.Sprintf("%s: [{name: %q, absent: why}]", list, step.Name)
}

// listed is a list of at most five names, and how many more there are.
func listed(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// isDir tells whether a file of git's list is a folder, as a submodule is.
func (e *examination) isDir(file string) bool {
	info, err := os.Lstat(e.App.Path(file))
	return err == nil && info.Mode()&fs.ModeDir != 0
}
