package targets

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// previousWait is how long the content of the last release is waited for: only the report needs it.
const previousWait = 20 * time.Second

// keepPrevious leaves in dist what the last release consists of, unless that is there. It is for
// the report alone: that it can't is no reason to fail.
func (p publication) keepPrevious(ctx context.Context, out publish.Release) {
	var there struct{ Tag string }
	state := overview.PreviousDir + "/" + publish.StateFile
	text, err := os.ReadFile(p.app.Path(app.DistDir, state))
	if err == nil && json.Unmarshal(text, &there) == nil && there.Tag == out.Plan.Baseline {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, previousWait)
	defer cancel()
	previous, err := out.Previous(ctx, build.SBOMFile)
	if previous != nil && err == nil {
		err = errors.Join(
			p.app.Save(
				overview.PreviousDir+"/"+build.SBOMFile,
				previous.File,
			),
			p.app.Save(state, previous.State.JSON()),
		)
	}
	if err != nil {
		p.screen.Log.Infof("the report does not compare with the last release: %v", err)
	}
}
