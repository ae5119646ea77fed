package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// named is the name of a step as a flag gives it.
func named(step string) *string { return &step }

// Backend holds the backend's parts of the phases.
type Backend mg.Namespace

// Lint checks the backend with ruff.
func (Backend) Lint(ctx context.Context) error { return Lint(ctx, named("backend:lint"), nil, nil) }

// TypeCheck checks the backend's types with mypy.
func (Backend) TypeCheck(ctx context.Context) error {
	return Lint(ctx, named("backend:typeCheck"), nil, nil)
}

// Unit runs the backend's unit tests on SQLite.
func (Backend) Unit(ctx context.Context) error { return Test(ctx, named("backend:unit"), nil, nil) }

// Integration runs the backend's integration tests on PostgreSQL.
// The server is the one in TEST_DATABASE_URL, else a container, else a server
// that is installed on the machine.
func (Backend) Integration(ctx context.Context) error {
	return Test(ctx, named("backend:integration"), nil, nil)
}

// Contract compares the committed OpenAPI spec with the app's own routes.
func (Backend) Contract(ctx context.Context) error {
	return Test(ctx, named("backend:contract"), nil, nil)
}

// Vendor downloads the wheels of the image's Python dependencies for all platforms.
// It first checks that their lock is up to date.
func (Backend) Vendor(ctx context.Context, again *bool) error {
	return everyday(ctx, again, nil, func(g *graph) (*step.Step, error) {
		return g.together("build", g.building().vendor()), nil
	})
}

// Frontend holds the frontend's parts of the phases.
type Frontend mg.Namespace

// Lint checks the frontend with ESLint.
func (Frontend) Lint(ctx context.Context) error { return Lint(ctx, named("frontend:lint"), nil, nil) }

// TypeCheck checks the frontend's types with tsc --noEmit.
func (Frontend) TypeCheck(ctx context.Context) error {
	return Lint(ctx, named("frontend:typeCheck"), nil, nil)
}

// Test runs the frontend's tests with Vitest.
func (Frontend) Test(ctx context.Context) error { return Test(ctx, named("frontend:test"), nil, nil) }

// Build builds the frontend's bundle with Vite.
func (Frontend) Build(ctx context.Context, tag, allow *string, again *bool) error {
	return performFor(ctx, tag, allow, again, nil, func(g *graph) (*step.Step, error) {
		return g.inOrder("frontend", g.catalog().planning(), g.together("build", g.building().frontendBundle())), nil
	})
}

// Image holds the image's parts of the phases.
type Image mg.Namespace

// Build builds the image for all platforms into dist/image.oci.
// -platform=linux/arm64 builds the part for that one only, into dist/parts;
// assemble joins the parts.
func (Image) Build(ctx context.Context, tag, allow, platform *string, again *bool) error {
	return performFor(ctx, tag, allow, again, nil, func(g *graph) (*step.Step, error) {
		if err := g.limit(platform); err != nil {
			return nil, err
		}
		if platform == nil {
			return g.inOrder(
				"image",
				g.catalog().planning(g.building().findBuilder()),
				g.together("build", g.building().image()),
			), nil
		}
		return g.inOrder("image", g.catalog().planning(), g.together("build", g.building().part(*platform))), nil
	})
}

// limit leaves one platform of the image; for nil all of them.
func (p *session) limit(platform *string) error {
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

// Push pushes the image in dist to the registry, by digest only.
// It has no tag until postRelease.
func (Image) Push(ctx context.Context) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		out, _, err := p.delivery().heldByDist(ctx)
		if err != nil {
			return err
		}
		built, err := build.Releasable(ctx, p.trees, out.Plan, p.builder.Purpose)
		if err != nil {
			return err
		}
		return out.PushImage(ctx, publish.Artifacts{
			Dir: p.app.Path(app.DistDir), Files: built.Files, Image: built.Image,
		})
	})
}

// Verify starts the published image and checks that it is healthy.
// -platform=linux/arm64 verifies that one only. It writes the result to
// dist/verify. -local verifies dist/image.oci instead, without a release, on this
// machine's own platform unless -platform names one.
func (Image) Verify(ctx context.Context, platform *string, local *bool) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		if absent := p.app.Config.Build.Image.Absent; absent != "" {
			p.screen.Log.Infof("image:verify is absent: %s", absent)
			return nil
		}
		if err := p.limit(platform); err != nil {
			return err
		}
		defer p.screen.Group("image:verify")()
		if local != nil && *local {
			return p.prover().verifyLocal(ctx, platform)
		}
		out, _, err := p.delivery().heldByDist(ctx)
		if err != nil {
			return err
		}
		published, err := p.prover().publishedImage(ctx, out)
		if err != nil {
			return err
		}
		checks, err := p.prover().imageChecks(ctx, out, published)
		if err != nil {
			return err
		}
		return sideBySidePlatforms(ctx, checks, p.prover().verifyPlatform)
	})
}
