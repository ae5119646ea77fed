package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// databaseValue is a part of the database's address in verify.env.
var databaseValue = pattern.Lazy(`\{database\.[^{}]*\}`)

// DatabaseValues are the parts of the database's address that verify.env can use.
var DatabaseValues = []string{
	"{database.user}",
	"{database.password}",
	"{database.host}",
	"{database.port}",
	"{database.name}",
}

// validateVerify checks how an image is started and probed.
func (c Config) validateVerify(doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) {
		problems = append(problems, doc.errorAt("$.verify."+key, format, args...))
	}
	verify := c.Verify
	if verify.Port < 1 || verify.Port > 65535 {
		fail("port", "%d is not a port", verify.Port)
	}
	problems = append(problems, verify.validateRequests(doc)...)
	paths := map[string]string{"health": verify.Health, "probe.path": verify.Probe.Path}
	if verify.Page.Absent == "" {
		paths["page"] = verify.Page.Value
	}
	if verify.Volume.Absent == "" {
		paths["volume"] = verify.Volume.Value
	}
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		if !strings.HasPrefix(paths[key], "/") {
			fail(key, "%q does not begin with a slash", paths[key])
		}
	}
	for i, need := range verify.Needs {
		if !slices.Contains(services, need) {
			fail(fmt.Sprintf("needs[%d]", i), "unknown service %q, known are %s", need, strings.Join(services, ", "))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(verify.Env)) {
		for _, value := range databaseValue().FindAllString(verify.Env[name], -1) {
			if !verify.NeedsPostgresql() {
				fail("env."+name, "%s needs verify.needs: [postgresql]", value)
			} else if err := onlyPlaceholders(value, DatabaseValues); err != nil {
				fail("env."+name, "%v", err)
			}
		}
	}
	return append(problems, verify.validateProcesses(doc))
}

// validateProcesses refuses an empty command, which would skip the check without a
// reason.
func (v Verify) validateProcesses(doc document) error {
	if v.Processes.Absent != "" || len(v.Processes.Value) > 0 {
		return nil
	}
	return doc.errorAt(
		"$.verify.processes",
		"there is no command that lists the processes: leave the line out to keep the default, "+
			"or write processes: {absent: why} if this app has none",
	)
}
