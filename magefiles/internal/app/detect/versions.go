package detect

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// known are the names of the files whose place for the version needs no pattern.
var known = []string{"package.json", "package-lock.json", "pyproject.toml", "uv.lock", "VERSION"}

// semantic is a whole semantic version (https://semver.org/#spec-item-2).
var semantic = pattern.Lazy(`^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$`)

// versionSearch finds the files that contain the version.
type versionSearch struct{ *search }

// versions sets the files that contain the current version.
func (s versionSearch) versions() {
	places, others := s.knownPlaces()
	current, why := s.current(places)
	if current == "" {
		s.set("versionFiles", "versionFiles: %s", absent("no file contains a version"))
		s.askForFiles(others)
		return
	}
	var files []app.VersionFile
	for _, each := range places {
		if each.Version == current && (len(files) == 0 || files[len(files)-1].Path != each.Path) {
			files = append(files, app.VersionFile{Path: each.Path})
		} else if each.Version != current && s.ownVersion(each.Path) {
			s.askOnce(
				"versionFiles",
				fmt.Sprintf("%s has %s, and the version is %s; is it the app's version?",
					each.Path, each.Version, current),
				"add it to versionFiles, with the version "+current+", or leave it out",
			)
		}
	}
	files = append(files, s.patterned(current)...)
	s.outdated(current)
	s.fact("version", current, why)
	for _, file := range files {
		s.fact("version file", file.Path, "it contains "+current)
	}
	if len(files) == 0 {
		s.set("versionFiles", "versionFiles: %s", absent("the version is the tag alone"))
		question, advice := "no file contains "+current, "versionFiles: [{path: VERSION}], or keep it"
		if len(others) > 0 {
			question += ": " + malformed(others)
			advice = "versionFiles: [{path: " + others[0].Path + "}] with " + current + " in it, or keep it"
		}
		s.ask("versionFiles", question+"; is the version the tag alone?", advice)
		return
	}
	if s.isDefault(files) {
		return
	}
	s.set("versionFiles", "versionFiles:")
	for _, file := range files {
		if file.Pattern == "" {
			s.set("versionFiles", "  - path: %s", scalar(file.Path))
		} else {
			s.set("versionFiles", "  - {path: %s, pattern: %s}", scalar(file.Path), scalar(file.Pattern))
		}
	}
}

// askForFiles asks for the version files of an app in whose files and tags no version was
// found; others are places with what is none.
func (s versionSearch) askForFiles(others []app.VersionPlace) {
	why, file, better := "no file contains one", "VERSION", ""
	found := "None of " + strings.Join(known, ", ") + " has one, and no release has a tag"
	if len(others) > 0 {
		found = malformed(others)
		why, file, better = found, others[0].Path, " with a version such as 1.2.0 in it"
	}
	s.ask("versionFiles", "which files contain the version? "+found,
		"versionFiles: [{path: "+file+"}]"+better+", or keep it if the version is only the tag")
	s.fact("version", "not found", why)
}

// malformed says that files contain what is not a version here.
func malformed(places []app.VersionPlace) string {
	list := make([]string, len(places))
	for i, each := range places {
		list[i] = each.Path + " has " + each.Version
	}
	if len(list) == 1 {
		return list[0] + ", which is not MAJOR.MINOR.PATCH"
	}
	return listed(list) + ": none of them is MAJOR.MINOR.PATCH"
}

// ownVersion reports whether a file is one of the folders that are released.
func (s versionSearch) ownVersion(file string) bool {
	dir := path.Dir(file)
	return dir == "." || s.python.found && dir == s.python.dir || s.node.found && dir == s.node.dir
}

// knownPlaces reads the versions in files whose format is known, in the order of the
// default list. others are the app's own files that contain a text of another form, such as 1.2.
func (s versionSearch) knownPlaces() (list, others []app.VersionPlace) {
	for _, name := range known {
		for _, file := range s.named(name) {
			if isTest(file) {
				continue
			}
			places, err := app.VersionFile{Path: file}.Read([]byte(s.read(file)))
			if err != nil { // a workspace or a file of tools, which has no version
				continue
			}
			for _, each := range places {
				if semantic().MatchString(each.Version) {
					list = append(list, each)
				} else if s.ownVersion(file) && (len(others) == 0 || others[len(others)-1].Path != file) {
					others = append(others, each)
				}
			}
		}
	}
	return list, others
}

