package evidence

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/migration"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// migrations reads the migrations that came in between. One that was released
// before and is another now is worth a look: who has run it won't run it again.
func (r Range) migrations(ctx context.Context, changes []git.Change, found *Evidence) error {
	for _, change := range changes {
		kind, known := r.migrationsOf(change.Path)
		if !known {
			continue
		}
		switch change.Status {
		case 'A':
			if err := r.migration(ctx, change.Path, kind, found); err != nil {
				return err
			}
		case 'D':
			found.Notices = append(found.Notices, fmt.Sprintf("the migration %s is gone, which %s had", change.Path, r.From))
		default:
			found.Notices = append(found.Notices, fmt.Sprintf("the migration %s is not as %s had it: who has run it won't run it again", change.Path, r.From))
		}
	}
	return nil
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

func (r Range) migration(ctx context.Context, file string, kind app.Migrations, found *Evidence) error {
	content, err := r.Repo.File(ctx, r.To, file)
	if err != nil {
		return err
	}
	read, err := migration.Read(file, content)
	if err != nil {
		return err
	}
	if len(read.Operations) == 0 {
		return nil // the way down, or nothing at all
	}
	name := path.Base(file)
	if read.Revision != "" {
		name = read.Revision
	}
	step := Step{Text: fmt.Sprintf("migrate the database: `%s`", code(name)), Command: r.command(kind.Command, file, read)}
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
			found.Findings = append(found.Findings, Finding{Migrations, version.Major, "a migration " + detail, where})
		case migration.Risky:
			found.Findings = append(found.Findings, Finding{Migrations, version.Patch, "a migration " + detail, where})
		}
	}
	found.Steps = append(found.Steps, step)
	return nil
}

// command is what runs a migration, but for the version, which may not be
// known yet.
func (r Range) command(template, file string, read migration.Migration) string {
	revision := read.Revision
	if revision == "" {
		revision = "head"
	}
	return strings.NewReplacer("{revision}", shell(revision), "{file}", shell(file),
		"{image}", r.Config.Build.Image.Name).Replace(template)
}

// shell quotes a word for a shell, where it needs that.
func shell(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" && !strings.HasPrefix(word, "-") {
		return word
	}
	return "'" + strings.ReplaceAll(changelog.Plain(word), "'", `'\''`) + "'"
}

// code is a text that may stand between backticks.
func code(text string) string { return strings.ReplaceAll(changelog.Plain(text), "`", "'") }
