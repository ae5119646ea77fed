package publish_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// Drafts are those that have a record, with what is known of them.
func TestDrafts(t *testing.T) {
	t.Parallel()
	s, b, _ := drafted(t, false)
	for _, want := range []publish.Draft{
		{Tag: "v1.7.3", Digest: b.Built.Image.Digest, Healthy: true},
		{Tag: "v1.7.3", Digest: b.Built.Image.Digest, Healthy: true, Over: "it burns"},
	} {
		var drafts []publish.Draft
		_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) (err error) {
			if want.Over != "" {
				err = burns(ctx, r)
			}
			if _, made := r.GitHub.Releases.CreateDraft(ctx, github.Release{Tag: "nightly"}); made != nil {
				return made
			}
			var listed error
			drafts, listed = publish.Drafts(ctx, r)
			return errors.Join(err, listed)
		})
		if err != nil || len(drafts) != 1 || drafts[0].Since.IsZero() {
			t.Fatalf("%v, %+v", err, drafts)
		}
		drafts[0].Since = want.Since
		if diff := cmp.Diff(want, drafts[0]); diff != "" {
			t.Error(diff)
		}
	}
}
