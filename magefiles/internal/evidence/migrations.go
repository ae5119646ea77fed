package evidence

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/migration"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// migrations reads the migrations that came in between, in the order that they
// run in. One that was released before and is another now is worth a look: who
// has run it won't run it again.
func (r Range) migrations(ctx context.Context, changes []git.Change, found *Evidence) error {
	var list []added
	gone := map[string]string{} // path by revision
	for _, change := range changes {
		kind, known := r.migrationsOf(change.Path)
		if !known {
			continue
		}
		revision := r.To
		if change.Status == 'D' {
			revision = r.From
		}
		content, err := r.Repo.File(ctx, revision, change.Path)
		if err != nil {
			return err
		}
		read, err := migration.Read(change.Path, content)
		if err != nil {
			return err
		}
		switch change.Status {
		case 'A':
			list = append(list, newAdded(change.Path, kind, read, content))
		case 'D':
			gone[cmp.Or(read.Revision, string(content))] = change.Path
		default:
			found.Notices = append(found.Notices, fmt.Sprintf("the migration %s is not as %s had it: who has run it won't run it again", change.Path, r.From))
		}
	}
	for _, each := range inOrder(list) {
		if _, moved := gone[each.identity]; moved {
			delete(gone, each.identity) // another name for the same
			continue
		}
		r.migration(each, found)
	}
	for _, revision := range slices.Sorted(maps.Keys(gone)) {
		found.Notices = append(found.Notices, fmt.Sprintf("the migration %s is gone, which %s had", gone[revision], r.From))
	}
	return nil
}

// added is a migration that is new.
type added struct {
	file     string
	kind     app.Migrations
	read     migration.Migration
	identity string // what it is known by, whatever its name: its revision, else its text
	after    string // Alembic's down_revision
}

var downRevision = regexp.MustCompile(`(?m)^down_revision\s*(?::[^=\n]*)?=\s*["']([^"'\n]+)["']`)

func newAdded(file string, kind app.Migrations, read migration.Migration, content []byte) added {
	one := added{file: file, kind: kind, read: read, identity: cmp.Or(read.Revision, string(content))}
	if match := downRevision.FindSubmatch(content); match != nil {
		one.after = string(match[1])
	}
	return one
}

// inOrder puts migrations after those that they build on; otherwise they stay
// in the order of their files.
func inOrder(list []added) []added {
	var sorted []added
	for len(list) > 0 {
		next := slices.IndexFunc(list, func(a added) bool {
			return !slices.ContainsFunc(list, func(b added) bool { return b.read.Revision != "" && b.read.Revision == a.after })
		})
		next = max(next, 0) // a circle is Alembic's to refuse
		sorted = append(sorted, list[next])
		list = slices.Delete(list, next, next+1)
	}
	return sorted
}

// migrationsOf is the configuration that a file is a migration by.
func (r Range) migrationsOf(file string) (app.Migrations, bool) {
	extension := path.Ext(file)
	if extension != ".py" && extension != ".sql" || path.Base(file) == "__init__.py" {
		return app.Migrations{}, false
	}
	for _, kind := range r.Config.Migrations {
		if app.Within(file, kind.Paths) {
			return kind, true
		}
	}
	return app.Migrations{}, false
}

func (r Range) migration(one added, found *Evidence) {
	file, read := one.file, one.read
	if len(read.Operations) == 0 {
		return // the way down, or nothing at all
	}
	name := code(cmp.Or(read.Revision, path.Base(file)))
	step := Step{Text: fmt.Sprintf("migrate the database: `%s`", name), Command: r.command(one.kind.Command, file, read)}
	if read.Title != "" {
		step.Text += ", " + strings.TrimSuffix(read.Title, ".")
	}
	for _, operation := range read.Operations {
		where := fmt.Sprintf("%s:%d", file, operation.Line)
		detail := operation.What
		if operation.Why != "" {
			detail += ": " + operation.Why
		}
		step.Details = append(step.Details, detail)
		switch operation.Grade {
		case migration.Destructive:
			step.Breaking = true
			found.Findings = append(found.Findings, Finding{Migrations, version.Major, "a migration " + detail, where, name})
		case migration.Risky:
			found.Findings = append(found.Findings, Finding{Migrations, version.Patch, "a migration " + detail, where, name})
		}
	}
	found.Steps = append(found.Steps, step)
}

// command is what runs a migration, but for the version, which may not be
// known yet.
func (r Range) command(template, file string, read migration.Migration) string {
	revision := read.Revision
	if revision == "" {
		revision = "head"
	}
	return strings.NewReplacer("{revision}", run.Quote(changelog.Plain(revision)), "{file}", run.Quote(changelog.Plain(file)),
		"{image}", r.Config.Build.Image.Name).Replace(template)
}

// code is a text that may stand between backticks.
func code(text string) string { return strings.ReplaceAll(changelog.Plain(text), "`", "'") }
