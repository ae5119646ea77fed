// Package publish makes a release known, and takes it back: phases 5 and 6 of
// the release process. Every effect looks at what is there, compares it with
// what should be, acts on the difference only, and confirms by looking again.
// So the same call is the first try, the retry, the resumption on another
// machine, and does nothing when there is nothing to do.
package publish

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
)

// Outside is what a release acts on.
type Outside struct {
	GitHub     *github.Client
	Repository github.Repository
	Registry   *image.Registry   // nil when the app has no image
	Webhook    *announce.Webhook // nil when nothing is announced
	// Command runs the command that rebuilds the docs, for an app that has one.
	Command func(ctx context.Context, args []string) error
}

// Release is one version on its way to those who use it.
type Release struct {
	Outside

	Plan   plan.Plan
	Notes  []byte // Markdown
	Config app.Config
	Say    func(format string, args ...any) // tells a person of a step
	Warn   func(format string, args ...any) // tells of what must not be overlooked
	Pause  time.Duration                    // before a second look; 0 means 2 s
}

// Artifacts are what a build left in a folder.
type Artifacts struct {
	Dir   string
	Files []artifact.File // to be attached to the release
	Image image.Summary   // of Dir/image.oci; zero when the app has no image
}

// Publish brings the artifacts to where they are published: the image to the
// registry by its digest, the release to GitHub as a draft with all of its
// files and the record, and last the version's name to the image. From then on
// the version is these bytes, and nothing that is built later can take their
// place. It gives the record as it is stored.
func (r Release) Publish(ctx context.Context, built Artifacts) (Record, error) {
	found, err := r.Observe(ctx)
	if err != nil {
		return Record{}, err
	}
	if err := found.refuses(r, built.Image.Digest); err != nil {
		return Record{}, err
	}
	if found.Whole(r.Plan) {
		r.Say("%s is published already, as %s", r.Plan.Tag, found.what())
		return *found.Record, nil
	}
	record := r.newRecord(built)
	if found.Record != nil {
		record.base = found.Record.base
	}
	if found.Record != nil && found.Named != "" {
		record = *found.Record // the image is out: just a file is missing
	} else if err := r.PushImage(ctx, built); err != nil {
		return Record{}, err
	}
	draft, err := r.draft(ctx, record)
	if err != nil {
		return Record{}, err
	}
	if err := r.attach(ctx, draft, found.Record, record, built); err != nil {
		return Record{}, err
	}
	if err := r.store(ctx, draft, &record); err != nil {
		return Record{}, err
	}
	return record, r.nameVersion(ctx, draft, record)
}

// PushImage copies the image to the registry, named by its digest only.
func (r Release) PushImage(ctx context.Context, built Artifacts) error {
	if r.Registry == nil {
		return nil
	}
	digest := built.Image.Digest
	return r.settle(ctx, step{
		name: "push the image " + digest,
		look: func(ctx context.Context) (bool, error) { return r.Registry.Has(ctx, digest) },
		do:   func(ctx context.Context) error { return r.Registry.Push(ctx, filepath.Join(built.Dir, "image.oci")) },
	})
}

// nameVersion gives the image the version as a tag. It never takes it from
// another one. A registry can't be asked for just that, so the record decides:
// should two runs of the same release have come this far at once, the one whose
// build is not the recorded one gives the name back.
func (r Release) nameVersion(ctx context.Context, release github.Release, record Record) error {
	if r.Registry == nil {
		return nil
	}
	if err := r.settle(ctx, r.naming(record)); err != nil {
		return err
	}
	_, now, err := r.stored(ctx, release)
	if err != nil || now == nil || now.Image == nil || now.Image.Digest == record.Image.Digest {
		return err
	}
	return errors.Join(errChanged, r.Registry.Tag(ctx, r.Plan.Version, now.Image.Digest))
}

func (r Release) naming(record Record) step {
	return step{
		name: fmt.Sprintf("name the image %s", r.Plan.Version),
		look: func(ctx context.Context) (bool, error) {
			named, err := r.Registry.Digest(ctx, r.Plan.Version)
			if err == nil && named != "" && named != record.Image.Digest {
				err = r.taken(named, record.Image.Digest)
			}
			return named != "", err
		},
		do: func(ctx context.Context) error { return r.Registry.Tag(ctx, r.Plan.Version, record.Image.Digest) },
	}
}

