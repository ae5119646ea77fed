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

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// Release is one version on its way to those who use it, and what it acts on.
type Release struct {
	Plan   plan.Plan
	Notes  []byte // Markdown
	Config app.Config
	Say    func(format string, args ...any) // tells a person of a step
	Warn   func(format string, args ...any) // tells of what must not be overlooked
	Pause  time.Duration                    // before a second look; 0 means 2 s
	Run    string                           // tells this run from all others; "" for a random name

	GitHub     *github.Client
	Repository github.Repository
	Registry   *registry.Repository // nil when the app has no image
	Webhook    *announce.Webhook    // nil when nothing is announced
	// Command runs the command that rebuilds the docs, for an app that has one.
	Command func(ctx context.Context, args []string) error
}

// Artifacts are what a build left in a folder.
type Artifacts struct {
	Dir   string
	Files []artifact.File // to be attached to the release
	Image image.Summary   // of Dir/image.oci; zero when the app has no image
}

// Publish uploads the artifacts: the image to the registry by its digest, and
// the files with the record to a draft release on GitHub. The record says which
// bytes the version is. Nobody can pull them by a name yet: Promote names the
// image once it has been verified. Publish returns the record as it is stored.
func (r Release) Publish(ctx context.Context, built Artifacts) (State, error) {
	pushed, err := r.pushed(ctx, built.Image.Digest)
	if err != nil {
		return State{}, err
	}
	found, err := r.observe(ctx, pushed) // who has pushed it has perhaps made the draft, too
	if err != nil {
		return State{}, err
	}
	if err := found.refuses(r, built.Image.Digest); err != nil {
		return State{}, err
	}
	if found.FullyPublished(r.Plan) {
		return r.keep(found, built), nil
	}
	record := r.newRecord(built)
	if found.State != nil {
		record.base = found.State.base
	}
	if found.bound() {
		record = *found.State // what is missing of these bytes is restored
	}
	if err := r.restorable(found, record, built); err != nil {
		return State{}, err
	}
	if !found.bound() || !found.Pushed {
		if err := r.PushImage(ctx, built); err != nil {
			return State{}, err
		}
	}
	draft, err := r.draft(ctx, record)
	if err != nil {
		return State{}, err
	}
	// The record comes first: of two builds at once, one is refused here, before it
	// replaces notes or a file of the other, which may be public by now.
	if err := r.store(ctx, draft, &record); err != nil {
		return State{}, err
	}
	if draft, err = r.refresh(ctx, draft, github.Release{Body: r.body(record)}); err != nil {
		return State{}, err
	}
	return record, r.attach(ctx, draft, found.State, record, built)
}

// keep is the record of what is published already, whatever was built by now.
func (r Release) keep(found Found, built Artifacts) State {
	r.Say("%s is published already, as %s", r.Plan.Tag, found.what())
	if image := found.State.Image; image != nil && built.Image.Digest != "" && built.Image.Digest != image.Digest {
		r.Warn(
			"this build, %s, is not used: the one that is recorded is released; if it is not healthy, release the next version",
			built.Image.Digest,
		)
	}
	return *found.State
}

// pushed tells whether the registry has an image already.
func (r Release) pushed(ctx context.Context, digest string) (bool, error) {
	if r.Registry == nil || digest == "" {
		return false, nil
	}
	return r.Registry.Has(ctx, digest)
}

// restorable refuses a build that is not the image that the version is bound
// to, when that image is gone from the registry.
func (r Release) restorable(found Found, record State, built Artifacts) error {
	if !found.bound() || found.Pushed || record.Image == nil || record.Image.Digest == built.Image.Digest {
		return nil
	}
	return fmt.Errorf(
		"%s@%s, the image of %s, is gone from the registry, and this build is %s: restore it, or release the next version",
		record.Image.Name,
		record.Image.Digest,
		r.Plan.Tag,
		built.Image.Digest,
	)
}

// PushImage copies the image to the registry, named by its digest only.
func (r Release) PushImage(ctx context.Context, built Artifacts) error {
	if r.Registry == nil || built.Image.Digest == "" {
		return nil
	}
	digest := built.Image.Digest
	return r.settle(ctx, step{
		name: "push the image " + digest,
		look: func(ctx context.Context) (bool, error) { return r.Registry.Has(ctx, digest) },
		do:   func(ctx context.Context) error { return r.Registry.Push(ctx, filepath.Join(built.Dir, "image.oci")) },
	})
}

// nameVersion gives the image of a proven release the version as a tag. It
// never takes the tag from another image. A registry can't be asked for just
// that, so the record decides: should the record of another build have taken
// the place of this one, and be proven, the tag goes to the image of that.
func (r Release) nameVersion(ctx context.Context, release github.Release, record State) error {
	if r.Registry == nil || record.Image == nil {
		return nil
	}
	if err := r.settle(ctx, r.naming(record)); err != nil {
		return err
	}
	_, now, err := r.stored(ctx, release)
	if err != nil || now == nil || now.Image == nil || now.Image.Digest == record.Image.Digest {
		return err
	}
	if !now.healthy() {
		return errChanged
	}
	return errors.Join(errChanged, r.Registry.Tag(ctx, r.Plan.Version, now.Image.Digest))
}

func (r Release) naming(record State) step {
	return step{
		name: fmt.Sprintf("name the image %s", r.Plan.Version),
		look: func(ctx context.Context) (bool, error) {
			named, err := r.Registry.Digest(ctx, r.Plan.Version)
			if err == nil && named != "" && named != record.Image.Digest {
				err = fmt.Errorf(
					"%s:%s is %s already, and the record of %s says %s: a version is never overwritten; release the next one",
					record.Image.Name,
					r.Plan.Version,
					named,
					r.Plan.Tag,
					record.Image.Digest,
				)
			}
			return named != "", err
		},
		do: func(ctx context.Context) error { return r.Registry.Tag(ctx, r.Plan.Version, record.Image.Digest) },
	}
}

// taken says that the version's name is another image's.
func (r Release) taken(named, digest string) error {
	return fmt.Errorf(
		"%s:%s is published already as %s, and this build is %s: a version is never overwritten; release the next one",
		r.Config.Build.Image.Name,
		r.Plan.Version,
		named,
		digest,
	)
}