// current returns the current version: that of the last release if any file has it, else
// the one that most files have.
func (s versionSearch) current(places []app.VersionPlace) (version, why string) {
	has := func(each app.VersionPlace) bool { return each.Version == s.Version }
	if s.Version != "" && (len(places) == 0 || slices.ContainsFunc(places, has)) {
		return s.Version, "the last release"
	}
	files := map[string][]string{}
	for _, each := range places {
		if !slices.Contains(files[each.Version], each.Path) {
			files[each.Version] = append(files[each.Version], each.Path)
		}
	}
	for _, each := range places { // in order, so that the result is always the same
		more := cmp.Compare(len(files[each.Version]), len(files[version]))
		if more > 0 || more == 0 && version == "0.0.0" {
			version = each.Version
		}
	}
	return version, strings.Join(files[version], ", ")
}

// unversioned are files in which a version is not the app's own, or is not the current
// one only.
var unversioned = []string{
	"*.md", "*.rst", "*.lock", "*.svg", "*.snap", "requirements*", "openapi.*", "pnpm-lock.yaml", "CHANGELOG*",
}

// patterned finds the version in all other files. A place without a name such as
// APP_VERSION before it is a question.
func (s versionSearch) patterned(current string) []app.VersionFile {
	literal := regexp.MustCompile(`(?:^|[^\w.+-])v?(` + regexp.QuoteMeta(current) + `)(?:[^\w.+-]|$)`)
	var files []app.VersionFile
	var unclear []string
	for _, file := range s.Files {
		if isTest(file) || !s.mayHaveVersion(file) {
			continue
		}
		text := s.read(file)
		at := literal.FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		if found, ok := s.patternOf(file, text, at[2], current); ok {
			files = append(files, found)
		} else {
			unclear = append(unclear, placeOf(file, text, at[2]))
		}
	}
	if len(unclear) > 0 {
		s.ask("versionFiles", current+" also stands in "+listed(unclear)+"; is it the app's version there?",
			`add an entry such as {path: FILE, pattern: 'version (\S+)'}, or leave it out`)
	}
	return files
}

func listed(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + number(len(names)-most) + " more"
}

// before is the text that may precede a version: its name, or that of the image.
var before = pattern.Lazy(
	`(?i)([A-Za-z_][\w.-]*version[\w-]*|version[\w-]*|__version__)(["']?\s*[:=]+\s*)(["']?)v?$`,
)

// patternOf returns a version file whose pattern finds the version at an offset, and
// nothing else.
func (s versionSearch) patternOf(file, text string, at int, current string) (app.VersionFile, bool) {
	for _, each := range s.defaults.VersionFiles {
		if each.Path == file && each.Pattern != "" && s.finds(each, text, current) {
			return each, true
		}
	}
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	pattern := ""
	if groups := before().FindStringSubmatch(line); groups != nil {
		pattern = spaces().ReplaceAllString(regexp.QuoteMeta(groups[1]+groups[2]), `\s*`) + groups[3]
	} else if s.image.name != "" && strings.HasSuffix(strings.TrimSuffix(line, "v"), s.image.name+":") {
		pattern = regexp.QuoteMeta(s.image.name + ":")
	} else {
		return app.VersionFile{}, false
	}
	if strings.HasSuffix(line, "v") {
		pattern += "v"
	}
	found := app.VersionFile{Path: file, Pattern: pattern + `([\w.+-]+)`}
	return found, s.finds(found, text, current)
}

var spaces = pattern.Lazy(`\s+`)

// finds reports whether a version file has the current version and no other.
func (s versionSearch) finds(file app.VersionFile, text, current string) bool {
	places, err := file.Read([]byte(text))
	return err == nil && len(places) == 1 && places[0].Version == current
}

// isDefault reports whether files are those of the default list.
func (s versionSearch) isDefault(files []app.VersionFile) bool {
	for _, each := range s.defaults.VersionFiles {
		if !each.Optional && !slices.Contains(files, app.VersionFile{Path: each.Path, Pattern: each.Pattern}) {
			return false
		}
	}
	return !slices.ContainsFunc(files, func(file app.VersionFile) bool {
		return !slices.ContainsFunc(s.defaults.VersionFiles, func(each app.VersionFile) bool {
			return each.Path == file.Path && each.Pattern == file.Pattern
		})
	})
}
