package plan

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// state is what was read from git, once.
type state struct {
	head      git.Commit
	tags      []tagged        // all
	ancestors []tagged        // in HEAD's history, including HEAD
	changes   changelog.Notes // since the baseline
	stated    string          // the highest version in the version files, or ""
}

// baseline returns the last stable release before HEAD.
func (s state) baseline() *tagged { return before(s.ancestors, s.head.Hash, false) }

func read(ctx context.Context, repo git.Repo) (state, error) {
	head, err := repo.Head(ctx)
	if err != nil {
		return state{}, err
	}
	if err := Whole(ctx, repo); err != nil {
		return state{}, err
	}
	tags, err := repo.Tags(ctx, "")
	if err != nil {
		return state{}, err
	}
	merged, err := repo.Tags(ctx, head.Hash)
	return state{head: head, tags: releases(tags), ancestors: releases(merged)}, err
}
