package detect

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// outdated asks about files in which an older version follows the name of the app: nobody has kept them up to date.
func (s versionSearch) outdated(current string) {
	newest, err := version.ParseTag("v" + current)
	if err != nil {
		return
	}
	pattern := s.namedVersion()
	for _, file := range s.Files {
		if isTest(file) || !s.mayHaveVersion(file) {
			continue
		}
		text := s.read(file)
		at := pattern.FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		found := text[at[4]:at[5]]
		older, err := version.ParseTag("v" + found)
		if err != nil || older.Compare(newest) >= 0 {
			continue
		}
		entry := app.VersionFile{Path: file, Pattern: regexp.QuoteMeta(text[at[2]:at[3]]) + `([\w.+-]+)`}
		if s.finds(entry, text, found) {
			s.ask("versionFiles", placeOf(file, text, at[4])+" has "+found+", and the version is "+current+
				"; is it the app's version?", "add {path: "+scalar(file)+", pattern: "+scalar(entry.Pattern)+
				"}, with the version "+current+" in the file, or leave it out")
		}
	}
}

// mayHaveVersion reports whether a file may contain the version of the app anywhere.
func (s versionSearch) mayHaveVersion(file string) bool {
	name := path.Base(file)
	return !slices.Contains(known, name) && !slices.ContainsFunc(unversioned, func(pattern string) bool {
		matched, _ := path.Match(pattern, name)
		return matched
	})
}

// namedVersion matches a version after the name of the app; its groups are the text before the version, and the
// version.
func (s versionSearch) namedVersion() *regexp.Regexp {
	names := []string{"app"}
	for _, name := range []string{s.image.title, path.Base(s.image.name), path.Base(s.Repository), s.title()} {
		if name != "" && name != "." && !slices.Contains(names, regexp.QuoteMeta(name)) {
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	return regexp.MustCompile(`(?i)\b((?:` + strings.Join(names, "|") +
		`)(?:[ _-]?version)?["']?\s*[:= -]?\s*["']?v?)(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\b`)
}

var titled = pattern.Lazy(`FastAPI\([^)]*?title\s*=\s*["']([^"'\n]+)["']`)

// title returns the name of the app according to its API.
func (s versionSearch) title() string {
	_, groups := s.match(s.python.why, titled())
	if groups == nil {
		return ""
	}
	return groups[1]
}
