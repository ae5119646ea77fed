package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/publish"
)

// verify proves the published image on every platform that this machine can
// start, and records it. What an earlier run proved is not proven again.
func (p *pipeline) verify(ctx context.Context, out publish.Release) error {
	found, err := out.Observe(ctx)
	if err != nil {
		return err
	}
	if !found.Whole(out.Plan) {
		return fmt.Errorf("%s is not published yet: run publish", out.Plan.Tag)
	}
	if found.Record.Proven {
		return skip("proven by an earlier run")
	}
	var healthy []image.Health
	if found.Record.Image != nil {
		if healthy, err = p.verifyImage(ctx, out, *found.Record, p.app.Config.Build.Image.Platforms); err != nil {
			return err
		}
	}
	record, err := out.Prove(ctx, healthy)
	if err != nil {
		return err
	}
	return p.app.Save(publish.RecordName, record.JSON())
}

// verifyImage starts the image of each platform, straight from the registry.
func (p *pipeline) verifyImage(ctx context.Context, out publish.Release, record publish.Record, platforms []string) ([]image.Health, error) {
	there, err := out.Registry.Platforms(ctx, record.Image.Digest)
	if err != nil {
		return nil, err
	}
	version, previous, err := p.previousImage(ctx, out)
	if err != nil {
		return nil, err
	}
	credential, err := out.Registry.Credential()
	if err != nil {
		return nil, err
	}
	var checks []image.Check
	for _, platform := range platforms {
		digest, ok := there[platform]
		if !ok {
			return nil, fmt.Errorf("image:verify: %s@%s has no image for %s", out.Registry.Name(), record.Image.Digest, platform)
		}
		check := image.Check{Repository: out.Registry.Name(), Digest: digest, Platform: platform, Version: record.Version,
			Config: p.app.Config.Verify, Credential: credential}
		if before := previous[platform]; before != "" {
			check.Previous = &image.Previous{Version: version, Digest: before}
		}
		checks = append(checks, check)
	}
	return p.verifyPlatforms(ctx, checks)
}

// verifyPlatforms verifies platforms side by side: they mostly wait.
func (p *pipeline) verifyPlatforms(ctx context.Context, checks []image.Check) ([]image.Health, error) {
	seen := make([]*image.Health, len(checks))
	group, inner := errgroup.WithContext(ctx)
	for i, check := range checks {
		group.Go(func() error {
			health, err := p.verifyPlatform(inner, check)
			switch {
			case errors.Is(err, image.ErrCannotStart):
				p.warn("image:verify", check.Platform+" is not proven: "+image.ErrCannotStart.Error())
				return nil
			case err != nil:
				return err
			}
			seen[i] = &health
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var healthy []image.Health
	for _, health := range seen {
		if health != nil {
			healthy = append(healthy, *health)
		}
	}
	if len(healthy) == 0 {
		return nil, errors.New("image:verify: this machine can start the image for none of its platforms: nothing is proven")
	}
	return healthy, nil
}

// verifyPlatform leaves what was seen in dist/verify.
func (p *pipeline) verifyPlatform(ctx context.Context, check image.Check) (image.Health, error) {
	health, err := image.Verify(ctx, p.run, p.log, check)
	if err != nil {
		return image.Health{}, err
	}
	seen, err := json.MarshalIndent(health, "", "  ")
	if err != nil {
		return image.Health{}, err
	}
	return health, p.app.Save("verify/"+strings.ReplaceAll(check.Platform, "/", "-")+".json", append(seen, '\n'))
}

// previousImage is the image of the release before, by platform; none when the
// registry does not have it.
func (p *pipeline) previousImage(ctx context.Context, out publish.Release) (version string, platforms map[string]string, err error) {
	if out.Plan.Baseline == "" {
		return "", nil, nil
	}
	version = strings.TrimPrefix(out.Plan.Baseline, "v")
	digest, err := out.Registry.Digest(ctx, version)
	if err != nil || digest == "" {
		return "", nil, err
	}
	platforms, err = out.Registry.Platforms(ctx, digest)
	return version, platforms, err
}
