package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
)

// buildSearch sets what is built.
type buildSearch struct{ *search }

// build sets what is built.
func (s buildSearch) build() {
	s.set("build", "build:")
	s.buildImage()
	switch {
	case !s.node.found:
		s.set("build", "  frontend: %s", absent("no package.json with Vite"))
		s.fact("frontend", "none", "no package.json names Vite or React")
	default:
		s.fact("frontend", s.node.dir, path.Join(s.node.dir, "package.json"))
		s.packageManager()
	}
	s.vendor()
}

// packageManager records the package manager. doctor already asks about a missing lock; this asks about the lock of
// a workspace, since the app needs one of its own.
func (s buildSearch) packageManager() {
	why := s.node.lock
	if why == "" {
		why = "no lock"
	}
	s.fact("package manager", s.node.manager, why)
	if s.node.lock == "" || path.Dir(s.node.lock) == s.node.dir {
		return
	}
	lock := path.Join(s.node.dir, path.Base(s.node.lock))
	s.ask("build.frontend.directory", s.node.lock+" is the lock of a workspace, and packages are installed from "+
		lock+"; can the app have that file?", "commit a lock for "+s.node.dir+" alone")
}

// vendor sets what the image's Python packages are locked in.
func (s buildSearch) vendor() {
	if !s.python.found {
		s.set("build", "  vendor: %s", absent("no Python"))
		s.fact("backend", "none", "no Python project")
		return
	}
	source, lock := s.vendored()
	var set []string
	if source != s.defaults.Build.Vendor.Source && !backend.IsProjectLock(lock) {
		set = append(set, "source: "+scalar(source))
	}
	if lock != s.defaults.Build.Vendor.Lock {
		set = append(set, "lock: "+scalar(lock))
	}
	if s.python.version != "3.11" {
		set = append(set, `python: "`+s.python.version+`"`)
	}
	if len(set) > 0 {
		s.set("build", "  vendor: {%s}", strings.Join(set, ", "))
	}
	s.fact("backend", s.python.dir, s.python.why)
	why := source
	if !s.has(lock) {
		why = "it does not exist yet; it is compiled from " + source
	}
	s.fact("lock of the image", lock, why)
}

// vendored returns the requirements file with hashes, and what it is compiled from.
func (s buildSearch) vendored() (source, lock string) {
	lock = path.Join(s.python.dir, "requirements.lock")
	var plain, inputs []string
	for _, file := range pythonSearch(s).requirementsOf(s.python.dir) {
		name := path.Base(file)
		switch text := s.read(file); {
		case strings.Contains(name, "dev") || strings.Contains(name, "test"):
		case strings.HasSuffix(name, ".in"):
			inputs = append(inputs, file)
		case strings.Contains(text, "--hash="):
			lock = file
		default:
			plain = append(plain, file)
		}
	}
	project := path.Join(s.python.dir, "pyproject.toml")
	switch text := s.read(project); {
	case s.python.project != "" && !s.has(lock):
		return project, s.python.project
	case len(inputs) > 0:
		return inputs[0], lock
	case strings.Contains(text, "[project]") && strings.Contains(text, "dependencies"), len(plain) == 0:
		return project, lock
	}
	return plain[0], lock
}

var platforms = pattern.Lazy(
	`(?m)^\s*(?:- )?platforms:\s*["']?(linux/[a-z0-9/]+(?:\s*,\s*linux/[a-z0-9/]+)*)["']?\s*$`)

// buildImage sets what the image is built from, and for which platforms.
func (s buildSearch) buildImage() {
	if s.image.dockerfile == "" {
		s.set("build", "  image: %s", absent("no Dockerfile"))
		s.ask("build.image.absent", "there is no Dockerfile; is the app released without an image?",
			"write a Dockerfile, or keep it and list files of the release in build.files")
		s.fact("image", "none", "no Dockerfile")
		return
	}
	s.set("build", "  image:")
	if s.image.name != "" {
		s.set("build", "    name: %s # %s", scalar(s.image.name), s.image.nameWhy)
		s.fact("image", s.image.name, s.image.nameWhy)
	} else {
		s.fact("image", "not named", "no file names it, and there is no remote origin on GitHub")
	}
	if s.image.dockerfile != "Dockerfile" || s.image.name == "" { // the section is not empty
		s.set("build", "    dockerfile: %s", scalar(s.image.dockerfile))
	}
	if s.image.context != "." {
		s.set("build", "    context: %s", scalar(s.image.context))
	}
	s.fact("Dockerfile", s.image.dockerfile, "its context is "+s.image.context)
	for _, file := range s.workflows() {
		if place, groups := s.match(file, platforms()); groups != nil {
			list := strings.FieldsFunc(groups[1], func(c rune) bool { return c == ',' || c == ' ' })
			if !slices.Equal(list, []string{"linux/amd64", "linux/arm64"}) {
				s.set("build", "    platforms: %s # %s", sequence(list), place)
			}
			s.fact("platforms", strings.Join(list, ", "), place)
			return
		}
	}
	s.fact("platforms", "linux/amd64, linux/arm64", "the default")
}
