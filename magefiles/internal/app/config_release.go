package app

import "slices"

// Versioning says how strictly the version follows the changes.
type Versioning struct {
	// Policy says what happens when the changes ask for a greater version than
	// the tag has: warn tells it, enforce refuses the release.
	Policy string `yaml:"policy" jsonschema:"enum=warn,enum=enforce"`
	// Checks says what tag does when neither releaseCheck nor rehearse has passed
	// for what it is about to tag: warn tells it, enforce refuses.
	Checks string `yaml:"checks" jsonschema:"enum=warn,enum=enforce"`
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
	Compose List[string] `yaml:"compose"`
	// Environment are examples of environment files, as .env.example.
	Environment List[string] `yaml:"environment"`
	// Code are files and folders with Python code that reads the environment.
	Code List[string] `yaml:"code"`
}

// Docs is the documentation.
type Docs struct {
	// Paths are files and folders; when one of them changed, the docs site is
	// rebuilt. * stands for any name.
	Paths List[string] `yaml:"paths"`
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
	// has the version in it. An API alone has none.
	Page Optional[string] `yaml:"page"`
	// Volume is where the app keeps its data in the container.
	Volume Optional[string] `yaml:"volume"`
	// Needs lists services: postgresql starts a database server beside the
	// container, and sets DATABASE_URL. The database stays through an upgrade.
	Needs []string `yaml:"needs" jsonschema:"enum=postgresql"`
	// Env is the container's environment. With needs: [postgresql],
	// {database.user}, {database.password}, {database.host}, {database.port} and
	// {database.name} in a value are replaced, as in
	// postgresql+psycopg://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}.
	Env map[string]string `yaml:"env"`
	// Processes is the command, in the container, that lists what supervisord
	// runs, as supervisorctl status does.
	Processes Optional[[]string] `yaml:"processes"`
	// Probe is the record that is stored before an upgrade and must be there after it.
	Probe Probe `yaml:"probe"`
	// Timeout bounds the time until a started image is healthy.
	Timeout Duration `yaml:"timeout"`
	// Settle is how long it must stay so.
	Settle Duration `yaml:"settle"`
}

// Probe is a record to store through the app's own API.
type Probe struct {
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

// Environ is the container's own environment as "KEY=value".
func (v Verify) Environ() []string { return environ(v.Env) }

// NeedsPostgresql tells whether a database server is started beside the
// container.
func (v Verify) NeedsPostgresql() bool { return slices.Contains(v.Needs, "postgresql") }

// KeepsData tells whether anything is kept from one version to the next, so
// that an upgrade can be verified.
func (v Verify) KeepsData() bool { return v.Volume.Absent == "" || v.NeedsPostgresql() }

// Without names what a started image does not have, each with the reason.
func (v Verify) Without() []string {
	var list []string
	for _, each := range []struct{ key, why string }{
		{"page", v.Page.Absent}, {"processes", v.Processes.Absent}, {"volume", v.Volume.Absent}, {"probe", v.Probe.Absent},
	} {
		if each.why != "" {
			list = append(list, each.key+" ("+each.why+")")
		}
	}
	return list
}
