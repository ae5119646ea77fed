package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// replaced is how a command of migrations is corrected.
const replaced = "correct the command; {revision}, {file}, {image} and {version} in it are replaced"

var scripts = pattern.Lazy(`(?m)^\s*script_location\s*=\s*(?:%\(here\)s/)?(\S+)`)

// otherSearch sets what is outside of builds and checks: migrations, settings and docs.
type otherSearch struct{ *search }

// migrations sets where the database migrations are and how one is run: those of Alembic,
// else a folder of SQL files.
func (s otherSearch) migrations() {
	for _, file := range s.named("alembic.ini") {
		if place, groups := s.match(file, scripts()); groups != nil {
			folder := path.Join(path.Dir(file), groups[1], "versions")
			s.alembic(folder, place)
			return
		}
	}
	var folders []string
	for _, file := range s.named("*.sql") {
		if dir := path.Dir(file); strings.Contains(dir, "migration") && !slices.Contains(folders, dir) && !isTest(dir) {
			folders = append(folders, dir)
		}
	}
	if len(folders) == 0 {
		s.set("migrations", "migrations: %s", absent("no alembic.ini and no folder of SQL migrations"))
		s.fact("migrations", "none", "no alembic.ini and no folder of SQL migrations")
		return
	}
	paths := joined(folders)
	s.fact("migrations", strings.Join(paths, ", "), "SQL files")
	s.set("migrations", "migrations:")
	s.set("migrations", "  - paths: %s", sequence(paths))
	if place := s.migrates(); place != "" {
		s.set("migrations", "    command: %s # %s", absent("the app migrates the database when it starts"), place)
		s.ask("migrations[0].command", "does the app run the SQL files in "+strings.Join(paths, ", ")+" itself, as "+
			place+" looks like?", "keep it, or set the command that runs one; {revision}, {file}, {image} and "+
			"{version} in it are replaced")
		return
	}
	s.set("migrations", `    command: 'psql "$DATABASE_URL" -f {file}'`)
	s.ask("migrations[0].command", "is this how a user runs one SQL migration? The upgrade notes show it",
		replaced)
}

var runsSQL = pattern.Lazy(`\.executescript\(|["'][^"'\n]*\*\.sql["']`)

// migrates returns the place in the backend that runs SQL files, "" if there is none.
func (s otherSearch) migrates() string {
	if !s.python.found {
		return ""
	}
	for _, file := range s.under(s.python.imports) {
		if !strings.HasSuffix(file, ".py") || isTest(file) {
			continue
		}
		if place, groups := s.match(file, runsSQL()); groups != nil {
			return place
		}
	}
	return ""
}

// joined replaces folders that differ only in the name of one folder above them, such as
// modules/a/migrations and modules/b/migrations, by a pattern.
func joined(folders []string) []string {
	patterns := map[string][]string{}
	for _, folder := range folders {
		pattern := path.Join(path.Dir(path.Dir(folder)), "*", path.Base(folder))
		patterns[pattern] = append(patterns[pattern], folder)
	}
	var list []string
	for _, folder := range folders {
		pattern := path.Join(path.Dir(path.Dir(folder)), "*", path.Base(folder))
		if len(patterns[pattern]) > 1 {
			folder = pattern
		}
		if !slices.Contains(list, folder) {
			list = append(list, folder)
		}
	}
	return list
}

// alembic sets Alembic's migrations. They run in the service of the app.
func (s otherSearch) alembic(folder, place string) {
	s.fact("migrations", folder, place)
	of, file := s.service(func(of service) bool {
		return s.image.name != "" && strings.HasPrefix(of.image, s.image.name) ||
			of.dockerfile != "" && of.dockerfile == s.image.dockerfile
	})
	command := "docker compose run --rm " + of.name + " python3 -m alembic upgrade {revision}"
	if file == "" {
		command = "alembic upgrade {revision}"
		s.ask("migrations[0].command", "is this how a user runs a migration? No Compose file starts the app",
			replaced)
	}
	if folder == s.defaults.Migrations[0].Paths[0] && of.name == "odin" {
		return
	}
	s.set("migrations", "migrations:")
	s.set("migrations", "  - paths: %s", sequence([]string{folder}))
	s.set("migrations", "    command: %s", scalar(command))
}

