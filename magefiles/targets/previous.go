package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// previousWait is how long the content of the last release is waited for: only the report needs it.
const previousWait = 20 * time.Second

// keepPrevious writes the content of the last release to dist, unless it is there. Only the report needs
// it: an error is logged.
func keepPrevious(ctx context.Context, of *app.App, log *logrus.Logger, out publish.Release) {
	var there struct{ Tag string }
	state := overview.PreviousDir + "/" + publish.StateFile
	text, err := os.ReadFile(of.Path(app.DistDir, state))
	if err == nil && json.Unmarshal(text, &there) == nil && there.Tag == out.Plan.Baseline {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, previousWait)
	defer cancel()
	previous, err := out.Previous(ctx, build.SBOMFile)
	if previous != nil && err == nil {
		err = errors.Join(
			of.Save(
				overview.PreviousDir+"/"+build.SBOMFile,
				previous.File,
			),
			of.Save(state, previous.State.JSON()),
		)
	}
	if err != nil {
		log.Infof("the report does not compare with the last release: %v", err)
	}
}

// earlierImage is the image of the release that users have.
type earlierImage struct {
	version   string            // "" when there is none
	platforms map[string]string // digests; none when the registry does not have it
	absent    string            // why there is none; "" when there is no release before
}

// of adds to a check of one platform what there was before.
func (e earlierImage) of(check *verify.Check) {
	before := e.platforms[check.Platform]
	switch {
	case !check.Config.KeepsData():
	case before != "":
		check.Previous = &verify.Previous{Version: e.version, Digest: before}
	case e.platforms != nil:
		check.Alone = fmt.Sprintf("%s has no image for %s", e.version, check.Platform)
	default:
		check.Alone = e.absent
	}
}

// previousImage returns the image of the release that users upgrade from, by platform.
func (c checklist) previousImage(ctx context.Context, out publish.Release) (earlierImage, error) {
	earlier, err := out.Earlier(ctx)
	if err != nil || earlier.Tag == "" {
		return earlierImage{}, err
	}
	if earlier.Digest == "" {
		c.log.Warnf("%s has no image of %s (no tag %s): the upgrade from it is not verified",
			out.Registry.Name(), earlier.Tag, strings.Join(earlier.Names, ", "))
		return earlierImage{absent: "the registry has no image of " + earlier.Tag}, nil
	}
	platforms, err := out.Registry.Platforms(ctx, earlier.Digest)
	return earlierImage{version: earlier.Version(), platforms: platforms}, err
}
