package app

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Config is release.yaml laid over the defaults (defaults.yaml): everything
// that may differ from one app to another. Paths are relative to the app's
// root and use forward slashes.
type Config struct {
	// Environments are the Python environments that checks and suites run in.
	Environments map[string]Environment `yaml:"environments"`
	// Checks are what lint runs, side by side. An entry with the name of a
	// default check changes that check; any other is added.
	Checks []Step `yaml:"checks"`
	// Suites are what test runs. Entries merge by name like checks.
	Suites []Step `yaml:"suites"`
	// Contract says where the API's routes and its committed spec are.
	Contract Contract `yaml:"contract"`
	// Carriers are the files that carry the app's version.
	Carriers []Carrier `yaml:"carriers"`
	// Versioning says how strictly the version follows the changes.
	Versioning Versioning `yaml:"versioning"`
	// Migrations are the database migrations, whose effects a release tells.
	Migrations []Migrations `yaml:"migrations"`
	// Settings are the files that say what can be set from outside.
	Settings Settings `yaml:"settings"`
	// Docs is the documentation.
	Docs Docs `yaml:"docs"`
	// Build says what a release is made of.
	Build Build `yaml:"build"`
	// Publish says under which names a release is found.
	Publish Publish `yaml:"publish"`
	// Verify says when a started image is healthy.
	Verify Verify `yaml:"verify"`
	// Announce says where a release is announced.
	Announce Announce `yaml:"announce"`
	// Changelog says how changes are told.
	Changelog Changelog `yaml:"changelog"`
	// Postgresql is the database server for suites that need one.
	Postgresql Postgresql `yaml:"postgresql"`
}

// Environment is a Python environment, kept in the user's cache and made
// afresh only when one of its files changes.
type Environment struct {
	// Python is the interpreter's version, such as "3.11".
	Python string `yaml:"python"`
	// Requirements are requirement files to install; hashes in them are checked.
	// Files that they include (-r, -c) count too.
	Requirements []string `yaml:"requirements"`
	// Project is the folder of a uv project (pyproject.toml and uv.lock), used
	// instead of requirements.
	Project string `yaml:"project"`
}

// Step is one check or one suite.
type Step struct {
	// Name is the step's name and, for the default ones, its target.
	Name string `yaml:"name" jsonschema:"required"`
	// Kind is the tool: ruff, mypy, eslint, tsc (checks), pytest, vitest,
	// contract (suites), or command (both).
	Kind string `yaml:"kind" jsonschema:"enum=ruff,enum=mypy,enum=eslint,enum=tsc,enum=pytest,enum=vitest,enum=contract,enum=command"`
	// Directory is the folder the tool runs in.
	Directory string `yaml:"directory"`
	// Environment names the Python environment the tool comes from.
	Environment string `yaml:"environment"`
	// Paths are what the tool looks at, relative to the directory.
	Paths []string `yaml:"paths"`
	// Args are further arguments to the tool.
	Args []string `yaml:"args"`
	// Command is the program and its arguments, for kind command. A suite
	// writes its JUnit report to the file that $JUNIT_FILE names.
	Command []string `yaml:"command"`
	// Env is added to the tool's environment.
	Env map[string]string `yaml:"env"`
	// Needs lists services: postgresql gives TEST_DATABASE_URL.
	Needs []string `yaml:"needs"`
	// Timeout ends a tool that hangs, such as "5m".
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app does not have this step; it is listed, never run.
	Absent string `yaml:"absent"`

	place string // where release.yaml describes it, for errors
}

// Contract is how to ask the app for its routes, and the spec they should match.
type Contract struct {
	// App is the application or its factory, as "module:name".
	App string `yaml:"app"`
	// Directory is the folder that the module is imported from.
	Directory string `yaml:"directory"`
	// Environment names the Python environment to import it in.
	Environment string `yaml:"environment"`
	// Spec is the committed OpenAPI document (JSON or YAML).
	Spec string `yaml:"spec"`
	// Env is added to the environment that the app is imported in.
	Env map[string]string `yaml:"env"`
	// Absent says why this app's routes cannot be asked for.
	Absent string `yaml:"absent"`
	// OptionalModules may fail to import without an error.
	OptionalModules []string `yaml:"optionalModules"`
}

