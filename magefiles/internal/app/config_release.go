package app

import "strings"

// Versioning says how strictly the version must follow the changes.
type Versioning struct {
	// Policy says what happens if the changes require a larger version bump than the tag has: warn reports it,
	// enforce refuses the release.
	// Example: enforce
	Policy string `yaml:"policy" jsonschema:"enum=warn,enum=enforce"`
	// Checks says what tag does if neither releaseCheck nor rehearse has passed for the tree to be tagged: warn
	// reports it, enforce refuses.
	// Example: enforce
	Checks string `yaml:"checks" jsonschema:"enum=warn,enum=enforce"`
	// Reversible promises users that they can go back to the previous release. A release after which the previous
	// image does not work on the migrated data is refused before it becomes public.
	// Example: true
	Reversible bool `yaml:"reversible"`
}

// Migrations are one or more folders of database migrations.
type Migrations struct {
	// Paths are files and folders; * stands for any name.
	// Example: [backend/core/migrations, 'backend/modules/*/migrations']
	Paths []string `yaml:"paths" jsonschema:"required"`
	// Command runs one migration, for the upgrade instructions. {revision}, {file}, {image}, {tag} (of the image)
	// and {version} in it are replaced. If nobody has to run migrations, the upgrade instructions give the reason,
	// once.
	// Example: {absent: the app migrates the database when it starts}
	Command Optional[string] `yaml:"command" jsonschema:"required"`
}

// Settings are the files that define what users can configure. * stands for any name in
// all of them.
type Settings struct {
	// Compose are Docker Compose files.
	Compose List[string] `yaml:"compose"`
	// Environment are examples of environment files, such as .env.example.
	Environment List[string] `yaml:"environment"`
	// Code are files and folders with Python code that reads the environment.
	Code List[string] `yaml:"code"`
}

// Docs are the documentation and how its site is rebuilt.
type Docs struct {
	// Paths are files and folders; when one of them changes, the docs site is rebuilt.
	// * stands for any name.
	Paths List[string] `yaml:"paths"`
	// Rebuild says how the docs site is rebuilt: by an event, a workflow or a command.
	// A workflow takes precedence over an event, and a command over both.
	Rebuild Rebuild `yaml:"rebuild"`
}

// Rebuild says how the docs site is rebuilt.
type Rebuild struct {
	// Repository is the GitHub repository that builds the site, as owner/name; by
	// default the app's own.
	// Example: ada/shop-docs
	Repository string `yaml:"repository"`
	// Event is the type of a repository_dispatch event.
	Event string `yaml:"event"`
	// Payload is the client_payload of that event; {version}, {tag}, {commit} and
	// {repository} in a value are replaced. By default it has version and tag.
	// Example: {version: '{version}', ref: '{commit}'}
	Payload map[string]string `yaml:"payload"`
	// Workflow is the file name of a workflow with workflow_dispatch; it runs on the default branch, without
	// inputs.
	// Example: pages.yml
	Workflow string `yaml:"workflow"`
	// Command is a program and its arguments; it runs in the app's root. In the release workflow it runs in a
	// separate job, without secrets or write permissions.
	// Example: [scripts/publish-docs]
	Command []string `yaml:"command"`
	// Absent says why nothing is rebuilt.
	// Example: the docs are part of the image
	Absent string `yaml:"absent"`
}

// Publish says under which title and image tags a release is published, and with which files.
type Publish struct {
	// Title is the title of the release on GitHub; {version}, {tag} and {app} in it are
	// replaced. {app} is announce.name.
	// Example: O.D.I.N. v{version}
	Title string `yaml:"title"`
	// Attach are further files to attach to the release, with their checksums: from the app's folder or, with dist/
	// before them, from the build's outputs in dist/frontend and dist/vendor. * stands for any name. A file is
	// attached under its name, without its folder.
	// Example: [install/install.sh, 'docs/*.pdf']
	Attach []string `yaml:"attach"`
	// Tags are the moving tags of the image besides its version: latest, and X.Y and X
	// for the newest version of their line.
	// Example: [latest, X.Y, X]
	Tags []string `yaml:"tags" jsonschema:"enum=latest,enum=X.Y,enum=X"`
	// VersionTag is the image tag of a version; {version} in it is replaced. The tags X.Y
	// and X are written in the same way, such as v1.8 and v1.
	// Example: v{version}
	VersionTag string `yaml:"versionTag"`
	// OtherTags are tags of the image that something else publishes. Files of the app may refer to them.
	// Example: [edge, buildcache]
	OtherTags []string `yaml:"otherTags"`
	// Approval is an environment of the repository on GitHub, with required reviewers. There a release waits for a
	// person between verify and promote; release and postRelease ask on the terminal. Without it, a healthy release
	// becomes public at once.
	// Example: production
	Approval string `yaml:"approval"`
}

