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
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
)

// Release is one version on its way to those who use it, and what it acts on.
type Release struct {
	Plan   plan.Plan
	Notes  []byte // Markdown
	Config app.Config
	Say    func(format string, args ...any) // tells a person of a step
	Warn   func(format string, args ...any) // tells of what must not be overlooked
	Pause  time.Duration                    // before a second look; 0 means 2 s

	GitHub     *github.Client
	Repository github.Repository
	Registry   *image.Registry   // nil when the app has no image
	Webhook    *announce.Webhook // nil when nothing is announced
	// Command runs the command that rebuilds the docs, for an app that has one.
	Command func(ctx context.Context, args []string) error
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
