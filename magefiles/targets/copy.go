package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// inCopy works in a copy of the tree, of that name, where tools and the app's own code may write what they want.
func (p *pipeline) inCopy(ctx context.Context, r release, name string, work func(*pipeline) error) (err error) {
	workspace, err := snapshot.OpenWorkspace(p.backend.Cache, p.app.Root+"\n"+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, workspace.Close()) }()
	at := snapshot.Release{
		Parent: r.plan.Commit,
		Text:   changelog.ReleaseSubject + r.plan.Version,
		Time:   r.plan.CommitTime,
	}
	if !r.plan.Tagged {
		at.Tag = r.plan.Tag
	}
	root, err := r.trees.Copy(ctx, r.tree, workspace.Path(name), at)
	if err != nil {
		return fmt.Errorf("copy the tree that is released: %w", err)
	}
	if err := p.backend.Forget(root); err != nil {
		return err
	}
	return work(p.at(root))
}

// stepsWork runs checks or suites.
type stepsWork func(context.Context, *pipeline, []app.Step) error

// stepsInCopy is inCopy for checks or suites. Where the app has none, nothing is copied.
func (p *pipeline) stepsInCopy(ctx context.Context, r release, list []app.Step, work stepsWork) error {
	if !slices.ContainsFunc(list, func(step app.Step) bool { return step.Absent == "" }) {
		return work(ctx, p, list)
	}
	return p.inCopy(ctx, r, "tree", func(copied *pipeline) error { return work(ctx, copied, list) })
}

// at is the pipeline whose tools work on a copy of the app. What is made is in the app's own dist all the same, and
// what is shown names files as they are in the app.
func (p *pipeline) at(root string) *pipeline {
	copied := *p
	copied.source = p.app.At(root)
	copied.run = p.run.Showing(root, p.app.Root)
	copied.backend.App, copied.backend.Run, copied.backend.Tools.Run = copied.source, copied.run, copied.run
	copied.frontend.App, copied.frontend.Run, copied.frontend.Tools.Run = copied.source, copied.run, copied.run
	copied.frontend.Copy = true
	return &copied
}
