package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
)

// Rehearse runs the release check of the bundled sample app, at v1.7.3.
// It makes the app's repository, with its history, under dist/rehearsal.
func Rehearse(ctx context.Context) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	around, err := app.Default(here)
	if err != nil {
		return err
	}
	return withApp(ctx, around, func(ctx context.Context, p *pipeline) error {
		dir, err := around.Dist("rehearsal", "app")
		if err != nil {
			return err
		}
		p.log.Infof("rehearsing with the bundled sample app, in %s", filepath.Join(app.DistDir, "rehearsal", "app"))
		if err := rehearsal.Materialise(ctx, p.run, dir); err != nil {
			return err
		}
		sample, err := app.Find(dir)
		if err != nil {
			return fmt.Errorf("open the sample app: %w", err)
		}
		rehearsing, err := newPipeline(ctx, sample)
		if err != nil {
			return err
		}
		rehearsing.aside = true
		return rehearsing.releaseCheck(ctx, nil)
	})
}
