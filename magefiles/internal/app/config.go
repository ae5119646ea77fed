package app

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Config is release.yaml merged over the defaults (defaults.yaml): everything that may
// differ between apps. Paths are relative to the app's root and use forward slashes.
type Config struct {
	// Backend says where the backend is.
	Backend Backend `yaml:"backend"`
	// Frontend says where the frontend is.
	Frontend Frontend `yaml:"frontend"`
	// Environments are the Python environments that checks and suites run in. An entry with
	// the name of a default environment changes that environment; any other is added.
	Environments map[string]Environment `yaml:"environments"`
	// Checks are what lint runs, concurrently. An entry with the name of a default check changes that check; any
	// other entry is added.
	Checks []Step `yaml:"checks"`
	// Suites are what test runs. Entries merge by name, as for checks.
	Suites []Step `yaml:"suites"`
	// Contract says where the API's routes and its committed spec are.
	Contract Contract `yaml:"contract"`
	// Repository says what an app in a folder needs of the repository around it.
	Repository Repository `yaml:"repository"`
	// VersionFiles are the files that contain the app's version.
	VersionFiles List[VersionFile] `yaml:"versionFiles"`
	// Versioning says how strictly the version must follow the changes.
	Versioning Versioning `yaml:"versioning"`
	// Migrations are the database migrations, whose effects the release notes explain.
	Migrations List[Migrations] `yaml:"migrations"`
	// Settings are the files that define what users can configure.
	Settings Settings `yaml:"settings"`
	// Docs are the documentation and how its site is rebuilt.
	Docs Docs `yaml:"docs"`
	// Build says what a release consists of.
	Build Build `yaml:"build"`
	// Publish says under which title and image tags a release is published, and with which files.
	Publish Publish `yaml:"publish"`
	// Signing says with which key a release is signed.
	Signing Signing `yaml:"signing"`
	// Verify says when a started image is healthy.
	Verify Verify `yaml:"verify"`
	// Announce says where a release is announced.
	Announce Announce `yaml:"announce"`
	// Changelog says how changes are described.
	Changelog Changelog `yaml:"changelog"`
	// Postgresql is the database server for suites that need one.
	Postgresql Postgresql `yaml:"postgresql"`
}

// Repository says what an app in a folder reads from the repository around it.
type Repository struct {
	// Inputs are files and folders, relative to the root of the repository, that checks, suites and builds read
	// besides those of the app. They cannot read anything else outside of the app, and they run again when one of
	// these changes. "." means the whole repository.
	// Example: [libs/common, pyproject.toml]
	Inputs []string `yaml:"inputs"`
}

// Backend is the part of the app that runs with Python.
type Backend struct {
	// Directory is the folder of the backend. The defaults of other settings contain it, as {backend}.
	// Example: api
	Directory string `yaml:"directory"`
}

// Frontend is the part of the app that is built with Node.js.
type Frontend struct {
	// Directory is the folder of the frontend. The defaults of other settings contain it, as {frontend}.
	// Example: web
	Directory string `yaml:"directory"`
}

// Environment is a Python environment. It is cached and recreated only when one of its
// files changes.
type Environment struct {
	// Python is the interpreter's version, 3.10 to 3.14, such as "3.11".
	// Example: "3.12"
	Python string `yaml:"python"`
	// Requirements are the requirements files to install. Hashes in them are checked. Files that they include (-r,
	// -c) count too.
	// Example: [backend/requirements-dev.lock]
	Requirements []string `yaml:"requirements"`
	// Packages are packages to install besides the requirements, each at one version. They are for tools that no
	// file of the app pins. Their hashes are not checked.
	// Example: [pytest==8.3.5]
	Packages []string `yaml:"packages"`
	// Project is the folder of a uv or Poetry project (pyproject.toml with uv.lock or
	// poetry.lock), used instead of requirements.
	// Example: backend
	Project string `yaml:"project"`
}

