package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// named returns the name of a step as a flag gives it.
func named(step string) *string { return &step }

// Backend holds the backend's parts of the phases.
type Backend mg.Namespace

// Lint checks the backend with ruff.
//
// Leaves in dist: lint/backend-lint.json, log/backend-lint.txt
//
// Example: backend:lint
func (Backend) Lint(ctx context.Context) error {
	return Lint(ctx, named("backend:lint"), nil, nil, nil)
}

// TypeCheck checks the backend's types with mypy.
//
// Leaves in dist: lint/backend-typeCheck.json, log/backend-typeCheck.txt
//
// Example: backend:typeCheck
func (Backend) TypeCheck(ctx context.Context) error {
	return Lint(ctx, named("backend:typeCheck"), nil, nil, nil)
}

// Unit runs the backend's unit tests on SQLite.
//
// Leaves in dist: test/backend-unit.xml, log/backend-unit.txt
//
// Example: backend:unit
func (Backend) Unit(ctx context.Context) error {
	return Test(ctx, named("backend:unit"), nil, nil, nil)
}

// Integration runs the backend's integration tests on PostgreSQL.
//
// The server is the one in TEST_DATABASE_URL, else a container, else a server that is installed on the machine.
//
// Leaves in dist: test/backend-integration.xml, log/backend-integration.txt
//
// Example: backend:integration
func (Backend) Integration(ctx context.Context) error {
	return Test(ctx, named("backend:integration"), nil, nil, nil)
}

// Contract compares the committed OpenAPI spec with the app's own routes.
//
// Leaves in dist: test/backend-contract.xml, test/openapi.json, log/backend-contract.txt
//
// Example: backend:contract
func (Backend) Contract(ctx context.Context) error {
	return Test(ctx, named("backend:contract"), nil, nil, nil)
}

// Vendor downloads the wheels of the image's Python dependencies for all platforms.
//
// It first checks that their lock is up to date.
//
// Leaves in dist: vendor/, requirements.lock, log/backend-vendor.txt
//
// Example: backend:vendor
func (Backend) Vendor(
	ctx context.Context,
	again *bool, // download them again, also if the result could be reused
) error {
	return everyday(ctx, options{again: is(again)}, func(g *graph) (*step.Step, error) {
		return g.catalog().vendor(), nil
	})
}

// Frontend holds the frontend's parts of the phases.
type Frontend mg.Namespace

// Lint checks the frontend with ESLint.
//
// Leaves in dist: lint/frontend-lint.json, log/frontend-lint.txt
//
// Example: frontend:lint
func (Frontend) Lint(ctx context.Context) error {
	return Lint(ctx, named("frontend:lint"), nil, nil, nil)
}

// TypeCheck checks the frontend's types with tsc --noEmit.
//
// Leaves in dist: lint/frontend-typeCheck.json, log/frontend-typeCheck.txt
//
// Example: frontend:typeCheck
func (Frontend) TypeCheck(ctx context.Context) error {
	return Lint(ctx, named("frontend:typeCheck"), nil, nil, nil)
}

// Test runs the frontend's tests with Vitest.
//
// Leaves in dist: test/frontend-test.xml, log/frontend-test.txt
//
// Example: frontend:test
func (Frontend) Test(ctx context.Context) error {
	return Test(ctx, named("frontend:test"), nil, nil, nil)
}

// Build builds the frontend's bundle with Vite.
//
// Leaves in dist: frontend/, frontend.tar.gz, plan.json, notes.md, log/frontend-build.txt
//
// Example: frontend:build -again
func (Frontend) Build(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	again *bool, // build it again, also if the result could be reused
) error {
	return performFor(ctx, tag, allow, again, nil, func(g *graph) (*step.Step, error) {
		return g.catalog().frontend(), nil
	})
}

// Image holds the image's parts of the phases.
type Image mg.Namespace

// Build builds the image for all platforms into dist/image.oci.
//
// With -platform it builds the part for one platform, on a machine where that is native; assemble joins the parts. The
// images of build.images are built, too.
//
// Leaves in dist: image.oci/, images/*.oci/ (with -platform in parts/), plan.json, notes.md, log/*.txt
//
// Example: image:build -platform=linux/arm64
func (Image) Build(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	platform *string, // build only the part for `PLATFORM`, into dist/parts
	again *bool, // run every step, also one whose result could be reused
) error {
	return performFor(ctx, tag, allow, again, nil, func(g *graph) (*step.Step, error) {
		if err := limit(g.app, platform); err != nil {
			return nil, err
		}
		return g.catalog().imageOf(platform), nil
	})
}

// limit removes all platforms of an app's image from the configuration but the given one; nil keeps all.
func limit(of *app.App, platform *string) error {
	config := &of.Config.Build.Image
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

// Push pushes the image in dist to the registry, by digest only, and those of build.images.
//
// It needs what build left in dist, and a login at the registry. The image has no tag until postRelease.
//
// Example: image:push
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
		run := newStandalone(p, "image:push")
		err = run.step(ctx, "publish", "image:push", func() error {
			return out.PushImage(ctx, artifactsOf(p.app, built))
		})
		run.leaveOfDist(ctx, err)
		return err
	})
}

// Verify starts the published image and checks that it is healthy.
//
// It needs what publish left in dist, and a container engine. It starts the image on each platform, without data and on
// the data of the previous release. Those of build.images are pulled, and started as they say.
//
// Leaves in dist: verify/*.json (not with -local)
//
// Example: image:verify -local
func (Image) Verify(
	ctx context.Context,
	platform *string, // verify only `PLATFORM`, such as linux/arm64
	local *bool, // verify dist/image.oci, without a release or a registry; without -platform, on this machine's own
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		if absent := p.app.Config.Build.Image.Absent; absent != "" {
			p.screen.Log.Infof("image:verify is absent: %s", absent)
			return nil
		}
		if err := limit(p.app, platform); err != nil {
			return err
		}
		defer p.screen.Group("image:verify")()
		run := newStandalone(p, "image:verify")
		err := p.prover().verifyImage(ctx, run, platform, is(local))
		run.leaveOfDist(ctx, err)
		return err
	})
}
