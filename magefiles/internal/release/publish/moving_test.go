package publish_test

import (
	"context"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// A record of a newer odin-release, on a higher release, is no obstacle.
func TestNewerRecordElsewhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, newer := s.mustPlay(t, "v1.8.0")
	_, _, err := s.act(t, newer, func(ctx context.Context, r publish.Release) error {
		const name = "odin-release/v1.8.0"
		head, err := r.GitHub.Records.Head(ctx, name)
		if err != nil {
			return err
		}
		_, err = r.GitHub.Records.Append(ctx, name, head, "of another age",
			map[string][]byte{publish.StateFile: []byte(`{"of": "another age"}`)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	state, _ := s.mustPlay(t, "v1.7.3")
	wants(t, state, "v1.8.0", map[string]string{"latest": "1.8.0", "1.7": "1.7.3"})
}

// The release that is upgraded from is the one that users have.
func TestBeforeIsWhatCameOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, rolledBack := s.mustPlay(t, "v1.7.3")
	s.commit(t, "feat: never out", "v1.7.4")
	unproven := s.build(t, "v1.7.4")
	next := s.build(t, "v1.7.2")
	next.Plan.Tag, next.Plan.Version = "v1.7.5", "1.7.5"
	for _, part := range []struct {
		b  build
		do func(context.Context, publish.Release) error
	}{
		{rolledBack, burns},
		{unproven, func(ctx context.Context, r publish.Release) error {
			_, err := r.Publish(ctx, unproven.Built)
			return err
		}},
		{next, func(ctx context.Context, r publish.Release) error {
			if before, err := r.Earlier(ctx); err != nil || before.Version() != "1.7.2" {
				t.Errorf("%+v, %v", before, err)
			}
			return nil
		}},
	} {
		if _, _, err := s.act(t, part.b, part.do); err != nil {
			t.Fatal(err)
		}
	}
}
