package publish_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// contents returns the effects of a release with what a look at each says.
func contents(ctx context.Context, r publish.Release, built publish.Artifacts) ([]string, error) {
	var lines []string
	for _, list := range [][]publish.Effect{
		r.Publishing(built), r.Proving(nil), r.Promoting(), r.Notifying(publish.NoOverride),
	} {
		for _, effect := range list {
			state, err := effect.Done(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", effect.Title(), err)
			}
			title := strings.ReplaceAll(effect.Title(), built.Image.Digest, "DIGEST")
			lines = append(lines, fmt.Sprintf("%s: %s", title, state.Status))
		}
	}
	return lines, nil
}

// wantContents returns the effects, with these states; the last one is that of all
// that follow.
func wantContents(states ...string) []string {
	titles := []string{
		"push the image DIGEST",
		"draft the release v1.7.3",
		"record it in refs/odin-release/v1.7.3",
		"write the notes of v1.7.3",
		"attach checksums.txt",
		"attach frontend.tar.gz",
		"attach openapi.json",
		"remove what only an earlier build attached",
		"record that it is healthy",
		"attach release.json",
		"name the image 1.7.3",
		"move latest",
		"move 1.7",
		"write the notes of v1.7.3",
		"delete other drafts of v1.7.3",
		"publish the release v1.7.3",
		`give GitHub's badge "Latest"`,
		"check that nobody rolled v1.7.3 back",
		"rebuild the docs",
		"write the version on the default branch",
		"post the announcement",
		"record it in refs/odin-release/v1.7.3",
	}
	lines := make([]string, len(titles))
	for i, title := range titles {
		lines[i] = title + ": " + states[min(i, len(states)-1)]
	}
	return lines
}

// A release reads as a table of contents at every point, and looking at it
// changes nothing.
func TestContents(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	see := func(want []string) standin.State {
		t.Helper()
		state, said, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
			got, err := contents(ctx, r, b.Built)
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil || said != "" {
			t.Errorf("%v\n%s", err, said)
		}
		return state
	}
	unchanged := func(before, after standin.State) {
		t.Helper()
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("a look changed something:\n%s", diff)
		}
	}
	unchanged(see(wantContents("to do")), see(wantContents("to do")))

	published, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		_, err := r.Publish(ctx, b.Built)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	unchanged(published, see(wantContents("done", "done", "done", "done", "done", "done", "done", "done", "to do")))

	finished, _, err := s.playAll(t, b)
	if err != nil {
		t.Fatal(err)
	}
	unchanged(finished, see(wantContents("done")))
}

// An effect that is run before its turn does nothing.
func TestEffectsBeforeTheirTurn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	published, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		_, err := r.Publish(ctx, b.Built)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		for _, effect := range slices.Concat(r.Promoting(), r.Notifying(publish.NoOverride)) {
			if err := effect.Do(ctx); err == nil || err.Error() != "it was not seen healthy yet" {
				t.Errorf("%s: %v", effect.Title(), err)
			}
		}
		return nil
	})
	if diff := cmp.Diff(published, state); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
