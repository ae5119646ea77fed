package targets

import (
	"context"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// verified names what a verification is of: the platform, and the key of a further image.
func verified(key, platform string) string {
	if key == "" {
		return platform
	}
	return key + " " + platform
}

// verified is that of a check.
func (p prover) verified(check verify.Check) string {
	for _, each := range app.FurtherImages(p.app.Config) {
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

// imageChecks are what to verify of published images, the app's own first: each platform of
// them, straight from the registry.
func (p prover) imageChecks(
	ctx context.Context, out publish.Release, published []publish.Image,
) ([]verify.Check, error) {
	checks, err := p.ownChecks(ctx, out, published[0])
	if err != nil {
		return nil, err
	}
	for i, each := range app.FurtherImages(p.app.Config) {
		at := slices.IndexFunc(published, func(image publish.Image) bool { return image.Name == each.Image.Name })
		if at < 0 {
			return nil, fmt.Errorf("image:verify: %s of %s records no image %s, which build.images.%s names: "+
				"run publish", publish.StateFile, out.Plan.Tag, each.Image.Name, each.Key)
		}
		more, err := p.furtherChecks(ctx, out, out.Images[i], each, published[at].Digest)
		if err != nil {
			return nil, err
		}
		checks = append(checks, more...)
	}
	return checks, nil
}

// furtherChecks are what to verify of a published further image.
func (p prover) furtherChecks(
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
		check := p.furtherCheck(of, platform, found, out.Plan.Version)
		check.Repository, check.Credential = from.Registry.Name(), credential
		checks = append(checks, check)
	}
	return checks, nil
}

// furtherCheck is what release.yaml says of how a further image is verified. Where it comes
// from is for the caller to add.
func (p prover) furtherCheck(of app.NamedImage, platform, digest, version string) verify.Check {
	return verify.Check{
		Image: of.Image.Name, Further: of.Verify, Digest: digest, Platform: platform, Version: version,
		Learn: p.redactor.Learn,
	}
}
