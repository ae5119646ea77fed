package targets

import (
	"context"
	"fmt"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// One tree is tested, built and shipped: that of the commit, as git has it, with the version in it. What runs the
// app's code works on a copy of it, which is thrown away.

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
	return snapshot.Open(ctx, p.repo, dir, p.scratch.DirIn)
}

// tree is the tree that is released for a plan. Where the tag is there it is the tag's, with the version in the
// files that carry it; else what tag would make of the commit on that day. In a changed checkout it has the changes.
func (p *pipeline) tree(
	ctx context.Context, trees *snapshot.Store, decided plan.Plan, day time.Time,
) (snapshot.Tree, error) {
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
		now.Tag, shortTree(before.Tree), shortTree(now.Tree))
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
	return fmt.Errorf("the image would not be built from what is in git: %s. Something has written there since it was "+
		"copied; run it again, and find out what does if it comes back", plan.List(names, 5))
}
