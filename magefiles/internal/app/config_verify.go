package app

import "slices"

// Verify says how an image is started and when it counts as healthy.
type Verify struct {
	// Port is the port that the app listens on in its container.
	Port int `yaml:"port"`
	// Health is the path that answers with a JSON object whose version is the app's
	// version.
	// Example: /health
	Health string `yaml:"health"`
	// Page is the path of the frontend's page. The page, or a script that it loads,
	// must contain the version. An app that is only an API has none.
	// Example: {absent: an API alone}
	Page Optional[string] `yaml:"page"`
	// Volume is where the app keeps its data in the container.
	// Example: {absent: all is in the database}
	Volume Optional[string] `yaml:"volume"`
	// Needs lists services: postgresql starts a database server beside the container
	// and sets DATABASE_URL. The database is kept through an upgrade.
	// Example: [postgresql]
	Needs []string `yaml:"needs" jsonschema:"enum=postgresql"`
	// Env is the container's environment. With needs: [postgresql],
	// {database.user}, {database.password}, {database.host}, {database.port} and
	// {database.name} in a value are replaced, as in
	// postgresql+psycopg://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}.
	// {secret} is a random password, another one for each verification.
	// Example: {LOG_LEVEL: debug}
	Env map[string]string `yaml:"env"`
	// Processes is a command, run in the container, that lists the programs of
	// supervisord as supervisorctl status does.
	// Example: {absent: one process}
	Processes Optional[[]string] `yaml:"processes"`
	// Headers are sent with each request to the image as soon as the values in them are known: {secret}, and those
	// taken by before.
	// Example: {X-API-Key: '{secret}'}
	Headers map[string]string `yaml:"headers"`
	// Before are requests that are made in order when the image is healthy, before the probe: for example, to
	// create the first administrator, or to log in.
	Before []Request `yaml:"before"`
	// After are requests that must be answered after an upgrade.
	After []Answer `yaml:"after"`
	// Probe is the record that is stored before an upgrade and must still exist after
	// it.
	Probe Probe `yaml:"probe"`
	// Timeout limits the time until a started image is healthy; under emulation it is
	// twice as long.
	Timeout Duration `yaml:"timeout"`
	// Settle is how long it must stay healthy.
	Settle Duration `yaml:"settle"`
}

// Probe is a record to store through the app's own API.
type Probe struct {
	// Path is where a POST stores the record and a GET lists all records.
	// Example: /items
	Path string `yaml:"path"`
	// Body is the record, as JSON. {secret}, and values taken by before, are replaced.
	// Example: '{"name": "kept"}'
	Body string `yaml:"body"`
	// Absent says why no record can be stored.
	// Example: the API only reads
	Absent string `yaml:"absent"`
}

// Request is a request to a started image. {secret}, and values taken by earlier requests, are replaced in its
// path, headers and body.
type Request struct {
	// Path is the path of the request.
	// Example: /api/v1/setup
	Path string `yaml:"path" jsonschema:"required"`
	// Method is POST by default, and GET without a body.
	// Example: PUT
	Method string `yaml:"method"`
	// Headers are sent in addition to those of verify.headers.
	// Example: {X-Setup: 'yes'}
	Headers map[string]string `yaml:"headers"`
	// Body is JSON or, if it is not valid JSON, a form such as username=admin&password={secret}.
	// Example: '{"username": "admin", "password": "{secret}"}'
	Body string `yaml:"body"`
	// Status is the expected status; by default any from 200 to 299.
	// Example: 201
	Status int `yaml:"status"`
	// Take gives names to values of the JSON answer. A value is given by the keys on its path, separated by dots;
	// the entries of a list are numbered from 0.
	// Example: {token: data.access_token}
	Take map[string]string `yaml:"take"`
	// Once means that the request is only made to an app without data: it is not repeated after an upgrade.
	// Example: true
	Once bool `yaml:"once"`
}

// Answer is what a started image must answer.
type Answer struct {
	// Path is the path of a GET request.
	// Example: /api/v1/users
	Path string `yaml:"path" jsonschema:"required"`
	// Status is the expected status; by default 200.
	// Example: 401
	Status int `yaml:"status"`
	// Has is JSON that the answer must contain, found in the same way as the probe's record.
	// Example: '{"username": "admin"}'
	Has string `yaml:"has"`
}

// Environ returns the container's environment as "KEY=value".
func (v Verify) Environ() []string { return environ(v.Env) }

// NeedsPostgresql reports whether a database server is started beside the container.
func (v Verify) NeedsPostgresql() bool { return slices.Contains(v.Needs, "postgresql") }

// KeepsData reports whether data is kept from one version to the next, which means that an upgrade can be verified.
func (v Verify) KeepsData() bool { return v.Volume.Absent == "" || v.NeedsPostgresql() }

// Without names what a started image lacks, with the reasons.
func (v Verify) Without() []string {
	var list []string
	for _, each := range []struct{ key, why string }{
		{
			"page",
			v.Page.Absent,
		}, {"processes", v.Processes.Absent}, {"volume", v.Volume.Absent}, {"probe", v.Probe.Absent},
	} {
		if each.why != "" {
			list = append(list, each.key+" ("+each.why+")")
		}
	}
	return list
}