// Carrier is a file that carries the version. The place in package.json,
// package-lock.json, pyproject.toml, uv.lock and VERSION is known; any other
// file says it by a pattern.
type Carrier struct {
	// Path is the file.
	Path string `yaml:"path" jsonschema:"required"`
	// Pattern is a regular expression (RE2) whose one group is the version.
	Pattern string `yaml:"pattern"`
	// Every says that the version stands at each match of the pattern, however
	// many there are; without it there must be exactly one.
	Every bool `yaml:"every"`
	// Optional carriers may be missing.
	Optional bool `yaml:"optional"`
}

// Build says what is built and from what.
type Build struct {
	// Frontend is the Vite bundle.
	Frontend Bundle `yaml:"frontend"`
	// Vendor is the locked and vendored Python dependencies.
	Vendor Vendor `yaml:"vendor"`
	// Image is the container image.
	Image Image `yaml:"image"`
}

// Bundle is the frontend build.
type Bundle struct {
	// Directory is the folder with vite.config and package-lock.json.
	Directory string `yaml:"directory"`
	// Env is added to the build's environment.
	Env map[string]string `yaml:"env"`
	// Timeout ends a build that hangs.
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app has no frontend bundle.
	Absent string `yaml:"absent"`
}

// Vendor is the Python dependencies of the image, as wheels for each platform.
type Vendor struct {
	// Source is what the lock is compiled from: pyproject.toml or requirements.in.
	Source string `yaml:"source"`
	// Lock is a requirements file with a hash for every distribution.
	Lock string `yaml:"lock"`
	// Python is the version that the image runs, such as "3.11".
	Python string `yaml:"python"`
	// Absent says why nothing is vendored.
	Absent string `yaml:"absent"`
}

// Image is the container image of a release.
type Image struct {
	// Name is the image's repository, such as ghcr.io/owner/name, without a tag.
	Name string `yaml:"name"`
	// Context is the build context's folder.
	Context string `yaml:"context"`
	// Dockerfile is the file to build.
	Dockerfile string `yaml:"dockerfile"`
	// Platforms are the platforms to build, such as linux/amd64.
	Platforms []string `yaml:"platforms"`
	// Args are build arguments.
	Args map[string]string `yaml:"args"`
	// Builder names a Buildx builder to use.
	Builder string `yaml:"builder"`
	// Timeout ends a build that hangs.
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app has no image.
	Absent string `yaml:"absent"`
}

// Versioning says how strictly the version follows the changes.
type Versioning struct {
	// Policy says what happens when the changes ask for a greater version than
	// the tag has: warn tells it, enforce refuses the release.
	Policy string `yaml:"policy" jsonschema:"enum=warn,enum=enforce"`
}

// Migrations are a folder or more of database migrations.
type Migrations struct {
	// Paths are files and folders; * stands for any name.
	Paths []string `yaml:"paths" jsonschema:"required"`
	// Command is what runs one of them, for the upgrade instructions; in it
	// {revision}, {file}, {image} and {version} are replaced.
	Command string `yaml:"command" jsonschema:"required"`
}

// Settings are the files that say what can be set from outside. In all of
// them * stands for any name.
type Settings struct {
	// Compose are Docker Compose files.
	Compose []string `yaml:"compose"`
	// Environment are examples of environment files, as .env.example.
	Environment []string `yaml:"environment"`
	// Code are files and folders with Python code that reads the environment.
	Code []string `yaml:"code"`
}

// Docs is the documentation.
type Docs struct {
	// Paths are files and folders; when one of them changed, the docs site is
	// rebuilt. * stands for any name.
	Paths []string `yaml:"paths"`
	// Rebuild says how the docs site is rebuilt.
	Rebuild Rebuild `yaml:"rebuild"`
}