// Tag returns the image tag of a version, or of the line X.Y or X of versions.
func (p Publish) Tag(version string) string {
	if p.VersionTag == "" { // there is no configuration
		return version
	}
	return strings.ReplaceAll(p.VersionTag, "{version}", version)
}

// Signing says with which key a release is signed.
type Signing struct {
	// Key is the private key, in PEM and not encrypted: a file, or env://NAME for an environment variable. It signs
	// the image and the files of a release, in the formats of cosign 3. Without it, nothing is signed with a key.
	// Example: env://SIGNING_KEY
	Key string `yaml:"key"`
	// VEX is a file in the format of OpenVEX 0.2. It says which findings of scanners do not affect the app, and
	// why. It is attached to the image, signed with the key.
	// Example: security/vex.json
	VEX string `yaml:"vex"`
	// Findings are the same statements, written here instead of in a file.
	Findings []Finding `yaml:"findings"`
}

// Finding is a vulnerability that scanners may report for a release, and whether it affects the app.
type Finding struct {
	// Vulnerability is its name.
	// Example: CVE-2026-0001
	Vulnerability string `yaml:"vulnerability"`
	// Package is the package URL of the package that it was found in, as in the SBOM.
	// Example: pkg:pypi/jinja2@3.1.6
	Package string `yaml:"package"`
	// Status says whether it affects the app: not_affected, affected, fixed or under_investigation.
	// Example: not_affected
	Status string `yaml:"status"`
	// Justification says why it does not affect the app: component_not_present,
	// vulnerable_code_not_present, vulnerable_code_not_in_execute_path,
	// vulnerable_code_cannot_be_controlled_by_adversary or inline_mitigations_already_exist.
	// Example: vulnerable_code_not_in_execute_path
	Justification string `yaml:"justification"`
	// Why explains the status in words. If the app is affected, it says what users should do. It is required unless
	// there is a justification.
	// Example: no template is written by users
	Why string `yaml:"why"`
}

// Variable returns the name of the environment variable with the key, or "" if the key is in a file.
func (s Signing) Variable() string {
	name, _ := strings.CutPrefix(s.Key, keyVariable)
	if name == s.Key {
		return ""
	}
	return name
}

// Announce says where a release is announced: by default in the Discord channel whose
// webhook is the secret DISCORD_WEBHOOK_URL.
type Announce struct {
	// To are the channels, at most one of each kind.
	// Example: [{kind: ntfy}, {kind: slack}]
	To []Destination `yaml:"to"`
	// Name is what the announcement calls the app.
	// Example: My App
	Name string `yaml:"name"`
	// Absent says why nothing is announced.
	// Example: there is no channel
	Absent string `yaml:"absent"`
}

// Destination is a channel in which a release is announced.
type Destination struct {
	// Kind is the service. The address of the channel is a secret, in an environment variable: DISCORD_WEBHOOK_URL
	// for discord, SLACK_WEBHOOK_URL for slack, MATTERMOST_WEBHOOK_URL for mattermost, NTFY_URL for an ntfy topic,
	// and ANNOUNCE_WEBHOOK_URL for any other webhook.
	// Example: mattermost
	Kind string `yaml:"kind" jsonschema:"required,enum=discord,enum=slack,enum=mattermost,enum=ntfy,enum=webhook"`
	// Body is what is posted to a webhook, as JSON or as text; {title}, {app}, {version},
	// {tag}, {commit}, {url}, {changes}, {image} and {digest} in it are replaced.
	// Example: '{"text": "{title}: {url}"}'
	Body string `yaml:"body"`
}

// Changelog says how changes are described.
type Changelog struct {
	// File is the changelog in the format of Keep a Changelog; if it exists, tag adds a
	// section to it.
	File string `yaml:"file"`
	// Written says how to use the text that people write in that file, under the heading of the version or, without
	// one, under Unreleased: before puts it before the list of changes from the commits, instead replaces that
	// list. tag moves the text under Unreleased to the section of the version. By default the text is not read.
	// Example: before
	Written string `yaml:"written" jsonschema:"enum=before,enum=instead"`
	// Sections are the headings, in order. Commit types that no section lists appear
	// under "Other changes".
	Sections []Section `yaml:"sections"`
}

// Section is a heading and the commit types that go under it.
type Section struct {
	// Title is the heading.
	// Example: Translations
	Title string `yaml:"title" jsonschema:"required"`
	// Types are the types of Conventional Commits.
	// Example: [i18n]
	Types []string `yaml:"types" jsonschema:"required"`
}
