package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"
)

// Backend holds the backend's parts of the phases.
type Backend mg.Namespace

// Lint checks the backend with ruff.
func (Backend) Lint(ctx context.Context) error { return oneCheck(ctx, "backend:lint") }

// TypeCheck checks the backend's types with mypy.
func (Backend) TypeCheck(ctx context.Context) error { return oneCheck(ctx, "backend:typeCheck") }

// Unit runs the backend's unit tests on SQLite.
func (Backend) Unit(ctx context.Context) error { return oneSuite(ctx, "backend:unit") }

// Integration runs the backend's integration tests on PostgreSQL.
// The server is the one that TEST_DATABASE_URL names, else a container, else
// server binaries found on the machine.
func (Backend) Integration(ctx context.Context) error { return oneSuite(ctx, "backend:integration") }

// Contract compares the committed OpenAPI spec with the app's own routes.
func (Backend) Contract(ctx context.Context) error { return oneSuite(ctx, "backend:contract") }

// Vendor fetches the wheels of the image's Python dependencies for all platforms.
// It first checks that their lock is up to date.
func (Backend) Vendor(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		return p.watching(ctx, "backend:vendor", func() error { return p.buildVendor(ctx) })
	})
}

// Frontend holds the frontend's parts of the phases.
type Frontend mg.Namespace

// Lint checks the frontend with ESLint.
func (Frontend) Lint(ctx context.Context) error { return oneCheck(ctx, "frontend:lint") }

// TypeCheck checks the frontend's types with tsc --noEmit.
func (Frontend) TypeCheck(ctx context.Context) error { return oneCheck(ctx, "frontend:typeCheck") }

// Test runs the frontend's tests with Vitest.
func (Frontend) Test(ctx context.Context) error { return oneSuite(ctx, "frontend:test") }

// Build builds the frontend's bundle with Vite.
func (Frontend) Build(ctx context.Context, tag, allow *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		prepared, err := p.prepare(ctx, tag, allow)
		if err != nil {
			return err
		}
		return p.buildFrontend(ctx, prepared)
	})
}

// Image holds the image's parts of the phases.
type Image mg.Namespace

// Build builds the image for all platforms into dist/image.oci.
// -platform=linux/arm64 builds the part for that one only, into dist/parts;
// assemble joins the parts.
func (Image) Build(ctx context.Context, tag, allow, platform *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		if err := p.only(platform); err != nil {
			return err
		}
		if platform != nil {
			return p.buildPart(ctx, tag, allow, *platform)
		}
		prepared, err := p.prepare(ctx, tag, allow)
		if err != nil {
			return err
		}
		build, err := p.imageBuilder(ctx)
		if err != nil {
			return err
		}
		if err := p.vendorInCopy(ctx, prepared); err != nil {
			return err
		}
		bill, err := p.at(prepared.staged).buildSBOM(prepared)
		if err != nil {
			return err
		}
		summary, err := p.buildImage(ctx, prepared, bill, build)
		if err != nil {
			return err
		}
		p.artifactTable(prepared.plan, artifacts{Image: summary})
		return nil
	})
}

// only leaves one platform of the image; for nil all of them.
func (p *pipeline) only(platform *string) error {
	config := &p.app.Config.Build.Image
	if platform == nil || config.Absent != "" {
		return nil
	}
	if !slices.Contains(config.Platforms, *platform) {
		return fmt.Errorf(
			"-platform=%s is not one of those that the image is built for: %s",
			*platform,
			strings.Join(config.Platforms, ", "),
		)
	}
	config.Platforms = []string{*platform}
	return nil
}

// Push brings the image from dist to the registry, by its digest only.
// No name is given to it: publish does that.
func (Image) Push(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		out, _, err := p.fromDist(ctx)
		if err != nil {
			return err
		}
		built, err := p.built(ctx, out.Plan)
		if err != nil {
			return err
		}
		return out.PushImage(ctx, built)
	})
}

// Verify starts the published image and looks whether it is healthy.
// -platform=linux/arm64 verifies that one only. It leaves what it saw in
// dist/verify, and records nothing. -local verifies dist/image.oci instead,
// without a release, on this machine's own platform unless -platform names one.
func (Image) Verify(ctx context.Context, platform *string, local *bool) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		if absent := p.app.Config.Build.Image.Absent; absent != "" {
			p.log.Infof("image:verify is absent: %s", absent)
			return nil
		}
		if err := p.only(platform); err != nil {
			return err
		}
		defer p.group("image:verify")()
		if local != nil && *local {
			return p.verifyLocal(ctx, platform)
		}
		out, _, err := p.fromDist(ctx)
		if err != nil {
			return err
		}
		published, err := p.publishedImage(ctx, out)
		if err != nil {
			return err
		}
		checks, err := p.imageChecks(ctx, out, published)
		if err != nil {
			return err
		}
		_, err = sideBySidePlatforms(ctx, checks, p.verifyPlatform)
		return err
	})
}