// Rebuild is how the docs site is rebuilt: by an event, by a workflow or by a
// command. A workflow wins over an event, a command over both.
type Rebuild struct {
	// Repository is the GitHub repository that the site is built in, as
	// owner/name; the app's own when there is none.
	Repository string `yaml:"repository"`
	// Event is the type of a repository_dispatch event; its payload has version
	// and tag.
	Event string `yaml:"event"`
	// Workflow is the file name of a workflow with workflow_dispatch; it runs on
	// the default branch, without inputs.
	Workflow string `yaml:"workflow"`
	// Command is a program and its arguments; it runs in the app's root.
	Command []string `yaml:"command"`
	// Absent says why nothing is rebuilt.
	Absent string `yaml:"absent"`
}

// Publish says under which names a release is found.
type Publish struct {
	// Tags are the image's moving tags besides its version: latest, and X.Y and X
	// for the newest of their line.
	Tags []string `yaml:"tags" jsonschema:"enum=latest,enum=X.Y,enum=X"`
}

// Verify says how an image is started and when it counts as healthy.
type Verify struct {
	// Port is the port that the app listens on in its container.
	Port int `yaml:"port"`
	// Health is the path that answers with a JSON object whose version is the
	// app's.
	Health string `yaml:"health"`
	// Page is the path of the frontend's page: it, or a script that it names,
	// has the version in it.
	Page string `yaml:"page"`
	// Volume is where the app keeps its data in the container.
	Volume string `yaml:"volume"`
	// Env is the container's environment.
	Env map[string]string `yaml:"env"`
	// Processes is the command, in the container, that lists what supervisord
	// runs, as supervisorctl status does.
	Processes []string `yaml:"processes"`
	// Record is what is stored before an upgrade and must be there after it.
	Record Sample `yaml:"record"`
	// Timeout bounds the time until a started image is healthy.
	Timeout Duration `yaml:"timeout"`
	// Settle is how long it must stay so.
	Settle Duration `yaml:"settle"`
}

// Sample is a record to store through the app's own API.
type Sample struct {
	// Path is where a POST stores the record and a GET gives all of them.
	Path string `yaml:"path"`
	// Body is the record, as JSON.
	Body string `yaml:"body"`
	// Absent says why no record can be stored.
	Absent string `yaml:"absent"`
}

// Announce says where a release is announced: in the Discord channel whose
// webhook is the secret DISCORD_WEBHOOK_URL.
type Announce struct {
	// Name is what the announcement calls the app.
	Name string `yaml:"name"`
	// Absent says why nothing is announced.
	Absent string `yaml:"absent"`
}

// Changelog says how changes are told.
type Changelog struct {
	// File is the changelog that people read, in the form of Keep a Changelog;
	// tagging adds a section to it when it is there.
	File string `yaml:"file"`
	// Sections are the headings, in order. Commit types that none of them has
	// are told under "Other changes".
	Sections []Section `yaml:"sections"`
}

// Section is a heading and the commit types that go under it.
type Section struct {
	// Title is the heading.
	Title string `yaml:"title" jsonschema:"required"`
	// Types are the types of Conventional Commits.
	Types []string `yaml:"types" jsonschema:"required"`
}

// Postgresql is where a database server comes from when TEST_DATABASE_URL
// gives none.
type Postgresql struct {
	// Image is the container image to start.
	Image string `yaml:"image"`
}

// Duration is a length of time, written like "90s" or "5m".
type Duration time.Duration

// UnmarshalYAML reads a duration in Go's notation.
func (d *Duration) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	parsed, err := parseDuration(text)
	*d = parsed
	return err
}

func parseDuration(text string) (Duration, error) {
	parsed, err := time.ParseDuration(text)
	if err != nil || parsed <= 0 {
		return 0, fmt.Errorf("%q is not a length of time such as 90s or 5m", text)
	}
	return Duration(parsed), nil
}

// Environ is the step's own environment as "KEY=value", in order of the keys.
func (s Step) Environ() []string { return environ(s.Env) }

func environ(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, key := range slices.Sorted(maps.Keys(env)) {
		list = append(list, key+"="+env[key])
	}
	return list
}

// Environ is the build's own environment as "KEY=value".
func (b Bundle) Environ() []string { return environ(b.Env) }

// Environ is the container's own environment as "KEY=value".
func (v Verify) Environ() []string { return environ(v.Env) }

// Environ is the contract's own environment as "KEY=value".
func (c Contract) Environ() []string { return environ(c.Env) }
