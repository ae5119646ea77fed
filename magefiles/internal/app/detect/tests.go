package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var pinned = pattern.Lazy(`(?m)^\s*([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([\w.!+-]+)`)

// pins returns the versions that a requirements file pins.
func (t tree) pins(file string) map[string]string {
	list := map[string]string{}
	for _, match := range pinned().FindAllStringSubmatch(t.read(file), -1) {
		list[strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(match[1]))] = match[2]
	}
	return list
}

// testPackages finds pytest where the environment does not have it: in a requirements file
// beside the tests. That is installed too, unless it pins other versions: then only its
// pytest is.
func (s pythonSearch) testPackages(p *python) {
	if len(p.requirements) == 0 || slices.ContainsFunc(p.requirements, func(file string) bool {
		return s.installs(file, "pytest") || s.installs(file, "-e")
	}) {
		return
	}
	for _, file := range s.named(requirementFiles...) {
		pins := s.pins(file)
		if !s.installs(file, "pytest") || slices.Contains(p.requirements, file) {
			continue
		}
		conflict := s.conflict(p.requirements, pins)
		if conflict == "" {
			p.requirements = append(p.requirements, file)
			return
		}
		if pins["pytest"] == "" {
			continue
		}
		p.packages = []string{"pytest==" + pins["pytest"]}
		s.ask("environments.backend.packages", file+" pins another "+conflict+" than "+
			strings.Join(p.requirements, ", ")+", so that only its pytest is installed besides; what else do the "+
			"tests import?", "add it to packages, or set up an environment of its own for the suites that need it: "+
			"environments: {tests: {requirements: ["+file+"]}}")
		return
	}
}

// conflict returns a package that is pinned to different versions.
func (s pythonSearch) conflict(files []string, pins map[string]string) string {
	var names []string
	for _, file := range files {
		for name, version := range s.pins(file) {
			if pins[name] != "" && pins[name] != version {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

// otherTests asks about the folders of tests beside those for unit and integration tests.
func (s stepSearch) otherTests(tests string) {
	var folders []string
	for _, file := range s.under(tests) {
		dir := path.Dir(file)
		name := path.Base(file)
		if !strings.HasPrefix(name, "test_") || !strings.HasSuffix(name, ".py") || dir == tests ||
			within(dir, path.Join(tests, "unit")) || within(dir, path.Join(tests, "integration")) ||
			slices.Contains(folders, dir) {
			continue
		}
		folders = append(folders, dir)
	}
	if len(folders) == 0 {
		return
	}
	relative := folders[0]
	directory := path.Dir(tests)
	if directory != "." {
		relative = strings.TrimPrefix(relative, directory+"/")
	}
	s.ask("suites", "no suite runs the tests in "+listed(folders)+"; which should run?", "suites: [{name: "+
		path.Base(folders[0])+", kind: pytest, directory: "+directory+", environment: backend, paths: ["+relative+
		"]}], or leave them out")
}
