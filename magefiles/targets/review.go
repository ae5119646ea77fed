package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// Review shows a release that waits for an approval: why this version, what was seen healthy, and the notes.
//
// It needs what plan, publish and image:verify left in dist, and no credentials. It fails if a platform was not seen
// healthy by the digest that is recorded. In GitHub Actions it writes the summary that reviewers read, and gives the
// digest to the job that promotes.
//
// Example: review
func Review(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		out, _, err := p.delivery().heldByDist(ctx)
		if err != nil {
			return err
		}
		state, err := recorded(p.app)
		if err != nil {
			return fmt.Errorf("read what was published: %w; publish leaves it", err)
		}
		if state.Tag != out.Plan.Tag || state.Commit != out.Plan.Commit {
			return fmt.Errorf("%s is of another release, %s: run publish for %s",
				p.app.Path(app.DistDir, publish.StateFile), state.Tag, out.Plan.Tag)
		}
		healthy, err := evidence{p.app}.seen(state)
		if err != nil {
			return err
		}
		review, err := publish.NewReview(out, state, healthy)
		if err != nil {
			return err
		}
		if err := p.screen.Summarize(review.WriteMarkdown); err != nil {
			return err
		}
		p.screen.Output("digest", state.Approval())
		if inActions() {
			return nil
		}
		return errors.Join(review.WriteTerminal(p.screen.Out), showNotes(p.screen.Out, review))
	})
}

// showNotes writes the notes of a release.
func showNotes(out io.Writer, review publish.Review) error {
	_, err := fmt.Fprintf(out, "\n%s", review.Notes)
	return err
}

// seen returns what was seen of all platforms: from the record or, before that, from the files that the
// verifications left in dist.
func (e evidence) seen(state publish.State) ([]verify.Health, error) {
	if state.Image == nil || state.Proven {
		return state.Healthy, nil
	}
	var list []verify.Health
	for i, image := range state.All() {
		name := image.Name
		if i == 0 {
			name = "" // the app's own
		}
		for _, platform := range image.Platforms {
			check := verify.Check{Image: name, Platform: platform.Name}
			file := e.app.Path(app.DistDir, filepath.FromSlash(e.file(check)))
			var health verify.Health
			data, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(data, &health)
			}
			if err != nil {
				return nil, fmt.Errorf("read what was seen of %s: %w; run image:verify -platform=%s",
					e.verified(check), err, platform.Name)
			}
			list = append(list, health)
		}
	}
	return list, nil
}
