package publish

import (
	"context"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// dispatcher starts what builds the docs.
type dispatcher interface {
	DefaultBranch(ctx context.Context) (string, error)
	Dispatch(ctx context.Context, repository github.Repository, event string, payload map[string]string) error
	DispatchWorkflow(ctx context.Context, repository github.Repository, workflow, ref string) error
}

// rebuildDocs is the effect that the docs site is rebuilt. It may be asked for
// twice, if the first time was not recorded any more: the same site comes of it.
type rebuildDocs struct {
	shared *notifying
	forge  dispatcher
}

// Title implements Effect.
func (d *rebuildDocs) Title() string { return "rebuild the docs" }

// Done implements step.Work.
func (d *rebuildDocs) Done(ctx context.Context) (step.State, error) {
	ended := &d.shared.state.Docs
	if state, err := d.shared.out(ctx, ended); err != nil || state.Status != "" {
		return state, err
	}
	switch r := d.shared.release; {
	case len(r.Plan.Evidence.Docs) == 0 || r.Config.Docs.Rebuild.Absent != "":
		*ended = stateNone
	case len(r.Config.Docs.Rebuild.Command) > 0 && r.Command == nil:
		*ended = DocsElsewhere
	}
	if *ended != "" {
		return step.State{Status: step.Absent, Why: *ended}, nil
	}
	return toDo("the docs changed"), nil
}

// Do implements step.Work.
func (d *rebuildDocs) Do(ctx context.Context) error {
	if err := d.ask(ctx); err != nil {
		return final(err)
	}
	d.shared.state.Docs = stateDone
	return nil
}

func (d *rebuildDocs) ask(ctx context.Context) error {
	r := d.shared.release
	rebuild := r.Config.Docs.Rebuild
	if len(rebuild.Command) > 0 {
		return r.Command(ctx, rebuild.Command)
	}
	repository, err := docsRepository(r)
	if err != nil {
		return err
	}
	if rebuild.Workflow == "" {
		return d.forge.Dispatch(ctx, repository, rebuild.Event, payloadOf(r))
	}
	branch, err := d.forge.DefaultBranch(ctx)
	if err != nil {
		return err
	}
	return d.forge.DispatchWorkflow(ctx, repository, rebuild.Workflow, branch)
}

// payloadOf returns what the docs site is told of the release.
func payloadOf(r Release) map[string]string {
	if len(r.Config.Docs.Rebuild.Payload) == 0 {
		return map[string]string{"version": r.Plan.Version, "tag": r.Plan.Tag}
	}
	replace := strings.NewReplacer("{version}", r.Plan.Version, "{tag}", r.Plan.Tag, "{commit}", r.Plan.Commit,
		"{repository}", r.Repository.String())
	payload := map[string]string{}
	for name, value := range r.Config.Docs.Rebuild.Payload {
		payload[name] = replace.Replace(value)
	}
	return payload
}

// docsRepository returns where the docs site is built.
func docsRepository(r Release) (github.Repository, error) {
	if name := r.Config.Docs.Rebuild.Repository; name != "" {
		return github.ParseRepository(name)
	}
	return r.Repository, nil
}
