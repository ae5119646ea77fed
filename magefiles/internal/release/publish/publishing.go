package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// publishing is what the effects of Publishing share: what was there when the
// first of them looked, and the state that they make so.
type publishing struct {
	release Release
	tools   tools
	built   Artifacts

	begun  bool
	found  Found
	state  State          // to be recorded
	draft  github.Release // zero as long as there is none
	assets listing        // what is with the draft
}

// begin looks at what is there, once, and decides which bytes the version is.
func (p *publishing) begin(ctx context.Context) error {
	if p.begun {
		return nil
	}
	pushed, err := p.pushed(ctx)
	if err != nil {
		return err
	}
	found, err := look(ctx, p.release, p.tools, pushed) // who has pushed it has perhaps made the draft, too
	if err != nil {
		return err
	}
	if err := found.refusal(p.release, p.built.Image.Digest); err != nil {
		return err
	}
	state := newState(p.release, p.built)
	state.base = found.head
	if found.bound() || found.FullyPublished(p.release.Plan) {
		state = *found.State // what is missing of these bytes is restored
	}
	if err := p.restorable(found, state); err != nil {
		return err
	}
	if found.Release != nil {
		p.draft = *found.Release
	}
	p.begun, p.found, p.state, p.assets = true, found, state, listing{forge: p.tools.files.forge}
	return nil
}

// pushed reports whether the registry has the image already. A finished release is
// known without it.
func (p *publishing) pushed(ctx context.Context) (bool, error) {
	r := p.release
	if r.Registry == nil || p.built.Image.Digest == "" || r.Snapshot != nil && r.Snapshot.found != nil {
		return false, nil
	}
	return r.Registry.Has(ctx, p.built.Image.Digest)
}

// restorable refuses a build that is not the image that the version is bound
// to, when that image is gone from the registry.
func (p *publishing) restorable(found Found, state State) error {
	if found.FullyPublished(p.release.Plan) || !found.bound() {
		return nil
	}
	for _, name := range state.names() {
		image, built := state.image(name), p.built.image(name)
		if found.pushed(name) || image.Digest == built.Digest {
			continue
		}
		return fmt.Errorf(
			"%s@%s, the image of %s, is gone from the registry, and this build is %s: "+
				"restore it, or release the next version",
			image.Name, image.Digest, p.release.Plan.Tag, built.Digest,
		)
	}
	return nil
}

// over returns the state of each effect when everything is published already; none
// as long as it is not.
func (p *publishing) over(ctx context.Context) (step.State, error) {
	if err := p.begin(ctx); err != nil {
		return step.State{}, err
	}
	if p.found.FullyPublished(p.release.Plan) {
		return isDone("it is published already"), nil
	}
	return step.State{}, nil
}

// inDraft is over, or says that there is no draft yet.
func (p *publishing) inDraft(ctx context.Context) (step.State, error) {
	state, err := p.over(ctx)
	if err == nil && state.Status == "" && p.draft.ID == 0 {
		state = toDo("there is no release yet")
	}
	return state, err
}

// attached returns what is with the draft, or the state as of inDraft.
func (p *publishing) attached(ctx context.Context) ([]github.Asset, step.State, error) {
	state, err := p.inDraft(ctx)
	if err != nil || state.Status != "" {
		return nil, state, err
	}
	assets, err := p.assets.look(ctx, p.draft.ID)
	return assets, step.State{}, err
}

// lookAgain learns whether the draft is still one, before anything of it is deleted:
// while this run waited, another one may have published it with a build of its own.
func (p *publishing) lookAgain(ctx context.Context, forge interface {
	Release(ctx context.Context, id int64) (github.Release, error)
},
) error {
	if !p.draft.Draft {
		return nil
	}
	now, err := forge.Release(ctx, p.draft.ID)
	if err == nil {
		p.draft.Draft, p.draft.Immutable = now.Draft, now.Immutable
	}
	return err
}

// files returns those that the release is to have.
func (p *publishing) files() []artifact.File {
	if p.begun {
		return p.state.Files
	}
	return p.built.Files
}

func (p *publishing) body() string { return bodyOf(p.release, p.state, p.draft.Body) }

// keep tells what is published already, whatever was built by now.
func keep(r Release, found Found, built Artifacts) {
	r.Say("%s is published already, as %s", r.Plan.Tag, found.what())
	image := found.State.Image
	if image != nil && built.Image.Digest != "" && built.Image.Digest != image.Digest {
		r.Warn(
			"this build, %s, is not used: the one that is recorded is released; "+
				"if it is not healthy, release the next version",
			built.Image.Digest,
		)
	}
}

// publishState is the effect that the state is with the draft.
type publishState struct {
	shared *publishing
	inner  *recordState
}

// Title implements Effect.
func (e *publishState) Title() string { return "record it in " + RecordRef(e.shared.release.Plan.Tag) }

// Done implements step.Work.
func (e *publishState) Done(ctx context.Context) (step.State, error) {
	if state, err := e.shared.inDraft(ctx); err != nil || state.Status != "" {
		return state, err
	}
	e.inner = e.shared.tools.states.effect(e.shared.draft, &e.shared.state)
	return e.inner.Done(ctx)
}

// Do implements step.Work.
func (e *publishState) Do(ctx context.Context) error {
	e.shared.assets.forget()
	return e.inner.Do(ctx)
}

// publishNotes is the effect that a draft has the notes of the build.
type publishNotes struct {
	shared *publishing
	notes  *writeNotes
}

// Title implements Effect.
func (e *publishNotes) Title() string { return "write the notes of " + e.shared.release.Plan.Tag }

// Done implements step.Work.
func (e *publishNotes) Done(ctx context.Context) (step.State, error) {
	if state, err := e.shared.inDraft(ctx); err != nil || state.Status != "" {
		return state, err
	}
	return e.notes.Done(ctx)
}

// Do implements step.Work.
func (e *publishNotes) Do(ctx context.Context) error { return e.notes.Do(ctx) }
