package migration

import (
	"cmp"
	"slices"
	"strings"
)

func createTable(s schema, c change, operation *Operation) {
	made := s.table(c)
	if made.age == old { // a second time it changes nothing
		made.age, made.created, made.copies = c.born(), operation, nil
	}
	addRows(s, c, operation)
}

// addRows records the tables whose rows are copied.
func addRows(s schema, c change, operation *Operation) {
	filled := s.table(c)
	if filled.copies == nil {
		filled.copies = map[*item]*Operation{}
	}
	for _, each := range c.Sources {
		filled.copies[s.item("table", key(each))] = operation
	}
}

// dropTable may be the last step of a rebuild: the old table is renamed first and dropped last.
func dropTable(s schema, c change, operation *Operation) {
	gone := s.table(c)
	if gone.age == old {
		gone.dropped = operation
	}
	gone.age = old
	rebuild(gone.was, s.item("table", key(gone.was)), gone, operation)
}

// renameTable may be the last step of SQLite's way to rebuild a table: create and fill a new table, drop the old one,
// and rename the new one (https://www.sqlite.org/lang_altertable.html#otheralter).
func renameTable(s schema, c change, operation *Operation) {
	from, to := c.key(c.Table), key(c.To)
	if dot := strings.LastIndexByte(from, '.'); dot >= 0 && to != "" && !strings.Contains(c.To, ".") {
		to = from[:dot+1] + to // it keeps its schema
	}
	moved := s.item("table", from)
	if !rebuild(c.To, moved, s.item("table", to), operation) {
		moved.renamed, moved.was = operation, c.Table
		s.move("table", from, to)
	}
}

// rebuild merges the operations that rebuild a table into the one that creates it, if a new table has the rows and the
// name of one that is gone. Nothing is known of the two afterwards.
func rebuild(name string, made, gone *item, last *Operation) bool {
	copied := made.copies[gone]
	if copied == nil || made.age == old || gone.dropped == nil {
		return false
	}
	for _, each := range []*Operation{copied, gone.renamed, gone.dropped, made.dropped, last} {
		if each != nil {
			each.What = ""
		}
	}
	*made.created = Operation{made.created.Line, "rebuilds the table " + shown(name), Risky, leftBehind}
	*made, *gone = item{}, item{}
	return true
}

// updateRows distinguishes new columns that get their first values. No columns are given if they are unknown.
func updateRows(s schema, c change, operation *Operation) {
	isOld := func(name string) bool { return s.column(c, name).age == old }
	if len(c.Columns) == 0 || slices.ContainsFunc(c.Columns, isOld) {
		s.table(c).filled = true
		return
	}
	for _, each := range c.Columns {
		s.column(c, each).filled = true
	}
	operation.What = "fills the new column " + shown(c.Table) + "." + strings.Join(slices.Compact(c.Columns), ", ")
	operation.Grade = Harmless
}

func addColumn(s schema, c change, _ *Operation) {
	*s.column(c, c.Name) = item{age: c.born(), notNull: c.NotNull, hasDefault: c.Default, everyRow: c.Default}
}

// changeColumn lowers the grade of a change of a column that is new.
func changeColumn(s schema, c change, operation *Operation) {
	operation.Grade = s.column(c, c.Name).age.soften(operation.Grade)
}

func dropColumn(s schema, c change, operation *Operation) {
	changeColumn(s, c, operation)
	*s.column(c, c.Name) = item{}
}

func renameColumn(s schema, c change, operation *Operation) {
	changeColumn(s, c, operation)
	s.move("column", c.key(c.Table+"."+c.Name), c.key(c.Table+"."+c.To))
}

// setNotNull takes whether the column is known to have a default.
func setNotNull(s schema, c change, operation *Operation) {
	known := s.column(c, c.Name)
	switch {
	case known.age == brandNew && known.everyRow:
		operation.Grade = Harmless
	case c.Default || known.hasDefault:
		operation.Grade, operation.Why = s.table(c).age.soften(Risky), noNulls
	}
	known.notNull = true
}

func dropNotNull(s schema, c change, _ *Operation) { s.column(c, c.Name).notNull = false }

// setDefault records nothing for a column that is not new: its rows may be without a value.
func setDefault(s schema, c change, _ *Operation) {
	known := s.column(c, c.Name)
	known.hasDefault = known.age != old
}

func dropDefault(s schema, c change, operation *Operation) {
	known := s.column(c, c.Name)
	switch {
	case known.age != old && known.notNull:
		operation.Grade = s.table(c).age.soften(Destructive)
		operation.Why = "the older version, which does not know the column, writes no value for it"
	case known.age == brandNew:
		operation.Grade = Harmless
	}
	known.hasDefault = false
}

// readColumns lowers the grade of what reads columns, one of which is empty yet. The columns are given as far as they
// are known.
func readColumns(s schema, c change, operation *Operation) {
	for _, each := range c.Columns {
		known := s.column(c, each)
		if known.age != old && !known.notNull && !known.hasDefault && !known.filled && !s.table(c).filled {
			operation.Grade = Harmless
		}
	}
}

// holdsData are kinds of objects whose contents are lost with them.
var holdsData = []string{"schema", "database", "sequence", "materialized view", "foreign table", "property of"}

// dropGrades are the grades of dropping kinds of objects that an application never names.
var dropGrades = map[string]Grade{
	"index": Harmless, "statistics": Harmless, "trigger": Risky, "event trigger": Risky, "rule": Risky,
	"policy": Risky, "cast": Risky, "publication": Risky, "subscription": Risky,
}

// createObject turns the drop of an object that is created again into its replacement. One that may have been there
// before counts as old.
func createObject(s schema, c change, operation *Operation) {
	made := s.object(c)
	if made.dropped != nil && !slices.Contains(holdsData, c.Kind) {
		what := clean(c.describe("replaces the $kind $name"), longestText)
		*made.dropped = Operation{made.dropped.Line, what, Risky, "the older version gets the new one"}
		made.dropped, operation.What = nil, ""
	} else if c.born() == brandNew {
		made.age = brandNew
	}
}

func dropObject(s schema, c change, operation *Operation) {
	gone := s.object(c)
	operation.Grade = gone.age.soften(cmp.Or(dropGrades[c.Kind], Destructive))
	if operation.Grade != Harmless {
		gone.dropped = operation
	}
	gone.age = old
}

// changeObject lowers the grade of a change of an object that is new, or that an application never names.
func changeObject(s schema, c change, operation *Operation) {
	operation.Grade = s.object(c).age.soften(Destructive)
	if dropGrades[c.Kind] != "" {
		operation.Grade = Harmless
	}
}
