package verify

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// askPage looks for the version in the frontend's page and in the scripts and
// stylesheets of the same host that it loads. An app without a page passes.
func (s *service) askPage(ctx context.Context, version string) error {
	if s.Config.Page.Absent != "" {
		return nil
	}
	path := s.Config.Page.Value
	page, err := s.ask(ctx, http.MethodGet, path, nil)
	switch {
	case err != nil:
		return err
	case page.status >= http.StatusInternalServerError: // a proxy in front of an app that is still starting
		return notYetError{page.unexpected(path, "200")}
	case page.status != http.StatusOK:
		return page.unexpected(path, "200 and the frontend's page")
	case !strings.HasPrefix(page.kind, "text/html"):
		return fmt.Errorf("%s answered %s, expected the frontend's page (text/html)", path, printable(page.kind))
	case containsVersion(string(page.body), version):
		return nil
	}
	looked := []string{path}
	for _, file := range assets(page.at, string(page.body)) {
		asset, err := s.ask(ctx, http.MethodGet, file, nil)
		if err != nil {
			return err
		}
		if asset.status == http.StatusOK && containsVersion(string(asset.body), version) {
			return nil
		}
		looked = append(looked, fmt.Sprintf("%s (%d)", printable(file), asset.status))
	}
	return fmt.Errorf("the frontend does not contain version %s; searched %s", version, strings.Join(looked, ", "))
}

// containsVersion reports whether a text contains the version, but not as part of another one: 1.7.3 is neither in
// 11.7.3 nor in 1.7.3.1, 1.7.30 or 1.7.3-rc.1.
func containsVersion(text, version string) bool {
	if version == "" {
		return false
	}
	for at := 0; ; at++ {
		next := strings.Index(text[at:], version)
		if next < 0 {
			return false
		}
		at += next
		if !endsVersion(text[:at]) && !suffix().MatchString(text[at+len(version):]) {
			return true
		}
	}
}

func endsVersion(before string) bool {
	return before != "" && strings.ContainsRune("0123456789.", rune(before[len(before)-1]))
}

// suffix matches the continuation of a version, or the name of a prerelease or build
// (https://semver.org/#spec-item-9).
var suffix = pattern.Lazy(`^([0-9.]|[-+][0-9A-Za-z])`)

var (
	comment   = pattern.Lazy(`(?s)<!--.*?-->`)
	tag       = pattern.Lazy(`(?is)<(script|link)((?:\s|/)(?:[^>"']|"[^"]*"|'[^']*')*)>`)
	attribute = pattern.Lazy(`(?is)([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
)

// assets lists the paths, with queries, of the scripts and stylesheets that an HTML
// page loads from its own host.
func assets(page *url.URL, text string) []string {
	var paths []string
	for _, found := range tag().FindAllStringSubmatch(comment().ReplaceAllString(text, ""), -1) {
		named := map[string]string{}
		for _, pair := range attribute().FindAllStringSubmatch(found[2], -1) {
			named[strings.ToLower(pair[1])] = html.UnescapeString(pair[2] + pair[3] + pair[4])
		}
		source := named["src"]
		if strings.EqualFold(found[1], "link") {
			source = ""
			if rel := strings.Fields(
				strings.ToLower(named["rel"]),
			); slices.Contains(rel, "stylesheet") ||
				slices.Contains(rel, "modulepreload") {
				source = named["href"]
			}
		}
		to, err := page.Parse(strings.TrimSpace(source))
		if source == "" || err != nil || to.Host != page.Host || to.Scheme != page.Scheme {
			continue
		}
		if path := to.RequestURI(); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}
