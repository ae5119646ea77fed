package simulation

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// event is something that happened, in the order of the history.
type event struct {
	at      time.Duration // after the beginning
	who     string
	what    string // for what is no request
	service string
	method  string
	target  string
	fault   string // what went wrong; "" for nothing
	status  int    // of the stand-in's answer; 0 when it was not asked
}

func (s *sim) note(c *call, fault string, status int) {
	s.history = append(
		s.history,
		event{at: time.Since(s.began), who: c.by.name, service: c.service, method: c.request.Method,
			target: target(c.request.URL), fault: fault, status: status},
	)
}

func (s *sim) logf(r *run, format string, args ...any) {
	s.history = append(s.history, event{at: time.Since(s.began), who: r.name, what: fmt.Sprintf(format, args...)})
}

// String says it in words.
func (e event) String() string {
	line := fmt.Sprintf("%9.1fs  %-18s ", e.at.Seconds(), e.who)
	if e.what != "" {
		return line + e.what
	}
	line += inWords(e.service, e.method, e.target)
	if e.status != 0 {
		line += fmt.Sprintf(" → %d", e.status)
	}
	if e.fault != "" {
		line += " [" + e.fault + "]"
	}
	return line
}

// phrases say what a request asks for. The first that matches holds; its groups
// are put in for $1 and so on.
var phrases = func() (all []phrase) {
	for _, each := range [][2]string{
		{`^registry GET /v2/$`, "registry: say hello"},
		{`^registry HEAD .*/manifests/(.*)$`, "registry: look what $1 is"},
		{`^registry GET .*/manifests/(.*)$`, "registry: read the manifest $1"},
		{`^registry PUT .*/manifests/(.*)$`, "registry: PUT THE MANIFEST $1"},
		{`^registry DELETE .*/manifests/(.*)$`, "registry: DELETE THE MANIFEST $1"},
		{`^registry HEAD .*/blobs/(.*)$`, "registry: look for the blob $1"},
		{`^registry GET .*/blobs/(.*)$`, "registry: read the blob $1"},
		{`^registry POST .*`, "registry: begin an upload"},
		{`^registry PATCH .*`, "registry: send a blob"},
		{`^registry PUT .*digest=(.*)$`, "registry: keep the blob $1"},
		{`^discord GET .*`, "Discord: look for the webhook"},
		{`^discord POST .*`, "Discord: POST THE ANNOUNCEMENT"},
		{`^chats POST .*`, "elsewhere: POST THE ANNOUNCEMENT"},
		{`^github GET /downloads/(\d+).*$`, "GitHub: download asset $1"},
		{`^github POST /uploads/.*/releases/(\d+)/assets\?name=(.*)$`, "GitHub: UPLOAD $2 to release $1"},
		{`^github GET .*/releases/assets/(\d+)$`, "GitHub: ask for asset $1"},
		{`^github PATCH .*/releases/assets/(\d+)$`, "GitHub: RENAME asset $1"},
		{`^github DELETE .*/releases/assets/(\d+)$`, "GitHub: DELETE asset $1"},
		{`^github GET .*/releases/(\d+)/assets\?.*$`, "GitHub: list the assets of release $1"},
		{`^github GET .*/releases/latest$`, "GitHub: ask for the latest release"},
		{`^github POST .*/releases/generate-notes$`, "GitHub: ask for the right to release"},
		{`^github GET .*/releases\?.*$`, "GitHub: list the releases"},
		{`^github POST .*/releases$`, "GitHub: CREATE A DRAFT"},
		{`^github GET .*/releases/(\d+)$`, "GitHub: look at release $1"},
		{`^github PATCH .*/releases/(\d+)$`, "GitHub: CHANGE release $1"},
		{`^github DELETE .*/releases/(\d+)$`, "GitHub: DELETE release $1"},
		{`^github PATCH .*/git/refs/(.*)$`, "GitHub: MOVE $1"},
		{`^github GET .*/git/ref/odin-release/(.*)$`, "GitHub: look for the record of $1"},
		{`^github GET .*/contents/release.json\?ref=(.{7}).*$`, "GitHub: read the record $1"},
		{`^github POST .*/git/(.*)$`, "GitHub: MAKE $1"},
		{`^github POST .*/pulls$`, "GitHub: OPEN A PULL REQUEST"},
		{`^github POST .*/dispatches$`, "GitHub: HAVE THE DOCS REBUILT"},
		{`^github GET /repos/[^/]+/[^/]+/(.*)$`, "GitHub: ask for $1"},
		{`^github GET /repos/.*$`, "GitHub: look at the repository"},
	} {
		all = append(all, phrase{regexp.MustCompile(each[0]), each[1]})
	}
	return all
}()

type phrase struct {
	matches *regexp.Regexp
	words   string
}

func inWords(service, method, target string) string {
	asked := service + " " + method + " " + target
	for _, p := range phrases {
		if p.matches.MatchString(asked) {
			return p.matches.ReplaceAllString(asked, p.words)
		}
	}
	names := map[string]string{standin.GitHub: "GitHub: ", standin.Registry: "registry: ", standin.Discord: "Discord: "}
	return names[service] + method + " " + target
}

// report returns the whole history, a line for each event.
func (s *sim) report() string {
	var lines strings.Builder
	for _, e := range s.history {
		fmt.Fprintln(&lines, strings.ReplaceAll(uploads.ReplaceAllString(e.String(), "/blobs/uploads/…"), "\n", "; "))
	}
	return lines.String()
}
