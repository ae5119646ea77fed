package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// tagger looks up the tags of an image, and sets them.
type tagger interface {
	Digest(ctx context.Context, tag string) (string, error)
	Tag(ctx context.Context, tag, digest string) error
}

// nameVersion is the effect that the image of a proven release has the version as
// a tag. It never takes the tag from another image. A registry can't be asked for
// just that, so the state decides: should the state of another build have taken
// the place of this one, and be proven, the tag goes to the image of that.
type nameVersion struct {
	shared   *published
	registry tagger
	image    string // its name

	taken *State // of another build, which has taken the place of this one
}

// Title implements Effect.
func (n *nameVersion) Title() string {
	return "name " + nameOr(n.image) + " " + imageTag(n.shared.release)
}

// Done implements step.Work.
func (n *nameVersion) Done(ctx context.Context) (step.State, error) {
	if state, err := n.shared.proven(ctx); err != nil || state.Status != "" {
		return state, err
	}
	image := n.shared.state.image(n.image)
	switch {
	case image == nil:
		return step.State{Status: step.Absent, Why: "the release has no image"}, nil
	case n.shared.finished():
		return isDone(""), nil
	case n.taken != nil:
		return toDo("the state is of another build by now"), nil
	}
	tag := n.shared.state.ImageTag()
	named, err := n.registry.Digest(ctx, tag)
	switch {
	case err != nil || named == "":
		return toDo("the registry does not have the tag"), err
	case named != image.Digest:
		return step.State{}, fmt.Errorf(
			"%s:%s is %s already, and the record of %s says %s: a version is never overwritten; release the next one",
			image.Name,
			tag,
			named,
			n.shared.release.Plan.Tag,
			image.Digest,
		)
	}
	n.taken, err = n.other(ctx)
	return doneIf(n.taken == nil, "the state is of another build by now"), err
}

// other returns the state of another build that has taken the place of this one; nil
// when there is none.
func (n *nameVersion) other(ctx context.Context) (*State, error) {
	now, err := n.shared.tools.states.stored(ctx, n.shared.draft)
	if err != nil || now == nil || now.image(n.image) == nil ||
		now.image(n.image).Digest == n.shared.state.image(n.image).Digest {
		return nil, err
	}
	if !now.healthy() {
		return nil, errChanged
	}
	return now, nil
}

// Do implements step.Work.
func (n *nameVersion) Do(ctx context.Context) error {
	if n.taken == nil {
		return n.registry.Tag(ctx, n.shared.state.ImageTag(), n.shared.state.image(n.image).Digest)
	}
	return final(errors.Join(errChanged, n.registry.Tag(ctx, n.taken.ImageTag(), n.taken.image(n.image).Digest)))
}
