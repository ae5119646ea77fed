package github

import (
	"context"
	"fmt"
	"maps"
	"slices"

	gh "github.com/google/go-github/v60/github"
)

// Records stores files in the repository outside of its branches and tags. A record is a ref, such as
// refs/odin-release/v1.8.0, and each change adds a commit. The ref only moves forward, so if two writers start from
// the same commit, one of them gets ErrMoved. The history contains all earlier states of a record.
type Records struct{ *connection }

// Head returns the newest commit of a record, whose name is without "refs/"; "" if there
// is no such record. https://docs.github.com/en/rest/git/refs#get-a-reference
func (c Records) Head(ctx context.Context, name string) (sha string, err error) {
	return c.refCommit(ctx, name, "record "+name)
}

// Append adds a commit with these files, by name, on top of parent, and returns its hash.
// parent is the commit that the record is at, "" if there is no record yet. The error is
// ErrMoved if the record is at another commit.
// https://docs.github.com/en/rest/git/trees#create-a-tree
// https://docs.github.com/en/rest/git/commits#create-a-commit
// https://docs.github.com/en/rest/git/refs#update-a-reference
func (c Records) Append(
	ctx context.Context,
	name, parent, message string,
	files map[string][]byte,
) (sha string, err error) {
	owner, repository := c.repository.Owner, c.repository.Name
	var entries []*gh.TreeEntry
	for _, path := range slices.Sorted(maps.Keys(files)) {
		entries = append(entries, &gh.TreeEntry{
			Path: gh.String(path), Mode: gh.String(plainFile), Type: gh.String("blob"),
			Content: gh.String(string(files[path])),
		})
	}
	tree, _, err := c.api.Git.CreateTree(ctx, owner, repository, "", entries)
	if err != nil {
		return "", c.fail(err, contentsWrite, "store the content of the record %s", name)
	}
	commit := &gh.Commit{Message: &message, Tree: tree}
	if parent != "" {
		commit.Parents = []*gh.Commit{{SHA: &parent}}
	}
	made, _, err := c.api.Git.CreateCommit(ctx, owner, repository, commit, nil)
	if err != nil {
		return "", c.fail(err, contentsWrite, "create a commit of the record %s", name)
	}
	return made.GetSHA(), c.advance(ctx, name, parent, made.GetSHA())
}

// advance moves a record from parent to the commit sha, or creates it.
func (c Records) advance(ctx context.Context, name, parent, sha string) error {
	ref := &gh.Reference{Ref: gh.String("refs/" + name), Object: &gh.GitObject{SHA: &sha}}
	var err error
	if parent == "" {
		_, _, err = c.api.Git.CreateRef(ctx, c.repository.Owner, c.repository.Name, ref)
	} else {
		_, _, err = c.api.Git.UpdateRef(ctx, c.repository.Owner, c.repository.Name, ref, false)
	}
	if err == nil {
		return nil
	}
	failure := c.fail(err, contentsWrite, "move the record %s to %s", name, short(sha))
	if refuses(err, slices.Concat(refMoved, refExists, refMissing)) {
		return fmt.Errorf("%w: %w", ErrMoved, failure)
	}
	return failure
}

// Delete removes a record with its history. It succeeds if there is none.
// https://docs.github.com/en/rest/git/refs#delete-a-reference
func (c Records) Delete(ctx context.Context, name string) error {
	return c.deleteRef(ctx, name, "record "+name)
}
