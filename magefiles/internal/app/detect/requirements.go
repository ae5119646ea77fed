package detect

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// pythonPackages finds what the environment for checks and suites is installed from.
func (s pythonSearch) pythonPackages(p *python) {
	project := path.Join(p.dir, "pyproject.toml")
	if lock := backend.ProjectLock(p.dir, s.has); s.has(lock) && s.has(project) {
		p.project = lock
		return
	}
	var base, dev []string
	for _, file := range s.requirementsOf(p.dir) {
		name := path.Base(file)
		switch {
		case strings.HasSuffix(name, ".in"):
		case strings.Contains(name, "dev") || strings.Contains(name, "test"):
			dev = append(dev, file)
		default:
			base = append(base, file)
		}
	}
	p.requirements = preferLocks(dev)
	if !slices.ContainsFunc(p.requirements, func(file string) bool { return s.installs(file, "fastapi") }) {
		p.requirements = append(preferLocks(base), p.requirements...)
	}
	s.testPackages(p)
	p.poetry = len(p.requirements) == 0 && strings.Contains(s.read(project), "[tool.poetry")
	if len(p.requirements) == 0 {
		p.requirements = []string{path.Join(p.dir, "requirements-dev.lock")}
	}
}

// requirementsOf lists the requirement files of a folder, or of one named requirements
// in it; else those of the root.
func (s pythonSearch) requirementsOf(dir string) []string {
	for _, folder := range []string{dir, path.Join(dir, "requirements"), ".", "requirements"} {
		var list []string
		for _, file := range s.Files {
			inFolder := path.Base(folder) == "requirements" && strings.HasSuffix(file, ".txt")
			if path.Dir(file) == folder && (inFolder || isManifest(path.Base(file))) &&
				path.Base(file) != "pyproject.toml" {
				list = append(list, file)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// preferLocks leaves out the files beside which there is a lock of the same name, and
// keeps one file.
func preferLocks(files []string) []string {
	if len(files) == 0 {
		return nil
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".lock") {
			return []string{file}
		}
	}
	return files[:1]
}

var included = pattern.Lazy(`(?m)^\s*(?:-r|--requirement)[ =]+(\S+)`)

// installs reports whether a requirements file or one that it includes names a
// distribution.
func (s pythonSearch) installs(file, distribution string) bool {
	pattern := regexp.MustCompile(`(?im)^\s*` + regexp.QuoteMeta(distribution) + `\b`)
	seen := map[string]bool{}
	for queue := []string{file}; len(queue) > 0; queue = queue[1:] {
		text := s.read(queue[0])
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		if pattern.MatchString(text) {
			return true
		}
		for _, match := range included().FindAllStringSubmatch(text, -1) {
			queue = append(queue, path.Join(path.Dir(queue[0]), match[1]))
		}
	}
	return false
}

// hasTool reports whether a tool is in the environment. If the files do not tell, it assumes so.
func (s pythonSearch) hasTool(tool string) bool {
	if s.python.project != "" {
		var lock struct{ Package []struct{ Name string } }
		if toml.Unmarshal([]byte(s.read(s.python.project)), &lock) != nil {
			return true
		}
		return slices.ContainsFunc(lock.Package, func(each struct{ Name string }) bool { return each.Name == tool })
	}
	known := false
	for _, file := range s.python.requirements {
		known = known || s.has(file)
		if s.installs(file, tool) || s.installs(file, "-e") {
			return true
		}
	}
	project := s.read(path.Join(s.python.dir, "pyproject.toml"))
	return !known && (project == "" || regexp.MustCompile(`(?m)(?:^\s*|["'])`+tool+`\b`).MatchString(project))
}
