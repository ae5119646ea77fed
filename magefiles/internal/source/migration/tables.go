package migration

import (
	"slices"
	"strings"
)

func createTable(s schema, c change, operation *Operation) {
	made := s.table(c)
	if made.age == old { // a second time it changes nothing
		made.age, made.created, made.copies = c.born(), operation, map[string]*Operation{}
	}
	addRows(s, c, operation)
}

// addRows records the tables whose rows are copied.
func addRows(s schema, c change, operation *Operation) {
	for _, each := range c.from {
		s.table(c).copies[key(each)] = operation
	}
}

// dropTable recognises the last step of another way to rebuild a table than that of renameTable: the old table is
// renamed first and dropped last.
func dropTable(s schema, c change, operation *Operation) {
	gone := s.table(c)
	made := s.item("table", key(gone.was))
	if copied := made.copies[c.key(c.Table)]; copied != nil && made.age != old {
		rebuild(gone.was, made, copied, gone.renamed, operation)
		s.forget("table", c.key(c.Table))
		return
	}
	if gone.age == old {
		gone.dropped = operation
	}
	gone.age = old
}

// renameTable recognises the last step of SQLite's way to rebuild a table: create and fill a new table, drop the old
// one, and rename the new one (https://www.sqlite.org/lang_altertable.html#otheralter).
func renameTable(s schema, c change, operation *Operation) {
	from, to := c.key(c.Table), key(c.To)
	if dot := strings.LastIndexByte(from, '.'); dot >= 0 && to != "" && !strings.Contains(c.To, ".") {
		to = from[:dot+1] + to // it keeps its schema
	}
	moved, replaced := s.item("table", from), s.item("table", to)
	if copied := moved.copies[to]; copied != nil && moved.age != old && replaced.dropped != nil {
		rebuild(c.To, moved, copied, replaced.dropped, operation)
		if moved.dropped != nil { // a leftover of an earlier attempt
			moved.dropped.What = ""
		}
		s.forget("table", from)
		s.forget("table", to)
		return
	}
	moved.renamed, moved.was = operation, c.Table
	s.move("table", from, to)
}

// rebuild merges the operations that rebuild a table into the one that creates it.
func rebuild(table string, made *item, others ...*Operation) {
	for _, each := range others {
		each.What = ""
	}
	made.age = old
	*made.created = Operation{made.created.Line, "rebuilds the table " + shown(table), Risky, leftBehind}
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