// taken says that the version's name is another image's.
func (r Release) taken(named, digest string) error {
	return fmt.Errorf("%s:%s is published already as %s, and this build is %s: a version is never overwritten; release the next one",
		r.Config.Build.Image.Name, r.Plan.Version, named, digest)
}

// Found is what is there of a release.
type Found struct {
	Release *github.Release // nil when there is none
	Record  *Record         // nil when none is stored with it
	Named   string          // the digest that the version names in the registry, or ""

	missing []string // files of the record that are not there as it says
}

// Observe looks at what is there of the release. It changes nothing.
func (r Release) Observe(ctx context.Context) (Found, error) {
	var found Found
	var err error
	if r.Registry != nil {
		if found.Named, err = r.Registry.Digest(ctx, r.Plan.Version); err != nil {
			return Found{}, err
		}
	}
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return Found{}, err
	}
	if found.Release = ours(releases, r.Plan.Tag); found.Release == nil {
		return found, nil
	}
	assets, record, err := r.stored(ctx, *found.Release)
	if err != nil || record == nil {
		return found, err
	}
	found.Record = record
	for _, file := range found.Record.Files {
		whole := false
		if at := assetNamed(assets, file.Name); at != nil {
			if whole, err = r.same(ctx, *at, file); err != nil {
				return found, err
			}
		}
		if !whole {
			found.missing = append(found.missing, file.Name)
		}
	}
	return found, nil
}

// Whole tells whether all is there that Publish brings, of the plan's commit.
func (f Found) Whole(p plan.Plan) bool {
	if f.Record == nil || f.Record.Commit != p.Commit || len(f.missing) > 0 {
		return false
	}
	return f.Record.Image == nil || f.Record.Image.Digest == f.Named
}

// Done tells whether nothing is left to do: published, promoted and told.
func (f Found) Done(p plan.Plan) bool { return f.Whole(p) && !f.Release.Draft && f.Record.told() }

func (f Found) what() string {
	if f.Record.Image == nil {
		return "commit " + git.Short(f.Record.Commit)
	}
	return f.Record.Image.Digest
}

// refuses tells why a build can't be published as the version: something else
// was already. digest is the build's, "" when there is none yet.
func (f Found) refuses(r Release, digest string) error {
	if f.Record != nil && f.Record.RolledBack != "" && !f.Whole(r.Plan) {
		return fmt.Errorf("%s was taken back (%s): release the next version", r.Plan.Tag, f.Record.RolledBack)
	}
	if f.Record != nil && f.Record.Commit != r.Plan.Commit && (f.Named != "" || !f.Release.Draft) {
		return fmt.Errorf("%s was published from another commit, %s, and this is %s: a version is never overwritten; release the next one",
			r.Plan.Tag, git.Short(f.Record.Commit), git.Short(r.Plan.Commit))
	}
	if f.Whole(r.Plan) || f.Named == "" {
		return f.incomplete(r)
	}
	if f.Record != nil && f.Record.Image != nil && f.Record.Image.Digest != f.Named {
		return fmt.Errorf("%s:%s is %s, but the release %s records %s: one of them was changed by hand; release the next version",
			r.Config.Build.Image.Name, r.Plan.Version, f.Named, r.Plan.Tag, f.Record.Image.Digest)
	}
	switch {
	case f.Record != nil: // it is this image, and a file is missing
		return nil
	case digest == "":
		digest = "not built yet"
	}
	return r.taken(f.Named, digest) // a version is named last: it was not us
}

// incomplete refuses to complete what was published by other means: a release
// that is out, with an image that is not.
func (f Found) incomplete(r Release) error {
	if f.Release == nil || f.Release.Draft || f.Whole(r.Plan) || r.Registry == nil {
		return nil
	}
	return fmt.Errorf("the release %s is out (%s), but %s:%s is not in the registry: restore the image, or release the next version",
		r.Plan.Tag, f.Release.URL, r.Config.Build.Image.Name, r.Plan.Version)
}
