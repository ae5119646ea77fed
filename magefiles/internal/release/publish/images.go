package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// A release has the app's own image, and perhaps further ones (build.images). What is
// done to the one is done to the others. An image is known by its name, the app's own
// by "": in another release that one may have another name.

// Repository is the repository of a further image.
type Repository struct {
	Name     string // as the configuration has it
	Registry *registry.Repository
}

// BuiltImage is an image that a build left.
type BuiltImage struct {
	Name   string // of its repository; "" for the app's own image in Artifacts.Image
	Layout string // folder below Artifacts.Dir
	image.Summary
}

// ownLayout is the folder of the app's own image.
const ownLayout = "image.oci"

// images returns the images of a build, the app's own first.
func (a Artifacts) images() []BuiltImage {
	if a.Image.Digest == "" {
		return nil
	}
	return append([]BuiltImage{{Layout: ownLayout, Summary: a.Image}}, a.Images...)
}

// image returns the image of a name; zero when it was not built.
func (a Artifacts) image(name string) BuiltImage {
	for _, each := range a.images() {
		if each.Name == name {
			return each
		}
	}
	return BuiltImage{}
}

// image returns the image of a name; nil when the release has none.
func (s State) image(name string) *Image {
	if name == "" {
		return s.Image
	}
	at := slices.IndexFunc(s.Images, func(i Image) bool { return i.Name == name })
	if at < 0 {
		return nil
	}
	return &s.Images[at]
}

// names returns the names of the images, the app's own first.
func (s State) names() []string {
	if s.Image == nil {
		return nil
	}
	list := []string{""}
	for _, image := range s.Images {
		list = append(list, image.Name)
	}
	return list
}

// All returns the images of the release, the app's own first.
func (s State) All() []Image {
	var list []Image
	for _, name := range s.names() {
		list = append(list, *s.image(name))
	}
	return list
}

// digestsOf returns those of the images, the app's own first.
func digestsOf(s State) []string {
	var list []string
	for _, image := range s.All() {
		list = append(list, image.Digest)
	}
	return list
}

// inWords names the images of a release with their digests.
func inWords(state State) string {
	var list []string
	for _, image := range state.All() {
		list = append(list, image.Name+":"+state.ImageTag()+" as "+image.Digest)
	}
	return strings.Join(list, ", ")
}

// repositoriesOf returns those of the images that are configured, the app's own first; none
// when the app has no image.
func repositoriesOf(r Release) []Repository {
	if r.Registry == nil {
		return nil
	}
	return append([]Repository{{Registry: r.Registry}}, r.Images...)
}

// repositoryOf returns that of an image. One that is not configured any more is opened by the
// name that a record has.
func repositoryOf(r Release, name string) (*registry.Repository, error) {
	for _, each := range repositoriesOf(r) {
		if each.Name == name {
			return each.Registry, nil
		}
	}
	if name == "" || r.Open == nil {
		return nil, errors.New("the repository of " + nameOr(name) + " is not known")
	}
	return r.Open(name)
}

// nameOr returns how an image is called in a text.
func nameOr(name string) string {
	if name == "" {
		return "the image"
	}
	return name
}

// of returns an addition to a text about the app's own image: of which other one it is.
func of(name string) string {
	if name == "" {
		return ""
	}
	return " of " + name
}

// keptImages refuses to go on with a release whose record has other images than those that
// are configured: some would never get their names.
func (f Found) keptImages(r Release) error {
	if f.State == nil || f.State.RolledBack != "" || f.Done(r.Plan) || !f.bound() && !f.FullyPublished(r.Plan) {
		return nil
	}
	var configured []string
	for _, each := range repositoriesOf(r) {
		configured = append(configured, each.Name)
	}
	recorded := f.State.names()
	slices.Sort(configured) // the app's own one, "", stays the first
	slices.Sort(recorded)
	if slices.Equal(configured, recorded) || r.Registry == nil || f.State.Image == nil {
		return nil
	}
	return fmt.Errorf("%s of %s records %s, and build.images has %s: a version keeps its images; "+
		"change build.images back, or release the next version",
		StateFile, r.Plan.Tag, furtherList(recorded[1:]), furtherList(configured[1:]))
}

// furtherList names images in a text.
func furtherList(names []string) string {
	if len(names) == 0 {
		return "no further image"
	}
	return strings.Join(names, ", ")
}

// namedByOthers refuses a version that names another image than the one of the record.
func (f Found) namedByOthers(r Release) error {
	for _, each := range f.others {
		if each.named == "" {
			continue
		}
		if f.State == nil {
			// A version is named after its state is stored: it was not us.
			return fmt.Errorf("%s:%s is published already as %s: a version is never overwritten; release the next one",
				each.name, imageTag(r), each.named)
		}
		if image := f.State.image(each.name); image != nil && image.Digest != each.named {
			return fmt.Errorf("%s:%s is %s, but the release %s records %s: one of them was changed by hand; "+
				"release the next version", each.name, imageTag(r), each.named, r.Plan.Tag, image.Digest)
		}
	}
	return nil
}

// imageFound is what the registry has of a further image.
type imageFound struct {
	name   string // of the image
	named  string // the digest that the version names, or ""
	pushed bool   // it has the recorded image, by its digest at least
}

// imagesFound are all of them.
type imagesFound []imageFound

// of returns the one of a name.
func (f imagesFound) of(name string) imageFound {
	for _, each := range f {
		if each.name == name {
			return each
		}
	}
	return imageFound{name: name}
}

// namedImages looks up what the version names of the further images that are configured.
func namedImages(ctx context.Context, r Release) (imagesFound, error) {
	var found imagesFound
	for _, each := range r.Images {
		named, err := each.Registry.Digest(ctx, imageTag(r))
		if err != nil {
			return nil, err
		}
		found = append(found, imageFound{name: each.Name, named: named})
	}
	return found, nil
}

// with looks whether the registry has the further images of a record.
func (f imagesFound) with(ctx context.Context, r Release, state State) (imagesFound, error) {
	for _, image := range state.Images {
		at := slices.IndexFunc(f, func(each imageFound) bool { return each.name == image.Name })
		if at < 0 {
			at, f = len(f), append(f, imageFound{name: image.Name})
		}
		if f[at].pushed = f[at].named == image.Digest; f[at].pushed {
			continue
		}
		from, err := repositoryOf(r, image.Name)
		if err != nil {
			return f, err
		}
		if f[at].pushed, err = from.Has(ctx, image.Digest); err != nil {
			return f, err
		}
	}
	return f, nil
}
