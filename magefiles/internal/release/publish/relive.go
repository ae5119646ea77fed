package publish

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// Relived tells whether an old release is there, for a rehearsal.
func (r Release) Relived(ctx context.Context) (bool, error) {
	releases, err := r.GitHub.Releases(ctx)
	if err != nil {
		return false, err
	}
	found := ours(releases, r.Plan.Tag)
	return found != nil && !found.Draft, nil
}

// Relive publishes an old release as another tool would have: its image under
// its version and latest, and a release without files. It is what a rehearsal
// begins with.
func (r Release) Relive(ctx context.Context, built Artifacts) error {
	if built.Image.Digest != "" {
		if err := r.PushImage(ctx, built); err != nil {
			return err
		}
		for _, tag := range []string{r.Plan.Version, "latest"} {
			if err := r.Registry.Tag(ctx, tag, built.Image.Digest); err != nil {
				return err
			}
		}
	}
	draft, err := r.draft(ctx, Record{})
	if err != nil {
		return err
	}
	out, latest := false, true
	return r.edit(ctx, draft, "publish the release "+draft.Tag, github.Edit{Draft: &out, MakeLatest: &latest},
		func(now github.Release) bool { return !now.Draft })
}
