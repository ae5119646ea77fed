package publish

import (
	"context"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// pusher takes images.
type pusher interface {
	Has(ctx context.Context, digest string) (bool, error)
	Push(ctx context.Context, layoutDir string) error
}

// pushImage is the effect that the registry has the image, named by its digest
// only.
type pushImage struct {
	shared         *publishing // nil when only the image is pushed
	registry       pusher
	name           string // of the image
	digest, layout string
}

// Title implements Effect.
func (p *pushImage) Title() string { return "push " + nameOr(p.name) + " " + p.digest }

// Done implements step.Work.
func (p *pushImage) Done(ctx context.Context) (step.State, error) {
	if p.shared != nil {
		if state, err := p.shared.over(ctx); err != nil || state.Status != "" {
			return state, err
		}
		if p.shared.found.bound() && p.shared.found.pushed(p.name) {
			return isDone("the registry has the one that is recorded"), nil
		}
	}
	has, err := p.registry.Has(ctx, p.digest)
	return doneIf(has, "the registry does not have it"), err
}

// Do implements step.Work.
func (p *pushImage) Do(ctx context.Context) error { return p.registry.Push(ctx, p.layout) }

// PushImage copies the images to the registry, named by their digests only.
func (r Release) PushImage(ctx context.Context, built Artifacts) error {
	return ensure(ctx, toolsOf(r).policy, pushing(r, built, nil)...)
}

// pushing returns the effects that push the images of a build.
func pushing(r Release, built Artifacts, shared *publishing) []Effect {
	var list []Effect
	for _, each := range repositoriesOf(r) {
		if made := built.image(each.Name); made.Digest != "" {
			layout := filepath.Join(built.Dir, filepath.FromSlash(made.Layout))
			list = append(list, &pushImage{shared, each.Registry, each.Name, made.Digest, layout})
		}
	}
	return list
}
