package detect

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var (
	exposed    = pattern.Lazy(`(?m)^EXPOSE\s+(\d+)`)
	supervised = pattern.Lazy(`supervisord\b[^\n]*?["' ]-c["', ]+(/[\w./-]+)`)
	ported     = pattern.Lazy(`--port[=", ]+(\d+)`)
	volume     = pattern.Lazy(`(?m)^VOLUME\s+\[?"?(/[^\s"\],]+)`)
	probed     = pattern.Lazy(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0)` +
		`(?::[^/\s'"]+(?:\["[^"]+"\]\})?)?(/[\w/.-]*health[\w/.-]*)`) // the port may be an expression
	routed   = pattern.Lazy(`\.get\(\s*["'](/[\w/.-]*health[\w/.-]*)["']`)
	postgres = pattern.Lazy(`(?:^|/)(?:postgres|postgis|timescaledb)[:/@]?`)
)

// verifySearch sets how a started image is verified.
type verifySearch struct{ *search }

// verify sets how a started image is verified.
func (s verifySearch) verify() {
	if s.image.dockerfile == "" {
		return
	}
	endpoints := s.endpoints()
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(s.port())
	add(s.health(endpoints))
	if !s.node.found {
		add("page: " + absent("no frontend"))
	}
	add(s.processes())
	keeps := s.data(add)
	if keeps {
		add(s.probe(endpoints))
	}
	if len(lines) == 0 {
		return
	}
	s.set("verify", "verify:")
	for _, line := range lines {
		s.set("verify", "  %s", line)
	}
}

// processes finds how the programs of supervisord are listed: with the configuration that
// the image starts it with.
func (s verifySearch) processes() string {
	if !strings.Contains(s.read(s.image.dockerfile), "supervisor") {
		s.fact("processes", "one", s.image.dockerfile+" does not name supervisord")
		return "processes: " + absent("no supervisord")
	}
	usual := s.defaults.Verify.Processes.Value
	place, groups := s.match(s.image.dockerfile, supervised())
	if groups == nil || slices.Contains(usual, groups[1]) {
		return ""
	}
	s.fact("processes", "those of supervisord", place)
	return "processes: " + sequence([]string{"supervisorctl", "-c", groups[1], "status"}) + " # " + place
}

// port finds the port that the app listens on.
func (s verifySearch) port() string {
	for _, pattern := range []*regexp.Regexp{exposed(), ported()} {
		place, groups := s.match(s.image.dockerfile, pattern)
		if groups == nil {
			continue
		}
		s.fact("port", groups[1], place)
		if groups[1] == "8000" {
			return ""
		}
		return "port: " + groups[1] + " # " + place
	}
	s.ask(
		"verify.port",
		s.image.dockerfile+" has no EXPOSE; does the app listen on the port 8000?",
		"verify: {port: 8000}",
	)
	s.fact("port", "8000", "the default")
	return ""
}

// health finds the path that answers with the version: the one that the image or a
// Compose file asks, else one of the spec, else one of a route.
func (s verifySearch) health(endpoints map[string]map[string]any) string {
	found, why := s.healthAsked()
	if found == "" {
		found, why = s.healthRoute(endpoints)
	}
	if found == "" {
		s.ask("verify.health", "which path answers with a JSON object that has the version? No file names one",
			"verify: {health: /health}")
		s.fact("health path", "/api/v1/health", "the default")
		return ""
	}
	s.fact("health path", found, why)
	if found == "/api/v1/health" {
		return ""
	}
	return "health: " + scalar(found) + " # " + why
}

// healthAsked finds the path of a health check of the image or of a Compose file.
func (s verifySearch) healthAsked() (found, why string) {
	files := []string{s.image.dockerfile}
	for _, each := range s.compose {
		files = append(files, each.file)
	}
	for _, file := range files {
		if place, groups := s.match(file, probed()); groups != nil {
			return groups[1], place
		}
	}
	return "", ""
}

// healthRoute finds a path with health in the spec. A path in the code may lack a prefix, so it becomes a question.
func (s verifySearch) healthRoute(endpoints map[string]map[string]any) (found, why string) {
	for _, each := range slices.Sorted(maps.Keys(endpoints)) {
		if strings.Contains(each, "health") {
			return each, "the OpenAPI spec"
		}
	}
	if !s.python.found {
		return "", ""
	}
	for _, file := range s.under(s.python.imports) {
		if !strings.HasSuffix(file, ".py") || isTest(file) {
			continue
		}
		if place, groups := s.match(file, routed()); groups != nil {
			s.ask("verify.health", "is "+groups[1]+" the whole path of the route in "+place+
				", and does it answer with the version?", "verify: {health: "+groups[1]+"}")
			return groups[1], place
		}
	}
	return "", ""
}

// data finds where the app keeps its data: in a volume, in PostgreSQL, or nowhere.
func (s verifySearch) data(add func(string)) (keeps bool) {
	if place, groups := s.match(s.image.dockerfile, volume()); groups != nil {
		s.fact("data", groups[1], place)
		if groups[1] != "/data" {
			add("volume: " + scalar(groups[1]) + " # " + place)
		}
		return true
	}
	why := s.image.dockerfile + " has no VOLUME"
	if _, file := s.service(func(of service) bool { return postgres().MatchString(of.image) }); file != "" {
		add("needs: [postgresql] # " + file)
		add("volume: " + absent("all data is in PostgreSQL"))
		s.ask("verify.needs", "is all data in PostgreSQL, and does the app read its address in DATABASE_URL? "+why,
			"keep it; or set another variable in verify.env, or the folder of the data in verify.volume")
		s.fact("data", "PostgreSQL", file)
		return true
	}
	add("volume: " + absent(why))
	s.ask("verify.volume", "does the app keep no data? "+why, "keep it, or verify: {volume: /data}")
	s.fact("data", "none", why)
	return false
}

// probe finds a path at which a record can be stored. No file says what a record looks like.
func (s verifySearch) probe(endpoints map[string]map[string]any) string {
	if endpoints["/api/v1/printers"]["post"] != nil {
		s.fact("probe record", "/api/v1/printers", "the OpenAPI spec")
		return ""
	}
	answer := "verify: {probe: {path: /items, body: '{\"name\": \"kept\"}'}}"
	for _, each := range slices.Sorted(maps.Keys(endpoints)) {
		if endpoints[each]["post"] != nil && endpoints[each]["get"] != nil && !strings.Contains(each, "{") {
			answer = strings.Replace(answer, "/items", each, 1)
			break
		}
	}
	s.ask("verify.probe", "which record should survive an upgrade? It is stored by a POST, and a GET lists it", answer)
	s.fact("probe record", "none", "not decided")
	return "probe: " + absent("not decided yet")
}

// endpoints returns the methods of each path of the OpenAPI spec; nil without one.
func (s verifySearch) endpoints() map[string]map[string]any {
	file := path.Join(s.python.dir, "openapi.json")
	if files := s.named("openapi.json", "openapi.yaml", "openapi.yml"); !s.has(file) && len(files) > 0 {
		file = files[0]
	}
	var spec struct{ Paths map[string]map[string]any }
	if yaml.Unmarshal([]byte(s.read(file)), &spec) != nil { // JSON is YAML
		return nil
	}
	return spec.Paths
}
