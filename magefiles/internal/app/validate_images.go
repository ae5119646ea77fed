package app

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// imageKey is the short name of a further image. It is a part of names of steps and files.
var imageKey = pattern.Lazy(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)

// validateImages checks the further images.
func validateImages(c Config, doc document) []error {
	var problems []error
	taken := map[string]string{c.Build.Image.Name: "build.image"}
	files := map[string]string{}
	own, ownErr := name.NewRepository(c.Build.Image.Name)
	for _, key := range slices.Sorted(maps.Keys(c.Build.Images)) {
		more, place := c.Build.Images[key], "$.build.images."+key
		fail := func(below, format string, args ...any) {
			problems = append(problems, doc.errorAt(place+below, format, args...))
		}
		if !imageKey().MatchString(key) {
			fail("", "the name %q must be letters and digits, with parts joined by -", key)
		}
		if other := files[strings.ToLower(key)]; other != "" {
			fail("", "%s and %s would be written to the same folder: rename one of them", other, key)
		}
		files[strings.ToLower(key)] = key
		if c.Build.Image.Absent != "" {
			fail("", "build.image is absent (%s): name the app's only image there", c.Build.Image.Absent)
		}
		switch parsed, err := name.NewRepository(more.Name); {
		case more.Name == "":
			fail("", "an image needs a name, such as ghcr.io/owner/name")
		case err != nil:
			fail(".name", "%q is not the name of an image such as ghcr.io/owner/name, in lower case and without a tag",
				more.Name)
		case taken[more.Name] != "":
			fail(".name", "%s is the name of %s, too: each image needs a repository of its own, since all get the "+
				"same tags", more.Name, taken[more.Name])
		case ownErr == nil && c.Build.Image.Absent == "" && parsed.RegistryStr() != own.RegistryStr():
			fail(".name", "%s is not in the registry of build.image.name, %s", more.Name, own.RegistryStr())
		}
		taken[more.Name] = "build.images." + key
		problems = append(problems, validateArgs(doc, place+".args.", more.Args)...)
		problems = append(problems, more.Verify.validate(doc, place+".verify")...)
	}
	return problems
}

// validate checks how a further image is started.
func (v FurtherVerify) validate(doc document, place string) []error {
	var problems []error
	fail := func(below, format string, args ...any) {
		problems = append(problems, doc.errorAt(place+below, format, args...))
	}
	starts := len(v.Command) > 0 || v.Health != ""
	switch {
	case len(v.Command) > 0 && v.Health != "":
		fail("", "the image is started once: name a command or a path of health")
	case v.Health != "" && !strings.HasPrefix(v.Health, "/"):
		fail(".health", "%q does not begin with a slash", v.Health)
	case v.Port != 0 && v.Health == "":
		fail(".port", "nothing is asked on a port without a path of health")
	case !starts && (len(v.Env) > 0 || v.Timeout != 0):
		fail("", "the image is not started: name a command or a path of health")
	}
	if v.Port < 0 || v.Port > 65535 {
		fail(".port", "%d is not a port", v.Port)
	}
	return problems
}

// imagePaths returns the paths of the further images, by the places that set them.
func (b Build) imagePaths() map[string]string {
	paths := map[string]string{}
	for key, image := range b.Images {
		paths["$.build.images."+key+".context"] = image.Context
		paths["$.build.images."+key+".dockerfile"] = image.Dockerfile
	}
	return paths
}
