package evidence

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/migration"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// migrations reads the new migrations, in the order in which they run. A migration that
// was released before and has changed since gets a notice: databases that have run it
// do not run it again.
func (r Range) migrations(ctx context.Context, changes []git.Change, found *Evidence) error {
	list, err := r.changedMigrations(ctx, changes)
	if err != nil {
		return err
	}
	gone := map[string]string{} // path by identity
	var added []changed
	for _, each := range list {
		switch each.status {
		case 'A':
			added = append(added, each)
		case 'D':
			gone[each.identity()] = each.Path
		default:
			found.Notices = append(
				found.Notices,
				fmt.Sprintf(
					"the migration %s has changed since %s: databases that have run it will not run it again",
					each.Path,
					r.From,
				),
			)
		}
	}
	var unattended []string // why nobody has to run these migrations
	for _, each := range inOrder(added) {
		if _, moved := gone[each.identity()]; moved {
			delete(gone, each.identity()) // another name for the same migration
			continue
		}
		steps := len(found.Steps)
		r.migration(each, found)
		if why := each.kind.Command.Absent; why != "" && len(found.Steps) > steps && !slices.Contains(unattended, why) {
			unattended = append(unattended, why)
		}
	}
	for _, why := range unattended {
		found.Steps = append(found.Steps, Step{Text: changelog.Plain("no migration has to be run by hand: " + why)})
	}
	for _, identity := range slices.Sorted(maps.Keys(gone)) {
		found.Notices = append(
			found.Notices,
			fmt.Sprintf("the migration %s, which %s had, was removed", gone[identity], r.From),
		)
	}
	return nil
}

// changed is a migration that differs between the two releases.
type changed struct {
	migration.File
	status byte
	kind   app.Migrations
	read   migration.Migration
}

// identity identifies a migration, whatever its file name.
func (c changed) identity() string { return cmp.Or(c.read.Revision, string(c.Content)) }

// changedMigrations reads the migrations among changes.
func (r Range) changedMigrations(ctx context.Context, changes []git.Change) ([]changed, error) {
	var list []changed
	var files []migration.File
	for _, change := range changes {
		kind, known := r.migrationsOf(change.Path)
		if !known {
			continue
		}
		revision := r.To
		if change.Status == 'D' {
			revision = r.From
		}
		content, err := r.Repo.Content().File(ctx, revision, change.Path)
		if err != nil {
			return nil, err
		}
		file := migration.File{Path: change.Path, Content: content}
		list, files = append(list, changed{File: file, status: change.Status, kind: kind}), append(files, file)
	}
	read, err := migration.Read(ctx, r.python, files...)
	for i := range read {
		list[i].read = read[i]
	}
	return list, err
}

// python runs a script that reads migrations. It is isolated from the environment and
// from the folder, whose files it must not import.
func (r Range) python(ctx context.Context, script string, input []byte) ([]byte, error) {
	if _, err := r.Repo.Run.Find("python3"); err != nil {
		return nil, err
	}
	result, err := r.Repo.Run.Run(
		ctx,
		run.Command{For: "read migrations", Quiet: true, Timeout: time.Minute, Stdin: input,
			Args: []string{"python3", "-I", "-S", "-W", "ignore", "-c", script}},
	)
	return result.Stdout, err
}

// inOrder sorts migrations after those that they depend on, and otherwise by file.
func inOrder(list []changed) []changed {
	var sorted []changed
	for len(list) > 0 {
		next := slices.IndexFunc(list, func(a changed) bool {
			return !slices.ContainsFunc(
				list,
				func(b changed) bool { return slices.Contains(a.read.After, b.read.Revision) },
			)
		})
		next = max(next, 0) // Alembic refuses cycles
		sorted = append(sorted, list[next])
		list = slices.Delete(list, next, next+1)
	}
	return sorted
}

// migrationsOf returns the configuration of the migrations that a file belongs to.
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

func (r Range) migration(one changed, found *Evidence) {
	file, read := one.Path, one.read
	if read.Unread != "" {
		found.Notices = append(found.Notices,
			changelog.Plain(fmt.Sprintf("the migration %s was not read: %s", file, read.Unread)))
	}
	if len(read.Operations) == 0 {
		return // a downgrade, or no migration at all
	}
	name := code(cmp.Or(read.Revision, path.Base(file)))
	step := Step{
		Text:    fmt.Sprintf("migrate the database: `%s`", name),
		Command: r.command(one.kind.Command.Value, file, read),
	}
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
			found.Findings = append(
				found.Findings,
				Finding{Migrations, version.Major, "a migration " + detail, where, name},
			)
		case migration.Risky:
			found.Findings = append(
				found.Findings,
				Finding{Migrations, version.Patch, "a migration " + detail, where, name},
			)
		}
	}
	found.Steps = append(found.Steps, step)
}

// command returns the command that runs a migration. The version in it may not be known
// yet.
func (r Range) command(template, file string, read migration.Migration) string {
	revision := read.Revision
	if revision == "" {
		revision = "head"
	}
	return strings.NewReplacer("{revision}", run.Quote(
		changelog.Plain(revision),
	), "{file}", run.Quote(changelog.Plain(file)),
		"{image}", r.Config.Build.Image.Name, "{tag}", r.Config.Publish.Tag("{version}")).
		Replace(template)
}

// code returns a text in backticks.
func code(text string) string { return strings.ReplaceAll(changelog.Plain(text), "`", "'") }
