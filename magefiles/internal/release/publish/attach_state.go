package publish

import (
	"bytes"
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// attachState is the effect that a release has a file that tells its state, as it is when
// the release goes out, or the signature of that. It is attached to a draft; what is with
// a release that is out is never replaced.
type attachState struct {
	shared *published
	forge  interface {
		assetReader
		uploader
	}
	name    string
	content func(State) ([]byte, error)

	other *github.Asset // what has the name now
}

// attachingState returns the effects that release.json, and its signature, are with the release.
func (p *published) attachingState() []Effect {
	var list []Effect
	for _, each := range p.stateFiles() {
		list = append(list, each)
	}
	return list
}

func (p *published) stateFiles() []*attachState {
	forge := p.release.GitHub.Releases
	list := []*attachState{{
		shared: p, forge: forge, name: StateFile,
		content: func(s State) ([]byte, error) { return s.Published().JSON(), nil },
	}}
	if key := p.release.Key; key != nil {
		list = append(list, &attachState{
			shared: p, forge: forge, name: StateFile + signature.Suffix,
			content: func(s State) ([]byte, error) {
				return key.Sign(signature.Of(StateFile, sumOf(s.Published().JSON()), signature.Signed, nil))
			},
		})
	}
	return list
}

// Title implements Effect.
func (a *attachState) Title() string { return "attach " + a.name }

// Done implements step.Work.
func (a *attachState) Done(ctx context.Context) (step.State, error) {
	if state, err := a.shared.proven(ctx); err != nil || state.Status != "" {
		return state, err
	}
	if a.shared.finished() {
		return isDone(""), nil
	}
	release, err := a.forge.Release(ctx, a.shared.draft.ID)
	if err != nil {
		return step.State{}, err
	}
	a.shared.draft.Draft = release.Draft
	a.other = assetNamed(release.Assets, a.name)
	switch {
	case a.other != nil && !release.Draft:
		return isDone("the release is out: what is with it stays"), nil
	case a.other == nil && release.Immutable:
		return step.State{Status: step.Absent, Why: "the release went out without it, and is immutable"}, nil
	case a.other == nil:
		return toDo("it is not with the release"), nil
	}
	content, err := a.content(a.shared.state)
	if err != nil {
		return step.State{}, err
	}
	file := artifact.File{Name: a.name, Size: int64(len(content)), SHA256: sumOf(content)}
	whole, err := a.shared.tools.files.same(ctx, *a.other, file)
	return doneIf(whole, "what is with the release is of another state"), err
}

// Do implements step.Work.
func (a *attachState) Do(ctx context.Context) error {
	content, err := a.content(a.shared.state)
	if err != nil {
		return final(err)
	}
	if err := removeAsset(ctx, a.forge, a.other); err != nil {
		return err
	}
	_, err = a.forge.Upload(ctx, a.shared.draft, a.name, mediaType(a.name), bytes.NewReader(content),
		int64(len(content)))
	return err
}
