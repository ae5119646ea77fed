package publish

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Found is what is there of a release.
type Found struct {
	Release *github.Release // nil when there is none
	State   *State          // nil when none is stored with it
	Named   string          // the digest that the version names in the registry, or ""
	Pushed  bool            // the registry has the recorded image, by its digest at least

	others  imagesFound // further images
	missing []string    // files of the record that are not there as it says
	head    string      // the commit of what is recorded for the tag, perhaps of a release that was deleted
}

// FullyPublished reports whether all is there that Publish brings, of the plan's commit.
func (f Found) FullyPublished(p plan.Plan) bool {
	if f.State == nil || f.State.Commit != p.Commit || len(f.missing) > 0 && !f.rolledBack() {
		return false
	}
	for _, name := range f.State.names() {
		named := f.namedAs(name)
		if !f.pushed(name) || named != "" && named != f.State.image(name).Digest {
			return false
		}
	}
	return true
}

// namedAs returns the digest of an image that the version names, or "".
func (f Found) namedAs(image string) string {
	if image == "" {
		return f.Named
	}
	return f.others.of(image).named
}

// pushed reports whether the registry has a recorded image.
func (f Found) pushed(image string) bool {
	if image == "" {
		return f.Pushed
	}
	return f.others.of(image).pushed
}

// rolledBack reports whether the release was whole once, and was rolled back: then
// its files are nobody's concern any more.
func (f Found) rolledBack() bool { return f.State.Proven && f.State.RolledBack != "" }

// Done reports whether nothing is left to do: published, promoted and notified.
func (f Found) Done(p plan.Plan) bool {
	return f.FullyPublished(p) && !f.Release.Draft && f.State.notified() &&
		(f.named() || f.State.RolledBack != "")
}

// known reports whether the version names an image: then there is a release of it.
func known(f Found) bool {
	return f.Named != "" || slices.ContainsFunc(f.others, func(o imageFound) bool { return o.named != "" })
}

// named reports whether the version names the recorded images, if there are any.
func (f Found) named() bool {
	for _, name := range f.State.names() {
		if f.namedAs(name) != f.State.image(name).Digest {
			return false
		}
	}
	return true
}

// bound reports whether the version is bound to the recorded bytes: the record
// says that they are healthy, or users can get them already. Until then a build
// of another commit may take their place, when the tag was moved.
func (f Found) bound() bool {
	return f.State != nil && (f.Named != "" || f.State.Proven || !f.Release.Draft)
}

func (f Found) what() string {
	if f.State.Image == nil {
		return "commit " + git.Short(f.State.Commit)
	}
	return f.State.Image.Digest
}

// refusal reports why a build can't be published as the version: something else
// was already. digest is the build's, "" when there is none yet.
func (f Found) refusal(r Release, digest string) error {
	switch {
	case f.State != nil && f.State.Image != nil && f.State.RolledBack == "" && f.State.ImageTag() != imageTag(r):
		return fmt.Errorf(
			"%s records %s, and publish.versionTag makes it %s: a version has one tag; change publish.versionTag "+
				"back, or release the next version",
			RecordRef(r.Plan.Tag),
			f.State.Named(),
			imageTag(r),
		)
	case f.FullyPublished(r.Plan):
		return f.keptImages(r)
	case f.State != nil && f.State.RolledBack != "":
		return fmt.Errorf("%s was rolled back (%s): release the next version", r.Plan.Tag, f.State.RolledBack)
	case f.State != nil && f.State.Commit != r.Plan.Commit && f.bound():
		return fmt.Errorf(
			"%s was published from another commit, %s, and this is %s: "+
				"a version is never overwritten; release the next one",
			r.Plan.Tag,
			git.Short(f.State.Commit),
			git.Short(r.Plan.Commit),
		)
	}
	return cmp.Or(f.keptImages(r), f.namedByOthers(r), f.misnamed(r, digest))
}

// misnamed reports why the app's own image cannot get the version as its name, or cannot get
// it back.
func (f Found) misnamed(r Release, digest string) error {
	switch {
	case f.Named == "":
		return f.incomplete(r)
	case f.State == nil:
		// A version is named after its state is stored: it was not us.
		return fmt.Errorf(
			"%s:%s is published already as %s, and this build is %s: "+
				"a version is never overwritten; release the next one",
			r.Config.Build.Image.Name,
			imageTag(r),
			f.Named,
			cmp.Or(digest, "not built yet"),
		)
	case f.State.Image != nil && f.State.Image.Digest != f.Named:
		return fmt.Errorf(
			"%s:%s is %s, but the release %s records %s: one of them was changed by hand; release the next version",
			r.Config.Build.Image.Name,
			imageTag(r),
			f.Named,
			r.Plan.Tag,
			f.State.Image.Digest,
		)
	}
	return nil // it is this image, and it or a file is missing
}

// incomplete refuses to complete what was published by other means: a release
// that is out, with an image that is not.
func (f Found) incomplete(r Release) error {
	proven := f.State != nil && f.State.healthy() // it can be named again
	if f.Release == nil || f.Release.Draft || r.Registry == nil || proven {
		return nil
	}
	return fmt.Errorf(
		"the release %s is public (%s), but %s:%s is not in the registry: restore the image, or release the next "+
			"version",
		r.Plan.Tag,
		f.Release.URL,
		r.Config.Build.Image.Name,
		imageTag(r),
	)
}
