package publish

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// recordState is the effect that the state is kept with the release. It replaces
// just the content that the state was read from: where that is not there any more,
// another run was faster, and what it recorded stays.
type recordState struct {
	states  states
	release github.Release
	state   *State

	assets []github.Asset // what is with the release now
}

// effect is the effect that keeps a state with its release.
func (s states) effect(release github.Release, state *State) *recordState {
	return &recordState{states: s, release: release, state: state}
}

// store keeps a state with its release.
func (s states) store(ctx context.Context, release github.Release, state *State) error {
	return ensure(ctx, s.policy, s.effect(release, state))
}

// Title implements Effect.
func (e *recordState) Title() string { return "record it in " + StateFile }

// Done implements step.Work.
func (e *recordState) Done(ctx context.Context) (step.State, error) {
	var err error
	if e.assets, err = e.states.files.forge.Assets(ctx, e.release.ID); err != nil {
		return step.State{}, err
	}
	pending := slices.ContainsFunc(e.assets, func(a github.Asset) bool { return isPending(a.Name) })
	stored := assetNamed(e.assets, StateFile)
	if stored == nil || pending {
		return toDo("it is not with the release"), nil
	}
	file, _ := fileOf(*e.state)
	same, err := e.states.files.same(ctx, *stored, file)
	if same {
		e.state.base = file.SHA256
	}
	return doneIf(same, "what is recorded is another state"), err
}

// Do implements step.Work.
func (e *recordState) Do(ctx context.Context) error {
	file, content := fileOf(*e.state)
	return e.states.replace(ctx, e.release, e.assets, e.state.base, file, content)
}

// fileOf is a state as a file.
func fileOf(state State) (artifact.File, []byte) {
	content := state.JSON()
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	return artifact.File{Name: StateFile, Size: int64(len(content)), SHA256: sum}, content
}
