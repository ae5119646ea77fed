// Package seed publishes an old release to the stand-ins of a rehearsal, as
// another tool would have: its image under its version and latest, and a release
// without files. It is what a rehearsal begins with.
package seed

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// Forge makes and lists releases. *github.Client implements it.
type Forge interface {
	Releases(ctx context.Context) ([]github.Release, error)
	CreateDraft(ctx context.Context, r github.Release) (github.Release, error)
	Edit(ctx context.Context, id int64, e github.Edit) (github.Release, error)
}

// Registry takes images. *registry.Repository implements it.
type Registry interface {
	Push(ctx context.Context, layoutDir string) error
	Tag(ctx context.Context, tag, digest string) error
}

// Image is the image of an old release, in an OCI layout.
type Image struct{ Layout, Digest string }

// Published tells whether the release of a tag is out already.
func Published(ctx context.Context, forge Forge, tag string) (bool, error) {
	releases, err := forge.Releases(ctx)
	if err != nil {
		return false, err
	}
	for _, release := range releases {
		if release.Tag == tag && !release.Draft {
			return true, nil
		}
	}
	return false, nil
}

// Push copies the image of a version, and tags it with the version and latest.
func Push(ctx context.Context, registry Registry, version string, image Image) error {
	if err := registry.Push(ctx, image.Layout); err != nil {
		return err
	}
	for _, tag := range []string{version, "latest"} {
		if err := registry.Tag(ctx, tag, image.Digest); err != nil {
			return err
		}
	}
	return nil
}

// Publish publishes the release of a tag, with GitHub's badge "Latest". A draft
// that an earlier rehearsal left is taken.
func Publish(ctx context.Context, forge Forge, tag string) error {
	draft, err := draftOf(ctx, forge, tag)
	if err != nil {
		return fmt.Errorf("seed the release %s: %w", tag, err)
	}
	out, latest := false, !strings.Contains(tag, "-") // a prerelease can't have the badge
	if _, err := forge.Edit(ctx, draft.ID, github.Edit{Draft: &out, MakeLatest: &latest}); err != nil {
		return fmt.Errorf("seed the release %s: %w", tag, err)
	}
	return nil
}

func draftOf(ctx context.Context, forge Forge, tag string) (github.Release, error) {
	releases, err := forge.Releases(ctx)
	if err != nil {
		return github.Release{}, err
	}
	for _, release := range releases {
		if release.Tag == tag {
			return release, nil
		}
	}
	prerelease := strings.Contains(tag, "-")
	return forge.CreateDraft(ctx, github.Release{Tag: tag, Name: tag, Prerelease: prerelease})
}
