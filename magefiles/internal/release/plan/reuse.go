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

// Planner makes plans for an app, and reuses a plan if none of its inputs has changed.
type Planner struct {
	App      *app.App
	Repo     git.Repo
	History  func() changelog.History
	API      func(ctx context.Context, revision string) ([]byte, error)
	Registry func() Registry
	Last     func() Last
	State    func(context.Context) (git.State, error) // nil means the state of Repo
	Store    *step.Store
	Program  string                   // identifies this build of the program
	Tools    func() map[string]string // identifies the programs that a plan runs
}

// Noted is a plan with its release notes.
type Noted struct {
	Plan  Plan   `json:"plan"`
	Notes string `json:"notes"` // Markdown
}

// Decide makes a plan, as Make does, or reuses one.
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
	known, ok := noted(ctx, work) // another run made it in the meantime
	if !ok {
		return Noted{}, state, errors.New("the plan that another run made cannot be read; run this again")
	}
	return known, state, nil
}

// noted returns the plan in a stored result.
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

// NotesOf returns the notes of a plan. A reused plan does not contain them.
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

// inputs returns everything that a plan depends on: the history with its refs, whether the checkout differs from
// it, the version files, the configuration, what was asked for, and the registry's answer.
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
	go func() { // while waiting for the registry
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
