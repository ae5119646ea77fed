// Package seed publishes an earlier release to the stand-ins of a rehearsal, as another
// tool would have done: an image tagged with its version and latest, and a release
// without files. A rehearsal starts from that state.
package seed

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// Forge creates and lists releases. github.Releases implements it.
type Forge interface {
	Releases(ctx context.Context) ([]github.Release, error)
	CreateDraft(ctx context.Context, r github.Release) (github.Release, error)
	Edit(ctx context.Context, id int64, e github.Edit) (github.Release, error)
}

// Registry stores images. *registry.Repository implements it.
type Registry interface {
	Push(ctx context.Context, layoutDir string) error
	Tag(ctx context.Context, tag, digest string) error
}

// Image is the image of an earlier release, in an OCI layout.
type Image struct{ Layout, Digest string }

// Published reports whether the release of a tag is published already.
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

// Push pushes the image of a version, and tags it with the version's tag and latest.
func Push(ctx context.Context, registry Registry, tag string, image Image) error {
	if err := registry.Push(ctx, image.Layout); err != nil {
		return err
	}
	for _, name := range []string{tag, "latest"} {
		if err := registry.Tag(ctx, name, image.Digest); err != nil {
			return err
		}
	}
	return nil
}

// Publish publishes the release of a tag, with GitHub's badge "Latest". It uses the
// draft of an earlier rehearsal if there is one.
func Publish(ctx context.Context, forge Forge, tag string) error {
	draft, err := draftOf(ctx, forge, tag)
	if err != nil {
		return fmt.Errorf("seed the release %s: %w", tag, err)
	}
	out, latest := false, !strings.Contains(tag, "-") // a prerelease cannot have the badge
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
