package publish

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Draft is a release that was published as a draft, and is not public.
type Draft struct {
	Tag     string
	Digest  string    // of its image, "" if it has none
	Since   time.Time // when the first file was attached
	Healthy bool      // it was seen healthy, so that it waits to be made public
	Over    string    // why it will not be made public any more, "" if it may be
}

// Drafts lists the drafts of a release's repository that have a record, the oldest first. It changes nothing. A token
// that may not write sees none.
func Drafts(ctx context.Context, r Release) ([]Draft, error) {
	releases, err := r.GitHub.Releases.Releases(ctx)
	if err != nil {
		return nil, err
	}
	tools := toolsOf(r)
	var list []Draft
	for _, release := range releases {
		if _, err := version.ParseTag(release.Tag); !release.Draft || err != nil {
			continue
		}
		state, err := tools.ranking.readState(ctx, release)
		if err != nil {
			return nil, err
		}
		if state == nil {
			continue
		}
		draft := Draft{Tag: release.Tag, Since: begun(release), Healthy: state.Proven, Over: state.RolledBack}
		if state.Image != nil {
			draft.Digest = state.Image.Digest
		}
		list = append(list, draft)
	}
	slices.SortStableFunc(list, func(a, b Draft) int {
		if before := a.Since.Compare(b.Since); before != 0 {
			return before
		}
		return strings.Compare(a.Tag, b.Tag)
	})
	return list, nil
}

// begun returns when the first file was attached to a draft. GitHub gives no time of its own for
// a draft: without a file it is that of the commit.
func begun(draft github.Release) time.Time {
	if len(draft.Assets) == 0 {
		return draft.Created
	}
	return slices.MinFunc(draft.Assets, func(a, b github.Asset) int { return a.Created.Compare(b.Created) }).Created
}
