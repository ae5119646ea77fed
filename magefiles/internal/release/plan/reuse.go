package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Planner makes plans for an app, and reuses one when nothing has changed that
// it was made from.
type Planner struct {
	App      *app.App
	Repo     git.Repo
	History  func() changelog.History
	API      func(ctx context.Context, revision string) ([]byte, error)
	Registry func() Registry
	Last     func() Last
	State    func(context.Context) (git.State, error) // nil for that of Repo
	Store    *step.Store
	Program  string                   // tells this program from every other build of it
	Tools    func() map[string]string // that tell the programs apart that a plan runs
}

// Noted is a plan with its release notes.
type Noted struct {
	Plan  Plan   `json:"plan"`
	Notes string `json:"notes"` // Markdown
}

// Decide makes the plan that is asked for, as Make does, or reuses it.
func (p Planner) Decide(ctx context.Context, asked Asked, again bool) (Noted, step.State, error) {
	var fresh *Noted
	work := &step.Local{
		Store: p.Store, Step: "plan", Again: again,
		Inputs: func(ctx context.Context) (step.Inputs, error) { return p.inputs(ctx, asked) },
		Make: func(ctx context.Context) (any, error) {
			made, err := p.make(ctx, asked)
			fresh = &made
			return made, err
		},
	}
	state, err := work.Done(ctx)
	if err != nil {
		return Noted{}, state, err
	}
	if state.Is() {
		if known, ok := noted(ctx, work); ok && work.Restore(ctx) == nil {
			return known, state, nil
		}
	}
	if err := work.Do(ctx); err != nil {
		return Noted{}, state, err
	}
	if fresh != nil {
		return *fresh, state, nil
	}
	known, ok := noted(ctx, work) // another run made it meanwhile
	if !ok {
		return Noted{}, state, errors.New("the plan that another run made cannot be read; run this again")
	}
	return known, state, nil
}

// noted is the plan that a result holds.
func noted(ctx context.Context, work *step.Local) (known Noted, ok bool) {
	result, ok := work.Result(ctx)
	ok = ok && json.Unmarshal(result.Value, &known) == nil
	known.Plan.written = known.Notes
	return known, ok
}

func (p Planner) make(ctx context.Context, asked Asked) (Noted, error) {
	decided, err := Make(ctx, Request{
		App: p.App, Repo: p.Repo, History: p.History(), Asked: asked, API: p.API, Registry: p.Registry,
		Last: p.Last,
	})
	if err != nil {
		return Noted{}, err
	}
	var notes bytes.Buffer
	err = decided.WriteNotes(&notes, p.History().Sections, p.History().Links)
	return Noted{decided, notes.String()}, err
}

// NotesOf are the notes of a plan, which one that was reused does not have.
func (p Planner) NotesOf(ctx context.Context, decided Plan) (changelog.Notes, error) {
	if decided.notes.Head != "" {
		return decided.notes, nil
	}
	made, err := Make(ctx, Request{
		App:      p.App,
		Repo:     p.Repo,
		History:  p.History(),
		Asked:    Asked{Tag: decided.Tag},
		API:      p.API,
		Registry: p.Registry,
	})
	return made.notes, err
}

// inputs are all that a plan is made from: the history with its refs, whether
// the checkout differs from it, the version files as they are there, the
// configuration, what was asked for, and what the registry answered.
func (p Planner) inputs(ctx context.Context, asked Asked) (step.Inputs, error) {
	inputs := step.Inputs{}
	for _, file := range p.App.Config.VersionFiles {
		if data, err := os.ReadFile(p.App.Path(file.Path)); err == nil {
			inputs.Data(file.Path, data)
		}
	}
	inputs.Config("release.yaml", p.App.Config)
	inputs.Config("configuration", p.App.Elsewhere)
	inputs.Config("asked", asked)
	last := make(chan Last, 1)
	go func() { // while the registry is asked
		if p.Last == nil {
			last <- Last{}
			return
		}
		last <- p.Last()
	}()
	if p.Registry != nil {
		inputs.Config("registry", p.Registry())
	}
	inputs.Tool("odin-release", p.Program)
	for name, version := range p.Tools() {
		inputs.Tool(name, version)
	}
	inputs.Config("last", <-last)
	look := p.State
	if look == nil {
		look = p.Repo.State
	}
	state, err := look(ctx)
	for name, value := range state.Parts {
		inputs["git "+name] = value
	}
	return inputs, err
}
