package doctor

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// interpreterFix says how to get a version of Python.
func interpreterFix(version string) string {
	return fmt.Sprintf("uv python install %s; where GitHub is not reached: apt-get install python%s python%s-venv, or "+
		"UV_PYTHON_INSTALL_MIRROR", version, version, version)
}

// runtime matches the official image of Python that a stage of a Dockerfile starts from.
var runtime = pattern.Lazy(`(?im)^\s*FROM\s+(?:--platform=\S+\s+)?(?:\S+/)?python:(3\.\d+)`)

// runtimes compares the Python version of the image with the one that its wheels are for, and with those of the
// test suites, if none of these is the same.
func (e *examination) runtimes() {
	image, vendor := e.App.Config.Build.Image, e.App.Config.Build.Vendor
	file := path.Clean(image.Dockerfile)
	found := runtime().FindAllSubmatchIndex(e.read(file), -1)
	if image.Absent != "" || len(found) == 0 {
		return
	}
	last, data := found[len(found)-1], e.read(file) // the stage that runs, or the last one that has Python
	shipped := string(data[last[2]:last[3]])
	place := fmt.Sprintf("%s:%d", file, 1+strings.Count(string(data[:last[2]]), "\n"))
	if vendor.Absent == "" && vendor.Python != shipped {
		e.add("build.vendor.python", fmt.Sprintf("build: {vendor: {python: %q}}, or FROM python:%s-slim in %s",
			shipped, vendor.Python, file), "wheels are for Python %s, and the image has %s (%s)",
			vendor.Python, shipped, place)
	}
	tested := map[string]string{} // by environment
	for _, suite := range e.App.Config.Suites {
		if version := e.App.Config.Environments[suite.Environment].Python; suite.Kind == "pytest" &&
			suite.Absent == "" && version != "" {
			tested[suite.Environment] = version
		}
	}
	names := slices.Sorted(maps.Keys(tested))
	if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		return tested[name] == shipped || strings.HasPrefix(tested[name], shipped+".")
	}) {
		return
	}
	first := names[0]
	e.add("environments."+first+".python",
		fmt.Sprintf("environments: {%s: {python: %q%s}}, or FROM python:%s-slim in %s",
			first, shipped, e.installed(first), tested[first], file),
		"no suite tests with the Python of the image: %s has %s, and the image %s (%s)", first, tested[first], shipped,
		place)
}

// installed formats what an environment installs as part of its entry in release.yaml, which replaces the whole
// default.
func (e *examination) installed(name string) string {
	switch environment := e.App.Config.Environments[name]; {
	case environment.Project != "":
		return ", project: " + environment.Project
	case len(environment.Requirements) > 0:
		return ", requirements: [" + strings.Join(environment.Requirements, ", ") + "]"
	}
	return ""
}

// compilerOf matches the official image of Python that compiles wheels.
var compilerOf = pattern.Lazy(`(?:^|/)python:(3\.\d+)`)

// compiler compares the Python that compiles wheels with the one that they are for.
func (e *examination) compiler() {
	vendor := e.App.Config.Build.Vendor
	if vendor.Compiler != "" && len(vendor.Sdists) == 0 {
		e.add("build.vendor.compiler", "name the packages in build.vendor.sdists, or leave it out",
			"there is nothing to compile")
	}
	found := compilerOf().FindStringSubmatch(vendor.Compiler)
	if vendor.Absent == "" && found != nil && found[1] != vendor.Python {
		e.add("build.vendor.compiler", fmt.Sprintf("name python:%s with its digest: docker buildx imagetools inspect "+
			"python:%s", vendor.Python, vendor.Python), "wheels are compiled by Python %s for Python %s", found[1],
			vendor.Python)
	}
}

// Unpinned names, for each environment that is used, the requirements files without hashes. What they install may
// change although the app does not.
func Unpinned(tree Tree) []string {
	e := pythonExamination{&examination{Tree: tree}}
	users := e.users()
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(users)) {
		var files []string
		for _, file := range e.App.Config.Environments[name].Requirements {
			data := e.read(file)
			if _, err := backend.Pins(file, data); data != nil && err != nil {
				files = append(files, file)
			}
		}
		if len(files) > 0 {
			notes = append(notes, fmt.Sprintf("environment %s: %s without hashes for every package, so that what it "+
				"installs may change", name, listed(files)))
		}
	}
	return notes
}
