package github

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	gh "github.com/google/go-github/v60/github"
)

const (
	plainFile  = "100644"
	executable = "100755"
)

// Commit creates a commit on top of parent in which files (by slash-separated path)
// have these contents, and returns its hash. A file keeps its mode. No branch moves;
// GitHub knows the author from the token.
// https://docs.github.com/en/rest/git/trees#create-a-tree
// https://docs.github.com/en/rest/git/commits#create-a-commit
func (c Code) Commit(ctx context.Context, parent, message string, files map[string][]byte) (sha string, err error) {
	owner, name := c.repository.Owner, c.repository.Name
	base, _, err := c.api.Git.GetCommit(ctx, owner, name, parent)
	if err != nil {
		return "", c.fail(err, contentsRead, "read the commit %s", short(parent))
	}
	entries, err := c.entries(ctx, base.GetTree().GetSHA(), files)
	if err != nil {
		return "", err
	}
	tree, _, err := c.api.Git.CreateTree(ctx, owner, name, base.GetTree().GetSHA(), entries)
	if err != nil {
		return "", c.fail(err, contentsWrite, "create a tree on top of %s", short(parent))
	}
	commit := &gh.Commit{Message: &message, Tree: tree, Parents: []*gh.Commit{{SHA: &parent}}}
	made, _, err := c.api.Git.CreateCommit(ctx, owner, name, commit, nil)
	if err != nil {
		return "", c.fail(err, contentsWrite, "create a commit on top of %s", short(parent))
	}
	return made.GetSHA(), nil
}

// entries returns the files as entries of a tree based on the tree base, sorted by
// path.
func (c Code) entries(ctx context.Context, base string, files map[string][]byte) ([]*gh.TreeEntry, error) {
	modes, err := c.modes(ctx, base)
	if err != nil {
		return nil, err
	}
	var entries []*gh.TreeEntry
	for _, path := range slices.Sorted(maps.Keys(files)) {
		mode := modes[path]
		switch mode {
		case plainFile, executable:
		case "":
			mode = plainFile
		default:
			return nil, fmt.Errorf(
				"commit %s: it is not a regular file in the repository (mode %s): name the file itself",
				path,
				mode,
			)
		}
		entry := &gh.TreeEntry{Path: &path, Mode: &mode, Type: gh.String("blob")}
		if err := c.fill(ctx, entry, files[path]); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// modes returns the modes of all files of a tree.
func (c Code) modes(ctx context.Context, tree string) (map[string]string, error) {
	found, _, err := c.api.Git.GetTree(ctx, c.repository.Owner, c.repository.Name, tree, true)
	if err != nil {
		return nil, c.fail(err, contentsRead, "read the tree %s", short(tree))
	}
	if found.GetTruncated() {
		return nil, fmt.Errorf(
			"read the tree %s: GitHub lists only part of it, so the modes of the files are unknown; commit by hand",
			short(tree),
		)
	}
	modes := make(map[string]string, len(found.Entries))
	for _, entry := range found.Entries {
		modes[entry.GetPath()] = entry.GetMode()
	}
	return modes, nil
}

// fill puts content into an entry: as text, or as a blob if JSON cannot hold it.
func (c Code) fill(ctx context.Context, entry *gh.TreeEntry, content []byte) error {
	if utf8.Valid(content) && !bytes.Contains(content, []byte{0}) {
		entry.Content = gh.String(string(content))
		return nil
	}
	blob := &gh.Blob{Content: gh.String(base64.StdEncoding.EncodeToString(content)), Encoding: gh.String("base64")}
	made, _, err := c.api.Git.CreateBlob(ctx, c.repository.Owner, c.repository.Name, blob)
	if err != nil {
		return c.fail(err, contentsWrite, "store %s", entry.GetPath())
	}
	entry.SHA = made.SHA
	return nil
}
