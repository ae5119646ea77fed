// Package plan decides, once, what is released: the version, where it comes
// from, and the commit.
package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// Plan is every decision of a release, as dist/plan.json holds it.
type Plan struct {
	Version    string    `json:"version"`    // without v
	Tag        string    `json:"tag"`        // with v
	Source     string    `json:"source"`     // why this version
	Commit     string    `json:"commit"`     // full hash
	CommitTime time.Time `json:"commitTime"` // UTC
	Repository string    `json:"repository"` // where the source is, or ""
	Dirty      bool      `json:"dirty"`      // whether the tree differs from the commit
}

// Make decides the version of the commit at HEAD: the tag that is asked for,
// else the highest release tag at HEAD, else the next patch.
func Make(ctx context.Context, repo git.Repo, tag string) (Plan, error) {
	head, err := repo.Head(ctx)
	if err != nil {
		return Plan{}, err
	}
	chosen, source, err := choose(ctx, repo, tag)
	if err != nil {
		return Plan{}, err
	}
	changed, err := repo.Status(ctx)
	if err != nil {
		return Plan{}, err
	}
	address, err := Address(ctx, repo)
	if err != nil {
		return Plan{}, err
	}
	return Plan{Version: chosen.String(), Tag: chosen.Tag(), Source: source, Commit: head.Hash,
		CommitTime: head.Time, Repository: address, Dirty: len(changed) > 0}, nil
}

func choose(ctx context.Context, repo git.Repo, tag string) (version.Version, string, error) {
	if tag != "" {
		asked, err := version.ParseTag(tag)
		return asked, "asked for by -tag", err
	}
	here, err := repo.TagsAtHead(ctx)
	if err != nil {
		return version.Version{}, "", err
	}
	if at, ok := highest(here, false); ok {
		return at, "tag at HEAD", nil
	}
	if err := Whole(ctx, repo); err != nil {
		return version.Version{}, "", err
	}
	merged, err := repo.Tags(ctx, "HEAD")
	if err != nil {
		return version.Version{}, "", err
	}
	names := make([]string, len(merged))
	for i, tag := range merged {
		names[i] = tag.Name
	}
	if last, ok := highest(names, true); ok {
		return last.NextPatch(), "next patch after " + last.Tag(), nil
	}
	return version.First, "no release yet", nil
}

// Previous is the tag of the release before a revision: the highest stable
// version in its history that is not the revision itself; for a prerelease,
// prereleases count too. Without one it is "". History that was cut off by a
// shallow clone is an error.
func Previous(ctx context.Context, repo git.Repo, revision string) (string, error) {
	if err := Whole(ctx, repo); err != nil {
		return "", err
	}
	commit, err := repo.Resolve(ctx, revision)
	if err != nil {
		return "", err
	}
	tags, err := repo.Tags(ctx, commit)
	if err != nil {
		return "", err
	}
	itself, err := version.ParseTag(revision)
	prerelease := err == nil && !itself.Stable()
	var best version.Version
	name := ""
	for _, tag := range tags {
		v, err := version.ParseLegacyTag(tag.Name)
		if err != nil || tag.Commit == commit || !v.Stable() && !prerelease {
			continue
		}
		if name == "" || v.Compare(best) > 0 {
			best, name = v, tag.Name
		}
	}
	return name, nil
}

// Address is the web address of a repository's origin, or "".
func Address(ctx context.Context, repo git.Repo) (string, error) {
	remote, err := repo.RemoteURL(ctx)
	return webAddress(remote), err
}

// Whole fails when a shallow clone cut history off: older tags and commits
// cannot be seen then, and what is said of them would be wrong.
func Whole(ctx context.Context, repo git.Repo) error {
	shallow, err := repo.Shallow(ctx)
	if err == nil && shallow {
		return errors.New("the clone is shallow, so the last release and what came since cannot be found: " +
			"git fetch --unshallow --tags (in GitHub Actions, fetch-depth: 0 for actions/checkout)")
	}
	return err
}

// highest finds the highest release version among tags; other tags are none of
// its business.
func highest(tags []string, stableOnly bool) (best version.Version, ok bool) {
	for _, tag := range tags {
		v, err := version.ParseTag(tag)
		if err != nil || stableOnly && !v.Stable() {
			continue
		}
		if !ok || v.Compare(best) > 0 {
			best, ok = v, true
		}
	}
	return best, ok
}

// Write saves the plan.
func (p Plan) Write(file string) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}
