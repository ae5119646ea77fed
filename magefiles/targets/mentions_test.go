package targets

import (
	"context"
	"io"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestMentions compares the files of a release, with its version in them, with the tags
// that it publishes.
func TestMentions(t *testing.T) {
	clone := testkit.NewClone(t)
	clone.Write("release.yaml", "build:\n  image: {name: ghcr.io/ada/shop}\n"+
		"  images: {agent: {name: ghcr.io/ada/shop-agent}}\npublish: {versionTag: 'v{version}'}\n"+
		"versionFiles:\n  - {path: compose.yaml, pattern: 'shop:v(\\d\\S+)'}\n")
	clone.Write("compose.yaml", "image: ghcr.io/ada/shop:v1.0.0\n")
	clone.Write("README.md", "ghcr.io/ada/shop:v0.9.0\n\nghcr.io/ada/shop:v1.0.0, or ghcr.io/ada/shop:1.0.0\n"+
		"ghcr.io/ada/shop-agent:v1.0.0, or ghcr.io/ada/shop-agent:2\n")
	clone.Git("add", ".")
	clone.Git("commit", "-q", "-m", "feat: a shop")
	clone.Git("tag", "v0.9.0", "HEAD~0")
	clone.Git("commit", "-q", "--allow-empty", "-m", "feat: more")
	found, err := app.Find(clone.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var check publish.Check
	err = working(t.Context(), found, nowhere(), func(ctx context.Context, p *session) error {
		p.screen.Log.SetOutput(io.Discard)
		g := newGraph(ctx, p, options{asked: plan.Asked{Tag: "v1.0.0"}})
		check = imageMentions(ctx, g.app.Config, g.repo, g.release)
		return nil
	})
	const want = "README.md:3 names ghcr.io/ada/shop:1.0.0: the tag of 1.0.0 is v1.0.0; name v1.0.0 or latest there, " +
		"change publish.versionTag, or add 1.0.0 to publish.otherTags if something else publishes it\n" +
		"README.md:4 names ghcr.io/ada/shop-agent:2: no such tag gets published; name v1.0.0 or latest there, " +
		"change publish.versionTag, or add 2 to publish.otherTags if something else publishes it"
	if err != nil || check.Problem == nil || check.Problem.Error() != want {
		t.Errorf("%v, %v", check.Problem, err)
	}
}
