package publish

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
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

	missing []string // files of the record that are not there as it says
}

// Observe looks at what is there of the release. It changes nothing.
func (r Release) Observe(ctx context.Context) (Found, error) { return r.observe(ctx, false) }

// ObservePublished is Observe for a release that was published a moment ago, here
// or on another machine: GitHub's list, which may lag behind, is asked again
// until it shows the release, up to four times.
func (r Release) ObservePublished(ctx context.Context) (Found, error) { return r.observe(ctx, true) }

// observe is Observe; a release that is expected to be there is waited for.
func (r Release) observe(ctx context.Context, expected bool) (Found, error) {
	var found Found
	var err error
	if r.Registry != nil {
		if found.Named, err = r.Registry.Digest(ctx, r.Plan.Version); err != nil {
			return Found{}, err
		}
	}
	if found.Release, err = r.listed(ctx, expected || found.Named != ""); err != nil || found.Release == nil {
		return found, err
	}
	assets, record, err := r.stored(ctx, *found.Release)
	if err != nil || record == nil {
		return found, err
	}
	found.State = record
	if found.Pushed, err = r.imagePushed(ctx, *record, found.Named); err != nil {
		return found, err
	}
	found.missing, err = r.lacking(ctx, assets, record.Files)
	return found, err
}

// imagePushed tells whether the registry has the recorded image, which is so
// when the version names it.
func (r Release) imagePushed(ctx context.Context, record State, named string) (bool, error) {
	if record.Image == nil || r.Registry == nil || named == record.Image.Digest {
		return record.Image != nil && r.Registry != nil, nil
	}
	return r.Registry.Has(ctx, record.Image.Digest)
}

// lacking are the names of the files that are not among the assets, whole.
func (r Release) lacking(ctx context.Context, assets []github.Asset, files []artifact.File) ([]string, error) {
	var names []string
	for _, file := range files {
		whole := false
		if at := assetNamed(assets, file.Name); at != nil {
			var err error
			if whole, err = r.same(ctx, *at, file); err != nil {
				return names, err
			}
		}
		if !whole {
			names = append(names, file.Name)
		}
	}
	return names, nil
}

// listed is the release as GitHub lists it; nil when it does not. One that is
// known to be there is waited for: GitHub's list lags behind at times.
func (r Release) listed(ctx context.Context, there bool) (*github.Release, error) {
	for attempt := range attempts {
		if attempt > 0 {
			if err := r.wait(ctx, attempt-1); err != nil {
				return nil, err
			}
		}
		releases, err := r.GitHub.Releases(ctx)
		if err != nil {
			return nil, err
		}
		if found := ours(releases, r.Plan.Tag); found != nil || !there {
			return found, nil
		}
	}
	return nil, nil
}

// FullyPublished tells whether all is there that Publish brings, of the plan's commit.
func (f Found) FullyPublished(p plan.Plan) bool {
	if f.State == nil || f.State.Commit != p.Commit || len(f.missing) > 0 && !f.withdrawn() {
		return false
	}
	return f.State.Image == nil || f.Pushed && (f.Named == "" || f.Named == f.State.Image.Digest)
}

// withdrawn tells whether the release was whole once, and was taken back: then
// its files are nobody's concern any more.
func (f Found) withdrawn() bool { return f.State.Proven && f.State.RolledBack != "" }

// Done tells whether nothing is left to do: published, promoted and told.
func (f Found) Done(p plan.Plan) bool {
	return f.FullyPublished(p) && !f.Release.Draft && f.State.notified() && (f.named() || f.State.RolledBack != "")
}

// named tells whether the version names the recorded image, if there is one.
func (f Found) named() bool { return f.State.Image == nil || f.State.Image.Digest == f.Named }

// bound tells whether the version is bound to the recorded bytes: the record
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

// refuses tells why a build can't be published as the version: something else
// was already. digest is the build's, "" when there is none yet.
func (f Found) refuses(r Release, digest string) error {
	switch {
	case f.FullyPublished(r.Plan):
		return nil
	case f.State != nil && f.State.RolledBack != "":
		return fmt.Errorf("%s was taken back (%s): release the next version", r.Plan.Tag, f.State.RolledBack)
	case f.State != nil && f.State.Commit != r.Plan.Commit && f.bound():
		return fmt.Errorf(
			"%s was published from another commit, %s, and this is %s: a version is never overwritten; release the next one",
			r.Plan.Tag,
			git.Short(f.State.Commit),
			git.Short(r.Plan.Commit),
		)
	case f.Named == "":
		return f.incomplete(r)
	case f.State == nil:
		return r.taken(
			f.Named,
			cmp.Or(digest, "not built yet"),
		) // a version is named after its record is stored: it was not us
	case f.State.Image != nil && f.State.Image.Digest != f.Named:
		return fmt.Errorf(
			"%s:%s is %s, but the release %s records %s: one of them was changed by hand; release the next version",
			r.Config.Build.Image.Name,
			r.Plan.Version,
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
		"the release %s is out (%s), but %s:%s is not in the registry: restore the image, or release the next version",
		r.Plan.Tag,
		f.Release.URL,
		r.Config.Build.Image.Name,
		r.Plan.Version,
	)
}
