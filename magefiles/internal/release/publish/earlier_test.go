package publish_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/seed"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// What was released before this pipeline came is upgraded from: whatever its image was
// called, and also without a release on GitHub.
func TestEarlier(t *testing.T) {
	t.Parallel()
	const out, image = "v1.7.2 1.7.2", "v1.7.3"
	for name, test := range map[string]struct {
		tags     []string // of the image that the tag left
		baseline string
		release  bool // whether the baseline has a release on GitHub
		want     string
	}{
		"the release that is out":       {baseline: "v1.7.2", want: out},
		"a tag without an image":        {baseline: image, want: out},
		"a tag with an image":           {[]string{"1.7.3"}, image, false, "v1.7.3 1.7.3"},
		"its image has a v":             {[]string{"v1.7.3"}, image, false, "v1.7.3 1.7.3"},
		"two numbers":                   {[]string{"1.8"}, "v1.8", false, "v1.8 1.8"},
		"two numbers, and a release":    {[]string{"1.8.0"}, "v1.8", true, "v1.8 1.8.0"},
		"a lower one than what is out":  {[]string{"1.6.0"}, "v1.6.0", false, out},
		"as high as what is to be made": {[]string{"1.9.0"}, "v1.9.0", false, out},
		"a release without an image":    {nil, image, true, "v1.7.3 none of 1.7.3, v1.7.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: by hand", test.baseline+"-by-hand", "v1.9.0")
			b := s.build(t, "v1.9.0")
			b.Plan.Baseline = test.baseline
			if _, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
				digest, err := r.Registry.Digest(ctx, "latest")
				if err != nil {
					return err
				}
				for _, tag := range test.tags {
					if err := r.Registry.Tag(ctx, tag, digest); err != nil {
						return err
					}
				}
				if test.release {
					if err := seed.Publish(ctx, r.GitHub.Releases, test.baseline); err != nil {
						return err
					}
				}
				found, err := r.Earlier(ctx)
				got := found.Tag + " none of " + strings.Join(found.Names, ", ")
				if found.Digest != "" {
					got = found.Tag + " " + found.Version()
				}
				if err != nil || got != test.want {
					t.Errorf("%s, %v, expected %s", got, err, test.want)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// latest and the badge go back to a release of two numbers that another tool made.
func TestRollbackToAnOldRelease(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: by hand", "v1.8")
	old := s.build(t, "v1.8")
	if _, _, err := s.act(t, old, func(ctx context.Context, r publish.Release) error {
		from := seed.Image{Layout: old.Built.Dir + "/image.oci", Digest: old.Built.Image.Digest}
		s.proven.allow(old.Built.Image.Digest)
		if err := seed.Push(ctx, r.Registry, "1.8", from); err != nil {
			return err
		}
		return seed.Publish(ctx, r.GitHub.Releases, "v1.8")
	}); err != nil {
		t.Fatal(err)
	}
	state, lower := s.mustPlay(t, "v1.7.3") // it stays below the old one
	wants(t, state, "v1.8", map[string]string{"latest": "1.8"})
	_ = lower
	state, next := s.mustPlay(t, "v1.9.0")
	wants(t, state, "v1.9.0", map[string]string{"latest": "1.9.0"})
	state, _, err := s.act(t, next, burns)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, state, "v1.8", map[string]string{"latest": "1.8"})
}

// allow lets tags name an image of another tool, which no record calls healthy.
func (p *proven) allow(digest string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.digests[digest] = true
}
