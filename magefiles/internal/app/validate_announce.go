package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// ChannelKinds are the kinds of announce.to, in the order in which a release is announced.
var ChannelKinds = []string{"discord", "slack", "mattermost", "ntfy", "webhook"}

var payloadPlaceholders = []string{"{version}", "{tag}", "{commit}", "{repository}"}

// maxPayload is how many properties GitHub takes at the top of a client_payload
// (https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event).
const maxPayload = 10

// validateAnnounce checks where a release is announced.
func validateAnnounce(c Config, doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) { problems = append(problems, doc.errorAt(key, format, args...)) }
	seen := map[string]bool{}
	for i, to := range c.Announce.To {
		key := fmt.Sprintf("$.announce.to[%d]", i)
		switch {
		case !slices.Contains(ChannelKinds, to.Kind):
			fail(key+".kind", "unknown kind %q, expected one of %s", to.Kind, strings.Join(ChannelKinds, ", "))
		case seen[to.Kind]:
			fail(key+".kind", "there are two channels of the kind %s, and one address: leave one of them out", to.Kind)
		case to.Kind != "webhook" && to.Body != "":
			fail(key+".body", "only a webhook has a body of its own: leave it out, or use kind: webhook")
		case to.Kind == "webhook":
			if _, err := ParseTemplate(to.Body, AnnouncementPlaceholders); err != nil {
				fail(key+".body", "the body of the webhook: %v", err)
			}
		}
		seen[to.Kind] = true
	}
	if len(c.Announce.To) == 0 && c.Announce.Absent == "" {
		fail("$.announce.to", "there is no channel: name one, or say in announce.absent why nothing is announced")
	}
	return append(problems, validatePayload(c, doc)...)
}

// validatePayload checks the payload for the site of the docs.
func validatePayload(c Config, doc document) []error {
	var problems []error
	payload := c.Docs.Rebuild.Payload
	if len(payload) > maxPayload {
		problems = append(problems, doc.errorAt("$.docs.rebuild.payload",
			"GitHub takes at most %d entries, and these are %d", maxPayload, len(payload)))
	}
	for _, name := range slices.Sorted(maps.Keys(payload)) {
		if err := knownPlaceholders(payload[name], payloadPlaceholders); err != nil {
			problems = append(problems, doc.errorAt("$.docs.rebuild.payload."+name, "%v", err))
		}
	}
	return problems
}

// modulePattern is the name of a module, with * for any name or a part of one.
var modulePattern = pattern.Lazy(`^[A-Za-z_*][\w*]*(\.[A-Za-z_*][\w*]*)*$`)

// validateExpect checks what the app is expected to contain.
func validateExpect(doc document, expect Expect) []error {
	var problems []error
	for i, module := range expect.Modules {
		if !modulePattern().MatchString(module) {
			problems = append(problems, doc.errorAt(fmt.Sprintf("$.contract.expect.modules[%d]", i),
				"%q is not the name of a module, such as modules.printers.routes; * stands for any name", module))
		}
	}
	if expect.Routes < 0 {
		problems = append(
			problems,
			doc.errorAt("$.contract.expect.routes", "%d is not a number of routes", expect.Routes),
		)
	}
	return problems
}
