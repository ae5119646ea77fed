package publish

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Check is one thing that a release needs on the outside.
type Check struct {
	Name    string
	Problem error // nil when all is well
}

// question is how a Check is come by.
type question struct {
	name string
	ask  func(context.Context) error
}

// Preflight checks everything on the outside that a release needs, before
// anything is built: all of it, so that all problems are known at once. It
// changes nothing. A release that is finished needs little of it.
func (r Release) Preflight(ctx context.Context) []Check {
	if r.GitHub == nil { // the repository is not known, which is a problem of its own
		return asked(ctx, unfinished(r))
	}
	found, err := look(ctx, r, toolsOf(r), false)
	if err == nil {
		err = found.refusal(r, "")
	}
	checks := []question{
		{
			"write releases on GitHub",
			func(ctx context.Context) error { return r.GitHub.Releases.MayRelease(ctx, r.Plan.Tag) },
		},
		{"the tag on GitHub", func(ctx context.Context) error { return tagFits(ctx, r.GitHub.Code, r.Plan) }},
		{"the version is free, or ours", func(context.Context) error { return err }},
	}
	if err != nil || !found.Done(r.Plan) {
		checks = append(checks, unfinished(r)...)
	}
	return asked(ctx, checks)
}

// asked returns the checks of questions, which are asked side by side.
func asked(ctx context.Context, checks []question) []Check {
	results := make([]Check, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { results[i] = Check{check.name, check.ask(ctx)} })
	}
	group.Wait()
	return results
}

// unfinished returns the questions about what a release that is finished does not
// need any more.
func unfinished(r Release) []question {
	var checks []question
	for _, each := range repositoriesOf(r) {
		name := "push to the registry"
		if each.Name != "" {
			name = "push " + each.Name
		}
		checks = append(checks, question{name, each.Registry.MayPush})
	}
	for _, channel := range r.Channels {
		checks = append(checks, question{channelName(channel.Kind), channel.Alive})
	}
	if rebuild := r.Config.Docs.Rebuild; r.GitHub != nil && rebuild.Absent == "" && len(rebuild.Command) == 0 {
		ask := func(ctx context.Context) error { return docsTrigger(ctx, r) }
		checks = append(checks, question{"the docs site's trigger", ask})
	}
	return checks
}

// channelName returns how a channel is called in a list of checks.
func channelName(kind string) string {
	if kind == announce.KindDiscord {
		return "Discord's webhook"
	}
	return "announce to " + kind
}

// tagReader looks up tags.
type tagReader interface {
	TagCommit(ctx context.Context, tag string) (string, error)
}

// tagFits checks that the tag is on GitHub, on the commit that is released.
func tagFits(ctx context.Context, forge tagReader, p plan.Plan) error {
	commit, err := forge.TagCommit(ctx, p.Tag)
	switch {
	case err != nil:
		return err
	case commit == "":
		return fmt.Errorf(
			"%s is not on GitHub: push it with git push origin %s, or make it with the target tag",
			p.Tag,
			p.Tag,
		)
	case commit != p.Commit:
		return fmt.Errorf(
			"%s is on another commit on GitHub, %s, than here, %s: check out the tag as it is there",
			p.Tag,
			git.Short(commit),
			git.Short(p.Commit),
		)
	}
	return nil
}

func docsTrigger(ctx context.Context, r Release) error {
	rebuild := r.Config.Docs.Rebuild
	repository, err := docsRepository(r)
	if err != nil {
		return err
	}
	if rebuild.Workflow == "" {
		return r.GitHub.Dispatches.CanDispatch(ctx, repository)
	}
	state, err := r.GitHub.Dispatches.WorkflowState(ctx, repository, rebuild.Workflow)
	if err == nil && state != "active" {
		err = fmt.Errorf(
			"the workflow %s of %s is %s: enable it",
			rebuild.Workflow,
			repository,
			strings.ReplaceAll(state, "_", " "),
		)
	}
	return err
}
