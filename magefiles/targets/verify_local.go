package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// verifyLocal verifies the image that build left in dist, without a release and
// without a registry: its own platform or, when one is named, that one. It
// leaves no evidence, since the bytes that a registry has were not seen.
func (p prover) verifyLocal(ctx context.Context, run *standalone, platform *string) error {
	layout := p.app.Path(app.DistDir, "image.oci")
	built, err := image.Inspect(layout)
	if err != nil {
		return fmt.Errorf("image:verify: %w; run build, or image:build, first", err)
	}
	chosen, err := p.localPlatforms(ctx, built, platform)
	if err != nil {
		return err
	}
	var checks []verify.Check
	for _, each := range chosen {
		check := p.checklist().imageCheck(each.Name, each.Digest, built.Version)
		check.Repository, check.Layout = "image.oci", layout
		// It is its own predecessor, so that what is kept through an upgrade is tried too.
		check.Previous = &verify.Previous{Version: built.Version, Digest: each.Digest}
		checks = append(checks, check)
	}
	more, err := p.checklist().localChecks(chosen)
	if err != nil {
		return err
	}
	return p.sideBySide(ctx, run, append(checks, more...), p.see)
}

// localChecks returns a check for each further image that build left in dist, on each of the chosen
// platforms.
func (c checklist) localChecks(chosen []image.Platform) ([]verify.Check, error) {
	var checks []verify.Check
	for _, of := range app.FurtherImages(c.app.Config) {
		dir := build.LayoutOf(of.Key)
		built, err := image.Inspect(c.app.Path(app.DistDir, dir))
		if err != nil {
			return nil, fmt.Errorf("image:verify: %w; run build, or image:build, first", err)
		}
		for _, each := range built.Platforms {
			if !slices.ContainsFunc(chosen, func(c image.Platform) bool { return c.Name == each.Name }) {
				continue
			}
			check := c.furtherCheck(of, each.Name, each.Digest, built.Version)
			check.Repository, check.Layout = dir, c.app.Path(app.DistDir, dir)
			checks = append(checks, check)
		}
	}
	return checks, nil
}

// localPlatforms returns those of a built image to verify: the named one, else the
// one that the engine runs without an emulator, else all.
func (p prover) localPlatforms(ctx context.Context, built image.Summary, named *string) ([]image.Platform, error) {
	if named != nil {
		at := slices.IndexFunc(built.Platforms, func(each image.Platform) bool { return each.Name == *named })
		if at < 0 {
			return nil, fmt.Errorf("image:verify: dist/image.oci has no image for %s", *named)
		}
		return built.Platforms[at : at+1], nil
	}
	native, err := verify.NativePlatform(ctx, p.run)
	if err != nil {
		return nil, fmt.Errorf("image:verify: %w", err)
	}
	at := slices.IndexFunc(built.Platforms, func(each image.Platform) bool {
		return each.Name == native || strings.HasPrefix(each.Name, native+"/")
	})
	if at < 0 {
		return built.Platforms, nil
	}
	for i, each := range built.Platforms {
		if i != at {
			p.screen.Log.Infof(
				"%s: left out, since it takes an emulator; -platform=%s verifies it",
				each.Name,
				each.Name,
			)
		}
	}
	return built.Platforms[at : at+1], nil
}

// imageCheck returns the check of the app's own image, as release.yaml configures it. The caller adds
// where the image comes from.
func (c checklist) imageCheck(platform, digest, version string) verify.Check {
	return verify.Check{Digest: digest, Platform: platform, Version: version,
		Config: c.app.Config.Verify, Database: c.app.Config.Postgresql.Image, Learn: c.learn}
}
