package targets

import (
	"context"
	"fmt"
	"slices"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// verified returns the name of a verification: the key of a further image, and the platform.
func verified(key, platform string) string {
	if key == "" {
		return platform
	}
	return key + " " + platform
}

// checklist returns what is verified of the images, as release.yaml says.
type checklist struct {
	app   *app.App
	log   *logrus.Logger
	learn func(secrets ...string)
}

func (s *session) checklist() checklist {
	return checklist{app: s.app, log: s.screen.Log, learn: s.redactor.Learn}
}

// evidence is what verifications left in dist.
type evidence struct{ app *app.App }

// verified returns the name of what a check verifies.
func (e evidence) verified(check verify.Check) string {
	for _, each := range app.FurtherImages(e.app.Config) {
		if each.Image.Name == check.Image {
			return verified(each.Key, check.Platform)
		}
	}
	return check.Platform
}

// see does what a check says.
func (p prover) see(ctx context.Context, check verify.Check) (verify.Health, error) {
	if check.Image != "" {
		return verify.Further(ctx, p.run, p.scratch, p.screen.Log, check)
	}
	return verify.Image(ctx, p.run, p.scratch, p.screen.Log, check)
}

// imageChecks returns a check for each platform of the published images, the app's own first. The
// images are pulled from the registry.
func (c checklist) imageChecks(
	ctx context.Context, out publish.Release, published []publish.Image,
) ([]verify.Check, error) {
	checks, err := c.ownChecks(ctx, out, published[0])
	if err != nil {
		return nil, err
	}
	for i, each := range app.FurtherImages(c.app.Config) {
		at := slices.IndexFunc(published, func(image publish.Image) bool { return image.Name == each.Image.Name })
		if at < 0 {
			return nil, fmt.Errorf("image:verify: %s of %s records no image %s, which build.images.%s names: "+
				"run publish", publish.StateFile, out.Plan.Tag, each.Image.Name, each.Key)
		}
		more, err := c.furtherChecks(ctx, out, out.Images[i], each, published[at].Digest)
		if err != nil {
			return nil, err
		}
		checks = append(checks, more...)
	}
	return checks, nil
}

// furtherChecks returns a check for each platform of a published further image.
func (c checklist) furtherChecks(
	ctx context.Context, out publish.Release, from publish.Repository, of app.NamedImage, digest string,
) ([]verify.Check, error) {
	there, err := from.Registry.Platforms(ctx, digest)
	if err != nil {
		return nil, err
	}
	credential, err := from.Registry.Credential()
	if err != nil {
		return nil, err
	}
	var checks []verify.Check
	for _, platform := range of.Image.Platforms {
		found, ok := there[platform]
		if !ok {
			return nil, fmt.Errorf("image:verify: %s@%s has no image for %s", of.Image.Name, digest, platform)
		}
		check := c.furtherCheck(of, platform, found, out.Plan.Version)
		check.Repository, check.Credential = from.Registry.Name(), credential
		checks = append(checks, check)
	}
	return checks, nil
}

// furtherCheck returns the check of a further image, as release.yaml configures it. The caller adds where
// the image comes from.
func (c checklist) furtherCheck(of app.NamedImage, platform, digest, version string) verify.Check {
	return verify.Check{
		Image: of.Image.Name, Further: of.Verify, Digest: digest, Platform: platform, Version: version,
		Learn: c.learn,
	}
}
