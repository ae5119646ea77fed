package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/snapshot"
)

// One tree is tested, built and shipped: that of the commit, as git has it, with the version in it. What runs the app's
// code works on a copy of it, which is thrown away.

// release is one version on its way: its plan, and the tree that it is made of.
type release struct {
	plan   plan.Plan
	trees  *snapshot.Store
	tree   snapshot.Tree
	staged string // dist/source: the tree as the image is built from it
	day    string // of the section in the changelog
}

// dayFormat is how a changelog writes the day of a release.
const dayFormat = time.DateOnly

// trees is where the trees of the app's repository are made.
func (p *pipeline) trees(ctx context.Context) (*snapshot.Store, error) {
	dir, err := p.app.Dist("tree")
	if err != nil {
		return nil, err
	}
	return snapshot.Open(ctx, p.repo, dir)
}

// tree is the tree that is released for a plan. Where the tag is there it is the tag's, with the version in the files that
// carry it; else what tag would make of the commit on that day. In a changed checkout it has the changes.
func (p *pipeline) tree(ctx context.Context, trees *snapshot.Store, decided plan.Plan, day time.Time) (snapshot.Tree, error) {
	cut := p.cut(decided, day)
	if decided.Tagged {
		cut.Section = nil
	}
	edits, err := cut.Edits()
	if err != nil {
		return snapshot.Tree{}, err
	}
	var base snapshot.Tree
	if decided.Dirty {
		base, err = trees.Checkout(ctx)
	} else {
		base, err = trees.Commit(ctx, decided.Commit)
	}
	if err != nil {
		return snapshot.Tree{}, err
	}
	return trees.With(ctx, base, edits)
}

// treeOf is the hash of the tree that is released for a plan, "" where there is none: a build says why.
func (p *pipeline) treeOf(ctx context.Context, decided plan.Plan) string {
	trees, err := p.trees(ctx)
	if err != nil {
		return ""
	}
	tree, err := p.tree(ctx, trees, decided, time.Now().UTC())
	if err != nil {
		return ""
	}
	return tree.Hash
}

// releaseOf makes the tree of a plan.
func (p *pipeline) releaseOf(ctx context.Context, decided plan.Plan) (release, error) {
	now := time.Now().UTC()
	r := release{plan: decided, staged: p.app.Path(app.DistDir, "source"), day: now.Format(dayFormat)}
	var err error
	if r.trees, err = p.trees(ctx); err != nil {
		return release{}, err
	}
	if r.tree, err = p.tree(ctx, r.trees, decided, now); err != nil {
		return release{}, err
	}
	r.plan.Tree = r.tree.Hash
	return r, nil
}

// stageTree makes the tree of a plan, and the copy of it that the image is built from.
func (p *pipeline) stageTree(ctx context.Context, decided plan.Plan) (release, error) {
	r, err := p.releaseOf(ctx, decided)
	if err != nil {
		return release{}, err
	}
	if err := r.trees.Write(ctx, r.tree, r.staged); err != nil {
		return release{}, fmt.Errorf("stage the tree that is released: %w", err)
	}
	return r, nil
}

// releasing is the release whose turn it is, for a job that does a part of it.
func (p *pipeline) releasing(ctx context.Context) (release, error) {
	asked, err := p.asked(nil, nil)
	if err != nil {
		return release{}, err
	}
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.history(), Asked: asked})
	if err != nil {
		return release{}, err
	}
	r, err := p.releaseOf(ctx, decided)
	if err != nil {
		return release{}, err
	}
	before, _ := p.planned()
	return r, sameTree(before, r.plan)
}

// sameTree makes sure that the jobs of a workflow work on one tree: that of the plan, which an earlier one made.
func sameTree(before, now plan.Plan) error {
	if !inActions() || !before.Same(now) || before.Tree == "" || before.Tree == now.Tree {
		return nil
	}
	return fmt.Errorf("%s is the tree %s in the job that planned it, and %s in this one: the checkouts differ",
		now.Tag, git.Short(before.Tree), git.Short(now.Tree))
}

// inCopy works in a copy of the tree, of that name, where tools and the app's own code may write what they want.
func (p *pipeline) inCopy(ctx context.Context, r release, name string, work func(*pipeline) error) (err error) {
	workspace, err := snapshot.OpenWorkspace(p.backend.Cache, p.app.Root+"\n"+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, workspace.Close()) }()
	at := snapshot.Release{Parent: r.plan.Commit, Text: changelog.ReleaseSubject + r.plan.Version, Time: r.plan.CommitTime}
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

