package detect

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// image is the container image.
type image struct {
	dockerfile string // "" without one
	context    string
	name       string
	nameWhy    string
	title      string // from a label
	titleWhy   string
}

// imageSearch finds the image and its name.
type imageSearch struct{ *search }

// findImage finds the Dockerfile and the name of the image. A name that nothing tells is a
// question: the default is the name of another app.
func (s imageSearch) findImage() {
	files := s.named("Dockerfile")
	files = append(files, s.named("Dockerfile.*", "*.Dockerfile", "Containerfile")...)
	files = slices.DeleteFunc(files, func(file string) bool { return isTest(file) || strings.HasPrefix(file, ".") })
	if len(files) > 0 {
		s.image.dockerfile, s.image.context = files[0], "."
		if _, file := s.service(func(of service) bool { return of.dockerfile == files[0] }); file != "" {
			of, _ := s.service(func(of service) bool { return of.dockerfile == files[0] })
			s.image.context = of.context
		} else if path.Dir(files[0]) != "." {
			s.ask("build.image.context",
				"no Compose file builds "+files[0]+"; is its build context the root of the app?",
				"build: {image: {context: "+path.Dir(files[0])+"}}, or keep it")
		}
		if len(files) > 1 {
			s.ask("build.image.dockerfile", "is "+files[0]+" the Dockerfile of the release? There are also "+
				strings.Join(files[1:], ", "), "")
		}
		s.image.title, s.image.titleWhy = s.label(files[0])
	}
	s.imageName()
}

var (
	titleLabel = pattern.Lazy(`org\.opencontainers\.image\.title=(?:"([^"\n]+)"|(\S+))`)
	published  = pattern.Lazy(`^([a-z0-9-]+\.[a-z0-9.-]+/[a-z0-9._/-]+?)(?:[:@].*)?$`)
	pushed     = pattern.Lazy(`(ghcr\.io/[a-z0-9._-]+/[a-z0-9._-]+)`)
)

func (s imageSearch) label(file string) (title, place string) {
	place, groups := s.match(file, titleLabel())
	if groups == nil {
		return "", ""
	}
	return groups[1] + groups[2], place
}

// imageName finds the name of the image: the one that a Compose file starts or a workflow pushes, if it belongs to
// the owner of the repository, otherwise that of the repository. If the owner is not known, the image may be
// another app's, so the name becomes a question.
func (s imageSearch) imageName() {
	owner, _, _ := strings.Cut(strings.ToLower(s.Repository), "/")
	prefix := "ghcr.io/"
	if owner != "" {
		prefix += owner + "/"
	}
	of, file := s.service(func(of service) bool {
		match := published().FindStringSubmatch(of.image)
		built := of.dockerfile != "" && of.dockerfile == s.image.dockerfile
		return match != nil && (built || strings.HasPrefix(match[1], prefix))
	})
	if file != "" {
		s.image.name, s.image.nameWhy = published().FindStringSubmatch(of.image)[1], file
	}
	for _, file := range s.workflows() {
		if place, groups := s.match(file, pushed()); groups != nil && s.image.name == "" &&
			strings.HasPrefix(groups[1], prefix) {
			s.image.name, s.image.nameWhy = groups[1], place
		}
	}
	switch {
	case s.image.name == "" && s.Repository != "":
		s.image.name, s.image.nameWhy = "ghcr.io/"+strings.ToLower(s.Repository), "the remote origin"
	case s.image.dockerfile == "" || owner != "":
	case s.image.name == "":
		s.ask("build.image.name", "no file names the image, and there is no remote origin on GitHub to name it after; "+
			"what is its name?", "build: {image: {name: ghcr.io/OWNER/NAME}}")
	default:
		s.ask("build.image.name", "there is no remote origin on GitHub; is "+s.image.name+", which "+s.image.nameWhy+
			" names, the image of this app?", "build: {image: {name: ghcr.io/OWNER/NAME}}, or keep it")
	}
}

var heading = pattern.Lazy(`(?m)^# +(.+?)\s*$`)

// identity sets the name of the app in announcements: that of the image's label, else of
// the README, else of the image.
func (s imageSearch) identity() {
	name, why := s.image.title, s.image.titleWhy
	if name == "" {
		if place, groups := s.match("README.md", heading()); groups != nil && !strings.ContainsAny(groups[1], "<[!`") {
			name, why = groups[1], place
		}
	}
	if name == "" {
		name, why = path.Base(s.image.name), s.image.nameWhy
		if s.Repository != "" {
			name, why = path.Base(s.Repository), "the remote origin"
		}
	}
	if name == "" || name == "." { // the default is the name of another app
		s.set("announce", "announce: %s", absent("the app has no name yet"))
		s.ask("announce", "what is the app called?", "announce: {name: My App}")
		return
	}
	s.set("announce", "announce:")
	s.set("announce", "  name: %s # %s", scalar(name), why)
	s.fact("name", name, why)
}

// versionOfTag is an image tag of a version, with a part before it.
var versionOfTag = pattern.Lazy(`^([A-Za-z][\w.-]*?[A-Za-z_-]|[A-Za-z]|)(\d+\.\d+\.\d+(?:-[\w.]+)?)$`)

// versionTag finds the form of the version's image tag: the one that a Compose file names.
func (s imageSearch) versionTag() {
	if s.image.name == "" {
		return
	}
	finder := mention.New(s.image.name)
	for _, file := range s.compose {
		for _, found := range finder.Of(file.file, []byte(s.read(file.file))) {
			match := versionOfTag().FindStringSubmatch(found.Tag)
			if match == nil || match[1] == "" {
				continue
			}
			place := fmt.Sprintf("%s:%d", found.File, found.Line)
			s.set("publish", "publish: {versionTag: '%s{version}'} # %s", match[1], place)
			s.fact("image tag", match[1]+"{version}", place)
			return
		}
	}
}
