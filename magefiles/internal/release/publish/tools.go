package publish

import (
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// tools are what effects of one release have in common: how they are repeated, and
// where the states of releases are kept.
type tools struct {
	policy  step.Policy
	warn    func(format string, args ...any)
	files   files
	states  states
	ranking ranking
	edits   editor
}

func toolsOf(r Release) tools {
	policy := step.Policy{Pause: r.Pause, Retryable: retryable, Say: r.Say}
	kept := states{records: r.GitHub.Records, code: r.GitHub.Code, policy: policy}
	t := tools{policy: policy, warn: r.Warn, files: files{r.GitHub.Releases}, states: kept, edits: r.GitHub.Releases}
	t.ranking = ranking{otherStates: otherStates{forge: r.GitHub.Releases, states: kept, warn: r.Warn}}
	if r.Registry != nil {
		t.ranking.registry = r.Registry
	}
	return t
}

// about are tools that compare releases by another image than the app's own.
func (t tools) about(image string, registry namer) tools {
	t.ranking.image, t.ranking.registry = image, registry
	return t
}

// notes returns the effect that writes the notes of a release.
func (t tools) notes(release *github.Release, body func() string) *writeNotes {
	return &writeNotes{forge: t.edits, release: release, body: body}
}
