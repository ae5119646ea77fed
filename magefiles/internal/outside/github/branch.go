package github

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Code reads and changes the repository's branches, commits, files and pull requests.
type Code struct{ *connection }

// TagCommit returns the commit of a tag, annotated or not; "" if the tag does not
// exist. https://docs.github.com/en/rest/commits/commits#get-a-commit
func (c Code) TagCommit(ctx context.Context, tag string) (string, error) {
	sha, _, err := c.api.Repositories.GetCommitSHA1(ctx, c.repository.Owner, c.repository.Name, "tags/"+tag, "")
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", c.fail(err, contentsRead, "get the commit of the tag %s", tag)
	}
	return strings.TrimSpace(sha), nil
}

// Branch returns the commit that a branch is at; "" if the branch does not exist.
// https://docs.github.com/en/rest/git/refs#get-a-reference
func (c Code) Branch(ctx context.Context, name string) (sha string, err error) {
	return c.refCommit(ctx, "heads/"+name, "branch "+name)
}

// File returns the content of a file at ref, a commit, branch or tag. If it does not
// exist, the error is fs.ErrNotExist.
// https://docs.github.com/en/rest/repos/contents#get-repository-content
func (c Code) File(ctx context.Context, path, ref string) ([]byte, error) {
	var content bytes.Buffer
	address := c.path("contents/%s?ref=%s", escape(path), url.QueryEscape(ref))
	_, err := c.do(ctx, http.MethodGet, address, nil, &content, accept("application/vnd.github.raw+json"))
	if statusOf(err) == http.StatusNotFound {
		return nil, fmt.Errorf("read %s at %s: %w", path, ref, fs.ErrNotExist)
	}
	if err != nil {
		return nil, c.fail(err, contentsRead, "read %s at %s", path, ref)
	}
	return content.Bytes(), nil
}

// escape escapes each part of a path for an address and keeps the slashes.
func escape(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

// Advance moves a branch forward to a descendant of its commit. The error is ErrMoved
// if the commit is not a descendant, and ErrProtected if a rule of the repository
// forbids the update. https://docs.github.com/en/rest/git/refs#update-a-reference
func (c Code) Advance(ctx context.Context, branch, sha string) error {
	ref := &gh.Reference{Ref: gh.String("refs/heads/" + branch), Object: &gh.GitObject{SHA: &sha}}
	_, _, err := c.api.Git.UpdateRef(ctx, c.repository.Owner, c.repository.Name, ref, false)
	if err == nil {
		return nil
	}
	failure := c.fail(err, contentsWrite, "move the branch %s to %s", branch, short(sha))
	switch {
	case refuses(err, refMoved):
		return fmt.Errorf("%w: %w", ErrMoved, failure)
	case refuses(err, refProtected):
		return fmt.Errorf("%w: %w", ErrProtected, failure)
	}
	return failure
}

// CreateBranch creates a branch at a commit.
// https://docs.github.com/en/rest/git/refs#create-a-reference
func (c Code) CreateBranch(ctx context.Context, name, sha string) error {
	ref := &gh.Reference{Ref: gh.String("refs/heads/" + name), Object: &gh.GitObject{SHA: &sha}}
	if _, _, err := c.api.Git.CreateRef(ctx, c.repository.Owner, c.repository.Name, ref); err != nil {
		return c.fail(err, contentsWrite, "create the branch %s", name)
	}
	return nil
}

// DeleteBranch deletes a branch. It succeeds if there is none. GitHub then closes the branch's pull requests.
// https://docs.github.com/en/rest/git/refs#delete-a-reference
func (c Code) DeleteBranch(ctx context.Context, name string) error {
	return c.deleteRef(ctx, "heads/"+name, "branch "+name)
}

func short(sha string) string { return sha[:min(len(sha), 12)] }
