package app

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var (
	checkKinds = []string{"ruff", "mypy", "eslint", "tsc", "command"}
	suiteKinds = []string{"pytest", "vitest", "playwright", "contract", "command"}
	services   = []string{"postgresql"}
	stepName   = pattern.Lazy(`^[A-Za-z][A-Za-z0-9]*([:-][A-Za-z0-9]+)*$`)
)

// validate reports all invalid values of a configuration, each with its position.
func (c Config) validate(doc document) error {
	var problems []error
	for _, step := range c.Checks {
		problems = append(problems, c.validateStep(doc, step, checkKinds)...)
	}
	for _, step := range c.Suites {
		problems = append(problems, c.validateStep(doc, step, suiteKinds)...)
	}
	problems = append(problems, c.validateTolerance(doc)...)
	problems = append(problems, c.validateEnvironments(doc)...)
	problems = append(problems, validateVendor(doc, c.Build)...)
	problems = append(problems, sameFile(doc, c.Checks), sameFile(doc, c.Suites))
	for i, versionFile := range c.VersionFiles {
		problems = append(problems, validateVersionFile(doc, fmt.Sprintf("$.versionFiles[%d]", i), versionFile)...)
	}
	if len(c.Build.Image.Platforms) == 0 && c.Build.Image.Absent == "" {
		problems = append(
			problems,
			doc.errorAt(
				"$.build.image.platforms",
				"there is no platform: name one, or say in build.image.absent why there is no image",
			),
		)
	}
	for _, platform := range c.Build.Image.Platforms {
		if problem := platformProblem(platform); problem != "" {
			problems = append(problems, doc.errorAt("$.build.image.platforms", "platform %q %s", platform, problem))
		}
	}
	if _, err := name.NewRepository(c.Build.Image.Name); err != nil && c.Build.Image.Absent == "" {
		problems = append(
			problems,
			doc.errorAt(
				"$.build.image.name",
				"%q is not the name of an image such as ghcr.io/owner/name, in lower case and without a tag",
				c.Build.Image.Name,
			),
		)
	}
	problems = append(problems, slices.Concat(c.validateFiles(doc), c.Build.validate(doc), c.Publish.validate(doc))...)
	problems = append(problems, slices.Concat(validateImages(c, doc), c.validatePlan(doc))...)
	problems = append(problems, c.validateContract(doc)...)
	problems = append(problems, c.validateRelease(doc)...)
	problems = append(problems, c.Signing.validate(doc)...)
	problems = append(problems, c.validatePaths(doc)...)
	return errors.Join(problems...)
}

var (
	policies         = []string{"warn", "enforce"}
	migrationsValues = []string{"{revision}", "{file}", "{image}", "{tag}", "{version}"}
)

// validatePlan checks what the plan depends on: the policy, the migrations and the path
// patterns.
func (c Config) validatePlan(doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) { problems = append(problems, doc.errorAt(key, format, args...)) }
	if !slices.Contains(policies, c.Versioning.Policy) {
		fail(
			"$.versioning.policy",
			"unknown policy %q, expected one of %s",
			c.Versioning.Policy,
			strings.Join(policies, ", "),
		)
	}
	if !slices.Contains(policies, c.Versioning.Checks) {
		fail(
			"$.versioning.checks",
			"unknown policy %q, expected one of %s",
			c.Versioning.Checks,
			strings.Join(policies, ", "),
		)
	}
	patterns := map[string][]string{"$.docs.paths": c.Docs.Paths, "$.settings.compose": c.Settings.Compose,
		"$.settings.environment": c.Settings.Environment, "$.settings.code": c.Settings.Code}
	for i, migrations := range c.Migrations {
		place := fmt.Sprintf("$.migrations[%d]", i)
		patterns[place+".paths"] = migrations.Paths
		if len(migrations.Paths) == 0 || migrations.Command.Value == "" && migrations.Command.Absent == "" {
			fail(place, "migrations need paths, and the command that runs one, or command: {absent: why}")
		}
		own := strings.ReplaceAll(migrations.Command.Value, "{}", "") // find(1) and xargs(1) know that
		if err := onlyPlaceholders(own, migrationsValues); err != nil {
			fail(place+".command", "%v", err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(patterns)) {
		for i, pattern := range patterns[key] {
			if _, err := path.Match(pattern, ""); err != nil || !filepath.IsLocal(filepath.FromSlash(pattern)) {
				fail(fmt.Sprintf("%s[%d]", key, i), "%q is not a pattern of paths inside the app", pattern)
			}
		}
	}
	return problems
}

// movingTags are the image tags that move from one version to the next.
var movingTags = []string{"latest", "X.Y", "X"}

// githubName is owner/name of a repository on GitHub.
var githubName = pattern.Lazy(`^[A-Za-z0-9-]+/[\w.-]+$`)

// validateRelease checks the settings for publishing and what follows it.
func (c Config) validateRelease(doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) { problems = append(problems, doc.errorAt(key, format, args...)) }
	for i, tag := range c.Publish.Tags {
		if !slices.Contains(movingTags, tag) {
			fail(
				fmt.Sprintf("$.publish.tags[%d]", i),
				"unknown tag %q, known are %s",
				tag,
				strings.Join(movingTags, ", "),
			)
		}
	}
	problems = append(problems, validateApproval(doc, c.Publish.Approval)...)
	if name := c.Docs.Rebuild.Repository; name != "" && !githubName().MatchString(name) {
		fail("$.docs.rebuild.repository", "%q is not of the form owner/name", name)
	}
	return append(problems, c.validateVerify(doc)...)
}

// applicationName is module:name, as uvicorn and others take it.
var applicationName = pattern.Lazy(`^[A-Za-z_][\w.]*:[A-Za-z_]\w*$`)

func (c Config) validateContract(doc document) []error {
	if c.Contract.Absent != "" {
		return nil
	}
	var problems []error
	if !applicationName().MatchString(c.Contract.App) {
		problems = append(problems, doc.errorAt("$.contract.app", "%q is not of the form module:name", c.Contract.App))
	}
	problems = append(problems, validateExpect(doc, c.Contract.Expect)...)
	if _, known := c.Environments[c.Contract.Environment]; !known {
		problems = append(problems, doc.errorAt("$.contract.environment", "unknown environment %q, known are %s",
			c.Contract.Environment, strings.Join(slices.Sorted(maps.Keys(c.Environments)), ", ")))
	}
	return problems
}

func validateVersionFile(doc document, place string, versionFile VersionFile) []error {
	if versionFile.Path == "" {
		return []error{doc.errorAt(place, "a version file needs a path")}
	}
	if versionFile.Pattern == "" {
		if !knownVersionFile(versionFile.Path) {
			return []error{
				doc.errorAt(place+".path", "%s needs a pattern that matches its version", versionFile.Path),
			}
		}
		return nil
	}
	pattern, err := regexp.Compile(versionFile.Pattern)
	if err != nil {
		return []error{doc.errorAt(place+".pattern", "%v", err)}
	}
	if pattern.NumSubexp() != 1 {
		return []error{
			doc.errorAt(
				place+".pattern",
				"the pattern needs exactly one group, the version; it has %d",
				pattern.NumSubexp(),
			),
		}
	}
	return nil
}
