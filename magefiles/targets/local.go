package targets

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Lint runs all checks side by side: ruff, mypy, ESLint, tsc.
//
// It shows the findings of all checks before it fails. A check whose files, tools and settings did not change is not
// run again. Checks work on a copy of the files that git tracks or would track, with the planned version.
//
// The findings of a check that is advisory in release.yaml are counted, and do not fail it. A check with a baseline
// fails for findings that the baseline does not have.
//
// Leaves in dist: lint/*.json, log/*.txt
//
// Example: lint -only=backend:lint
func Lint(
	ctx context.Context,
	only *string, // run only the check `NAME`
	again *bool, // run every check, also one whose result could be reused
	dry *bool, // list the checks and their state, and run none
	update *bool, // remove from the baselines what is fixed, and create those that do not exist
) error {
	if is(update) && is(dry) {
		return errors.New("-update and -dry exclude each other: one writes baselines, the other writes nothing")
	}
	asked := options{again: is(again), dry: is(dry), update: is(update)}
	return everyday(ctx, asked, func(g *graph) (*step.Step, error) {
		return g.checking().chosenChecks(only)
	})
}

// Test runs all suites side by side: backend unit and integration, frontend, API contract.
//
// The integration tests need PostgreSQL: the server in TEST_DATABASE_URL, else a container, else a server that is
// installed on the machine. Suites work on a copy, as the checks of lint do.
//
// Leaves in dist: test/*.xml (JUnit), log/*.txt
//
// Example: test -only=backend:unit -again
func Test(
	ctx context.Context,
	only *string, // run only the suite `NAME`
	image *bool, // run only the suites that need the image, on the one that build left in dist
	again *bool, // run every suite, also one whose result could be reused
	dry *bool, // list the suites and their state, and run none
) error {
	given := options{again: is(again), dry: is(dry), built: is(image)}
	return everyday(ctx, given, func(g *graph) (*step.Step, error) {
		switch {
		case only != nil:
			return g.checking().oneSuite(*only)
		case is(image):
			return g.checking().testBuilt()
		}
		return g.catalog().testAll(), nil
	})
}

// Build builds all parts of a release: the frontend, Python wheels, SBOM and image.
//
// The image is built for all platforms, and needs a Buildx builder that supports them. The outputs of build.files are
// parts of a release, too.
//
// Leaves in dist: image.oci/, frontend/, frontend.tar.gz, vendor/, vendor.tar.gz, requirements.lock, openapi.json,
// sbom.spdx.json, checksums.txt, build.json, plan.json, notes.md, log/*.txt
//
// Example: build -dry
func Build(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	again *bool, // run every step, also one whose result could be reused
	dry *bool, // list the steps and their state, and run none
) error {
	return performFor(ctx, tag, allow, again, dry, func(g *graph) (*step.Step, error) {
		return g.catalog().buildAll(), nil
	})
}

// Assemble joins the parts of the image that image:build -platform=… left in dist/parts.
//
// It builds all other parts of a release, as build does.
//
// Leaves in dist: what build leaves
//
// Example: assemble -tag=v1.8.0
func Assemble(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
) error {
	return performFor(ctx, tag, allow, nil, nil, func(g *graph) (*step.Step, error) {
		return g.catalog().assembleAll(), nil
	})
}

// ReleaseCheck runs all phases of a release before publish: plan, lint, test, build.
//
// It stops after the first phase that fails. It changes no tracked file, and nothing outside of dist and the cache.
// When it has passed, tag tags the same tree without a warning.
//
// Leaves in dist: what lint, test and build leave
//
// Example: releaseCheck
func ReleaseCheck(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	again *bool, // run every step, also one whose result could be reused
	dry *bool, // list the steps and their state, and run none
) error {
	return performFor(ctx, tag, allow, again, dry, func(g *graph) (*step.Step, error) {
		return g.catalog().releaseCheck(), nil
	})
}

// everyday runs a target that needs no version: where none can be planned, it
// works on the checkout as it is.
func everyday(ctx context.Context, given options, declare func(*graph) (*step.Step, error)) error {
	return inApp(ctx, func(ctx context.Context, p *session) (err error) {
		if given.asked, err = requested(nil, nil); err != nil {
			return err
		}
		given.lenient = true
		return performIn(ctx, p, given, declare)
	})
}

// is is the value of a flag, false when it was not given.
func is(flag *bool) bool { return flag != nil && *flag }

// performFor is perform for a version.
func performFor(
	ctx context.Context, tag, allow *string, again, dry *bool, declare func(*graph) (*step.Step, error),
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := requested(tag, allow)
		if err != nil {
			return err
		}
		return performIn(ctx, p, options{asked: asked, again: is(again), dry: is(dry)}, declare)
	})
}
