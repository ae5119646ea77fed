package publish

import (
	"context"
	"fmt"
	"strings"
	"sync"

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
// changes nothing.
func (r Release) Preflight(ctx context.Context) []Check {
	checks := []question{
		{"write releases on GitHub", func(ctx context.Context) error { return r.GitHub.MayRelease(ctx, r.Plan.Tag) }},
		{"the tag on GitHub", r.tagFits},
		{"the version is free, or ours", r.free},
		{"releases that can be completed", r.mutable},
	}
	if r.Registry != nil {
		checks = append(checks, question{"push to the registry", r.Registry.MayPush})
	}
	if r.Webhook != nil {
		checks = append(checks, question{"Discord's webhook", r.Webhook.Alive})
	}
	if rebuild := r.Config.Docs.Rebuild; rebuild.Absent == "" && len(rebuild.Command) == 0 {
		checks = append(checks, question{"the docs site's trigger", r.docsTrigger})
	}
	results := make([]Check, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { results[i] = Check{check.name, check.ask(ctx)} })
	}
	group.Wait()
	return results
}

// tagFits checks that the tag is on GitHub, on the commit that is released.
func (r Release) tagFits(ctx context.Context) error {
	commit, err := r.GitHub.TagCommit(ctx, r.Plan.Tag)
	switch {
	case err != nil:
		return err
	case commit == "":
		return fmt.Errorf(
			"%s is not on GitHub: push it with git push origin %s, or make it with the target tag",
			r.Plan.Tag,
			r.Plan.Tag,
		)
	case commit != r.Plan.Commit:
		return fmt.Errorf(
			"%s is on another commit on GitHub, %s, than here, %s: check out the tag as it is there",
			r.Plan.Tag,
			git.Short(commit),
			git.Short(r.Plan.Commit),
		)
	}
	return nil
}

// free checks that nothing else was published as this version.
func (r Release) free(ctx context.Context) error {
	found, err := r.Observe(ctx)
	if err != nil {
		return err
	}
	return found.refuses(r, "")
}

// mutable checks that GitHub lets the record of a release that is out be
// completed: of a newest release that is immutable it would not.
func (r Release) mutable(ctx context.Context) error {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return err
	}
	for _, release := range releases {
		if !release.Draft && release.Immutable {
			return fmt.Errorf(
				"%s is immutable, so this one would be, too, and %s could not record what is told of it: "+
					"switch immutable releases off in the settings of %s",
				release.Tag,
				StateFile,
				r.Repository,
			)
		}
		if !release.Draft {
			return nil // the newest one that is out tells
		}
	}
	return nil
}

func (r Release) docsTrigger(ctx context.Context) error {
	rebuild := r.Config.Docs.Rebuild
	repository, err := r.docsRepository()
	if err != nil {
		return err
	}
	if rebuild.Workflow == "" {
		return r.GitHub.CanDispatch(ctx, repository)
	}
	state, err := r.GitHub.WorkflowState(ctx, repository, rebuild.Workflow)
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
