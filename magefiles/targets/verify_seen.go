package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// provePlatform verifies a platform, unless that was done already, here or on
// another machine.
func (p prover) provePlatform(ctx context.Context, check verify.Check) (verify.Health, error) {
	left := evidence{p.app}
	file := app.DistDir + "/" + left.file(check)
	seen, known := left.seenAlready(check)
	if known && upgraded(check, seen) {
		p.screen.Log.Infof("%s: healthy, as %s says", left.verified(check), file)
		return seen, p.promised(seen)
	}
	health, err := p.verifyPlatform(ctx, check)
	switch {
	case errors.Is(err, verify.ErrCannotStart) && known: // another release came out in between
		p.screen.Warn(
			"verify",
			fmt.Sprintf(
				"%s: healthy, as %s says, but not seen on the data of %s, which came out since",
				left.verified(check),
				file,
				check.Previous.Version,
			),
		)
		return seen, nil
	case errors.Is(err, verify.ErrCannotStart):
		err = fmt.Errorf(
			"%w; or copy %s from a machine where image:verify -platform=%s has run",
			err,
			file,
			check.Platform,
		)
	}
	return health, errors.Join(err, p.promised(health))
}

// upgraded reports whether it was also seen how an image works on the data of the release from which users upgrade
// now, or that this cannot be seen. Another release may have come out since.
func upgraded(check verify.Check, seen verify.Health) bool {
	return check.Previous == nil || check.Previous.Version == seen.Upgraded && seen.Back.Verdict != "" ||
		check.Previous.Version == seen.Unproven
}

// provenElsewhere is provePlatform where the app's code must not run: it starts no image, and fails unless all was
// seen by another job.
func (p prover) provenElsewhere(_ context.Context, check verify.Check) (verify.Health, error) {
	left := evidence{p.app}
	file := app.DistDir + "/" + left.file(check)
	seen, known := left.seenAlready(check)
	switch {
	case !known:
		return seen, fmt.Errorf("image:verify: %s: %s does not say that %s is healthy, and -verify=elsewhere starts "+
			"no image: run the verify jobs again", left.verified(check), file, check.Digest)
	case !upgraded(check, seen):
		return seen, fmt.Errorf("image:verify: %s: %s says that %s is healthy, but not on the data of %s, from which "+
			"users upgrade now, and -verify=elsewhere starts no image: run the verify jobs again",
			left.verified(check), file, check.Digest, check.Previous.Version)
	}
	p.screen.Log.Infof("%s: healthy, as %s says", left.verified(check), file)
	return seen, p.promised(seen)
}

// promised returns an error for an image from which users could not go back, if the app promises that
// they can.
func (p prover) promised(health verify.Health) error {
	if err := publish.Promised(p.app.Config.Versioning.Reversible, health.Back); err != nil {
		return fmt.Errorf("image:verify: %s: %w", health.Platform, err)
	}
	return nil
}

// file returns the file in dist to which a verification writes what it saw.
func (e evidence) file(check verify.Check) string {
	return "verify/" + app.FileName(e.verified(check)) + ".json"
}

// seenAlready returns what an earlier verification saw of a platform, and whether that was the image of
// the check.
func (e evidence) seenAlready(check verify.Check) (verify.Health, bool) {
	var health verify.Health
	data, err := os.ReadFile(e.app.Path(app.DistDir, e.file(check)))
	if err != nil || json.Unmarshal(data, &health) != nil {
		return health, false
	}
	return health, health.Image == check.Image && health.Digest == check.Digest && health.Platform == check.Platform
}