// settings sets the files that define what users can configure, where the default
// patterns do not name them.
func (s otherSearch) settings() {
	var compose []string
	for _, file := range s.compose {
		compose = append(compose, file.file)
	}
	environment := slices.DeleteFunc(
		s.named(".env.example", ".env.sample", ".env.template", "env.example"), isTest)
	kinds := []struct {
		key, what, why string
		files, usual   []string
	}{
		{"compose", "Compose files", "by their names", compose, s.defaults.Settings.Compose},
		{"environment", "examples of .env", "by their names", environment, s.defaults.Settings.Environment},
		{"code", "code with settings", "Python of the backend", s.code(), s.defaults.Settings.Code},
	}
	for _, each := range kinds {
		if len(each.files) == 0 {
			s.fact(each.what, "none", "")
		} else {
			s.fact(each.what, strings.Join(each.files, ", "), each.why)
		}
		if !slices.ContainsFunc(each.files, func(file string) bool { return !app.Within(file, each.usual) }) {
			continue
		}
		if len(s.lines["settings"]) == 0 {
			s.set("settings", "settings:")
		}
		s.set("settings", "  %s: %s", each.key, sequence(each.files))
	}
}

// code lists the folders and modules of the backend that may read the environment.
func (s otherSearch) code() []string {
	if !s.python.found {
		return nil
	}
	var list []string
	base := s.python.imports
	for _, file := range s.under(base) {
		if !strings.HasSuffix(file, ".py") || isTest(file) || strings.Contains(file, "migrations/") ||
			strings.Contains(file, "alembic/") {
			continue
		}
		rest := file
		if base != "." {
			rest = strings.TrimPrefix(file, base+"/")
		}
		first, _, _ := strings.Cut(rest, "/")
		if first = path.Join(base, first); !slices.Contains(list, first) {
			list = append(list, first)
		}
	}
	slices.Sort(list)
	return list
}

var (
	event    = pattern.Lazy(`(?s)repository_dispatch:.{0,80}\bdocs\b`)
	dispatch = pattern.Lazy(`workflow_dispatch`)
	site     = pattern.Lazy(`(?i)(docs|pages|site)`)
)

// docs sets where the documentation is and how its site is rebuilt.
func (s otherSearch) docs() {
	s.changelog()
	if !s.hasFolder("docs") {
		s.set("docs", "docs:")
		s.set("docs", "  paths: %s", absent("no folder docs"))
		s.set("docs", "  rebuild: %s", absent("no docs site"))
		s.fact("docs", "none", "no folder docs")
		return
	}
	s.fact("docs", "docs", "the folder")
	for _, file := range s.workflows() {
		if place, groups := s.match(file, event()); groups != nil {
			s.fact("docs site", "the event docs", place)
			return
		}
	}
	for _, file := range s.workflows() {
		if _, groups := s.match(file, dispatch()); groups != nil && site().MatchString(path.Base(file)) {
			s.set("docs", "docs:")
			s.set("docs", "  rebuild: {workflow: %s}", scalar(path.Base(file)))
			s.ask("docs.rebuild.workflow", "does "+file+" rebuild the docs site?",
				"keep it, or docs: {rebuild: {absent: why}}")
			s.fact("docs site", "a workflow", file)
			return
		}
	}
	s.ask("docs.rebuild", "no workflow here rebuilds a docs site; does another repository, on the event docs?",
		"docs: {rebuild: {repository: OWNER/NAME}}, or docs: {rebuild: {absent: why}}")
	s.fact("docs site", "not found", "no workflow rebuilds it")
}

// changelog sets the file of the changes, if it is not the default one.
func (s otherSearch) changelog() {
	if s.has("CHANGELOG.md") {
		s.fact("changelog", "CHANGELOG.md", "tag adds a section to it")
		return
	}
	for _, file := range s.named("CHANGELOG.md", "Changelog.md", "changelog.md", "CHANGES.md", "HISTORY.md") {
		s.set("changelog", "changelog: {file: %s}", scalar(file))
		s.ask("changelog.file", "is "+file+" in the format of Keep a Changelog? tag adds a section to it",
			"keep it, or changelog: {file: CHANGELOG.md}, which tag leaves alone as long as it does not exist")
		s.fact("changelog", file, "tag adds a section to it")
		return
	}
}