// Step is one check or one suite.
type Step struct {
	// Name is the step's name and, for the default ones, its target.
	// Example: licences
	Name string `yaml:"name" jsonschema:"required"`
	// Kind is the tool: ruff, mypy, eslint, tsc (checks), pytest, vitest, playwright,
	// contract (suites), or command (both).
	// Example: command
	Kind string `yaml:"kind" jsonschema:"enum=ruff,enum=mypy,enum=eslint,enum=tsc,enum=pytest,enum=vitest,enum=playwright,enum=contract,enum=command"`
	// Directory is the folder the tool runs in.
	// Example: backend
	Directory string `yaml:"directory"`
	// Environment names the Python environment the tool comes from.
	// Example: backend
	Environment string `yaml:"environment"`
	// Paths are what the tool checks, relative to the directory.
	// Example: [app, tests]
	Paths []string `yaml:"paths"`
	// Args are additional arguments for the tool.
	// Example: [--quiet]
	Args []string `yaml:"args"`
	// Command is the program and its arguments, for kind command. A suite
	// writes its JUnit report to the file that $JUNIT_FILE names.
	// Example: [scripts/licences, --strict]
	Command []string `yaml:"command"`
	// Tools are programs of the machine that a command runs, such as go. The step runs again if one of them is
	// replaced.
	// Example: [go]
	Tools []string `yaml:"tools"`
	// Env is added to the tool's environment.
	// Example: {TZ: UTC}
	Env map[string]string `yaml:"env"`
	// Needs lists services. postgresql sets TEST_DATABASE_URL. A suite that needs the image runs after the build:
	// the image is started as verify says, and BASE_URL, APP_EXEC and the values of verify.before describe it.
	// Example: [postgresql]
	Needs []string `yaml:"needs"`
	// Inputs are paths that the step reads besides its own side of the app: a backend step does not see the
	// frontend's folders unless they are named here, and vice versa. .git gives it the repository.
	// Example: [backend/openapi.json, .git]
	Inputs []string `yaml:"inputs"`
	// Reuse says whether a stored result is reused. never is for a step whose result depends on more than files,
	// tools and the environment; it runs each time.
	// Example: never
	Reuse string `yaml:"reuse" jsonschema:"enum=never"`
	// Advisory means that the findings of a check do not make it fail. They are counted in tables and summaries. A
	// check whose tool cannot run still fails. For a command, an exit code other than 0 is one finding.
	// Example: true
	Advisory bool `yaml:"advisory"`
	// Baseline is a committed file with the known findings of a check: how many of each rule are in each file. More
	// findings than that make the check fail. lint -update creates the file; later it only removes findings that
	// were fixed.
	// Example: backend/lint-baseline.txt
	Baseline string `yaml:"baseline"`
	// Timeout stops a tool that hangs, such as "5m".
	// Example: 5m
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app does not have this step. The step is listed but never
	// run.
	// Example: the app has no types to check
	Absent string `yaml:"absent"`

	place string // place in release.yaml that sets it, for errors
}

// Contract says how to get the app's routes, and which spec they should match.
type Contract struct {
	// App is the application or its factory, as "module:name".
	// Example: app.main:app
	App string `yaml:"app"`
	// Directory is the folder that the module is imported from.
	Directory string `yaml:"directory"`
	// Environment names the Python environment to import it in.
	Environment string `yaml:"environment"`
	// Spec is the committed OpenAPI document (JSON or YAML). Without one, the routes of the last release and of the
	// next one are compared: the plan imports the app at both, in separate environments.
	// Example: {absent: none is committed}
	Spec Optional[string] `yaml:"spec"`
	// Expect is what the app must contain, whatever its spec says. It finds modules that the app failed to import:
	// an app that only logs such a failure would silently have fewer routes.
	Expect Expect `yaml:"expect"`
	// Env is added to the environment in which the app is imported.
	// Example: {DATABASE_URL: "sqlite://"}
	Env map[string]string `yaml:"env"`
	// Absent says why this app has no routes to check.
	// Example: the app has no API
	Absent string `yaml:"absent"`
	// OptionalModules are modules that may fail to import without an error.
	// Example: [cv2]
	OptionalModules []string `yaml:"optionalModules"`
}

// Expect is what an app must contain, so that its API does not shrink unnoticed.
type Expect struct {
	// Modules are modules that must be imported with the app; * stands for any name.
	// Example: ['modules.*.routes']
	Modules []string `yaml:"modules"`
	// Routes is the lowest number of routes of the app. Each method of a path counts as one.
	// Example: 120
	Routes int `yaml:"routes"`
}

// VersionFile is a file that contains the version. Its place in package.json,
// package-lock.json, pyproject.toml, uv.lock and VERSION is known; any other file needs
// a pattern.
type VersionFile struct {
	// Path is the file.
	// Example: docker-compose.yml
	Path string `yaml:"path" jsonschema:"required"`
	// Pattern is a regular expression (RE2) whose only group is the version.
	// Example: 'image: ghcr\.io/ada/shop:(\S+)'
	Pattern string `yaml:"pattern"`
	// Every means that each match of the pattern is a version, however many there are;
	// without it there must be exactly one match.
	// Example: true
	Every bool `yaml:"every"`
	// Optional means that the file may be missing.
	// Example: true
	Optional bool `yaml:"optional"`
}

// Postgresql says which database server to start when TEST_DATABASE_URL is not set.
type Postgresql struct {
	// Image is the container image to start.
	Image string `yaml:"image"`
}

// Duration is a length of time, written as "90s" or "5m".
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

// Environ returns the step's environment as "KEY=value", sorted by key.
func (s Step) Environ() []string { return environ(s.Env) }

func environ(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, key := range slices.Sorted(maps.Keys(env)) {
		list = append(list, key+"="+env[key])
	}
	return list
}

// Environ returns the contract's environment as "KEY=value".
func (c Contract) Environ() []string { return environ(c.Env) }