// stepsInCopy is inCopy for checks or suites. Where the app has none, nothing is copied.
func (p *pipeline) stepsInCopy(ctx context.Context, r release, steps []app.Step, work func(context.Context, *pipeline, []app.Step) error) error {
	if !slices.ContainsFunc(steps, func(step app.Step) bool { return step.Absent == "" }) {
		return work(ctx, p, steps)
	}
	return p.inCopy(ctx, r, "tree", func(copied *pipeline) error { return work(ctx, copied, steps) })
}

// at is the pipeline whose tools work on a copy of the app. What is made is in the app's own dist all the same, and what
// is shown names files as they are in the app.
func (p *pipeline) at(root string) *pipeline {
	copied := *p
	copied.source = p.app.At(root)
	copied.run = p.run.Showing(root, p.app.Root)
	copied.backend.App, copied.backend.Run, copied.backend.Tools.Run = copied.source, copied.run, copied.run
	copied.frontend.App, copied.frontend.Run, copied.frontend.Tools.Run = copied.source, copied.run, copied.run
	copied.frontend.Copy = true
	return &copied
}

// untouched makes sure that the stage is what was tested, just before the image is built from it.
func (p *pipeline) untouched(ctx context.Context, r release) error {
	found, err := r.trees.Compare(ctx, r.tree, r.staged)
	if err != nil || len(found) == 0 {
		return err
	}
	names := make([]string, len(found))
	for i, each := range found {
		names[i] = p.app.Rel(r.staged) + "/" + each.String()
	}
	return fmt.Errorf("the image would not be built from what is in git: %s. Something has written there since it was copied; "+
		"run it again, and find out what does if it comes back", plan.List(names, 5))
}

// passed keeps that all went well for a tree.
func (p *pipeline) passed(r release) error {
	return snapshot.Remember(p.backend.Cache, snapshot.Passed{Tag: r.plan.Tag, Tree: r.tree.Hash, Day: r.day, At: time.Now().UTC()})
}

// unchecked tells in words that nothing has passed for the tree that tag is about to make, "" when something has: on
// another day, perhaps, which then stands in the changelog instead.
func (p *pipeline) unchecked(ctx context.Context, decided plan.Plan) (string, error) {
	trees, err := p.trees(ctx)
	if err != nil {
		return "", err
	}
	today := time.Now().UTC()
	tree, err := p.tree(ctx, trees, decided, today)
	if err != nil {
		return "", err
	}
	for _, passed := range snapshot.Recall(p.backend.Cache, decided.Tag) {
		wanted := tree
		if day, err := time.Parse(dayFormat, passed.Day); err == nil && passed.Day != today.Format(dayFormat) {
			if wanted, err = p.tree(ctx, trees, decided, day); err != nil {
				return "", err
			}
		}
		if passed.Tree == wanted.Hash {
			return "", nil
		}
	}
	return fmt.Sprintf("neither releaseCheck nor rehearse has passed for the tree that %s would have (%s): run releaseCheck first",
		decided.Tag, git.Short(tree.Hash)), nil
}

// watching does work in the user's checkout, and tells which files it made or changed there that git sees.
func (p *pipeline) watching(ctx context.Context, what string, work func() error) error {
	before, err := p.repo.Files(ctx)
	if err != nil {
		return work() // it is in no repository
	}
	changed, err := p.repo.Status(ctx)
	if err != nil {
		return work()
	}
	failed := work()
	ctx = context.WithoutCancel(ctx)
	after, filesErr := p.repo.Files(ctx)
	now, statusErr := p.repo.Status(ctx)
	if err := errors.Join(filesErr, statusErr); err != nil {
		return errors.Join(failed, err)
	}
	made := slices.DeleteFunc(after, func(file string) bool { return slices.Contains(before, file) })
	if len(made) > 0 {
		p.warn("new files", fmt.Sprintf("%s left new files in the checkout, which git does not ignore: %s. The app's own code makes them; "+
			"have git ignore them, or have the code write elsewhere", what, plan.List(made, 5)))
	}
	var written []string
	for _, change := range now {
		if change.Status != '?' && !slices.Contains(changed, change) && !strings.HasPrefix(change.Path, "/") {
			written = append(written, change.Path)
		}
	}
	if len(written) > 0 {
		p.warn("changed files", fmt.Sprintf("these tracked files were changed while %s ran: %s. The app's own code did it, or somebody else; "+
			"git diff shows what", what, plan.List(written, 5)))
	}
	return failed
}
