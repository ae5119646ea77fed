// Package migration reads database migrations, as text and without running
// them, and says what they do that matters for a release: which steps lose
// data or break the version before, which may fail on the rows that are there,
// and which only add.
//
// It reads Alembic's migrations (https://alembic.sqlalchemy.org/en/latest/ops.html)
// and SQL as PostgreSQL and SQLite speak it. It judges with care, not with
// proof: what it cannot read it reports as risky.
package migration

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Grade is how much a step of a migration puts at stake.
type Grade string

const (
	// Harmless steps only add, or only touch what the same migration added.
	Harmless Grade = "harmless"
	// Risky steps may fail on the rows that are there, or change them, or
	// cannot be read.
	Risky Grade = "risky"
	// Destructive steps lose data, or lose or refuse what an older version
	// relies on.
	Destructive Grade = "destructive"
)

// Operation is one step of a migration. Its texts are single lines of bounded
// length.
type Operation struct {
	Line  int    // where it stands in the file, from 1
	What  string // as in "drops the column printers.materials"
	Grade Grade
	Why   string // what makes it risky or destructive; "" when it is harmless
}

// Migration is what a file does on the way up.
type Migration struct {
	Revision   string      // as Alembic knows it; "" for SQL
	Title      string      // first line of the docstring or of the leading comment; "" without one
	Operations []Operation // in the order of the file
}

// Read reads a migration: one of Alembic if path ends in .py, SQL if it ends in
// .sql. What belongs to the way down (downgrade(), a "-- down" section, a file
// named *.down.sql) is left out. A path of another kind is an error; text that
// makes no sense is not, but an operation that says so.
func Read(path string, content []byte) (Migration, error) {
	text := newSource(string(content))
	switch name := strings.ToLower(filepath.Base(path)); {
	case strings.HasSuffix(name, ".py"):
		return readAlembic(text), nil
	case name == "down.sql", strings.HasSuffix(name, ".down.sql"):
		return Migration{Title: readSQL(text).Title}, nil
	case strings.HasSuffix(name, ".sql"):
		return readSQL(text), nil
	}
	return Migration{}, fmt.Errorf("read migration %q: expected a file of Alembic (.py) or of SQL (.sql)", path)
}

// inFileOrder sorts what was collected in the order of running, without
// repetitions: a text that runs twice is one thing to look at.
func inFileOrder(operations []Operation) []Operation {
	slices.SortStableFunc(operations, func(a, b Operation) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Compact(operations)
}
