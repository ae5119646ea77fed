// Package migration reads database migrations, without running them, and says what matters about them for a release:
// which operations lose data or break the previous version, which may fail on existing rows, and which only add.
//
// It reads Alembic's migrations (https://alembic.sqlalchemy.org/en/latest/ops.html) and the SQL of PostgreSQL and
// SQLite. Its grades are careful guesses, not proofs: it reports what it cannot read as risky.
package migration

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// Grade is the risk of an operation of a migration.
type Grade string

const (
	// Harmless operations only add, or only change what the same migration added.
	Harmless Grade = "harmless"
	// Risky operations may fail on existing rows or change them, or cannot be read.
	Risky Grade = "risky"
	// Destructive operations lose data, or break something that an older version relies on.
	Destructive Grade = "destructive"
)

// Operation is one step of a migration. Its texts are single lines of limited length.
type Operation struct {
	Line  int    // line in the file, from 1
	What  string // as in "drops the column printers.materials"
	Grade Grade
	Why   string // what makes it risky or destructive; "" when it is harmless
}

// Migration is what a file does when it upgrades the database.
type Migration struct {
	Revision   string      // Alembic's identifier; "" for SQL
	After      []string    // revisions that it follows: Alembic's down_revision
	Title      string      // first line of the docstring or of the leading comment; "" without one
	Operations []Operation // in the order of the file
	Unread     string      // why the file could not be read, which is one risky operation; "" when it was read
}

// File is a migration's path and content.
type File struct {
	Path    string
	Content []byte
}

// Read reads migrations: Alembic's if their path ends in .py, SQL if it ends in .sql. It skips downgrades: downgrade(),
// a "-- down" section, a file named *.down.sql. Any other path is an error, and so is a context that has ended. Invalid
// text and a missing Python are no errors; they are reported as risky operations. Python is started at most once, for
// all files of Alembic.
func Read(ctx context.Context, python Python, files ...File) ([]Migration, error) {
	found := make([]Migration, len(files))
	var scripts []int // files of Alembic
	var sources []string
	for i, file := range files {
		switch name := strings.ToLower(filepath.Base(file.Path)); {
		case strings.HasSuffix(name, ".py"):
			scripts, sources = append(scripts, i), append(sources, file.text())
		case strings.HasSuffix(name, ".sql"):
			found[i] = readSQL(file.text(), name == "down.sql" || strings.HasSuffix(name, ".down.sql"))
		default:
			return nil, fmt.Errorf("read migration %q: expected a file of Alembic (.py) or of SQL (.sql)", file.Path)
		}
	}
	if len(scripts) == 0 {
		return found, nil
	}
	for i, read := range readAlembic(ctx, python, sources) {
		found[scripts[i]] = read
	}
	return found, ctx.Err()
}

// text returns the content of a file, with "\n" at the end of lines.
func (f File) text() string {
	text := strings.TrimPrefix(strings.ToValidUTF8(string(f.Content), "\uFFFD"), "\uFEFF")
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}
