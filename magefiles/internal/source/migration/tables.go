package migration

import (
	"slices"
	"strings"
)

type table struct {
	age     age
	created int            // the operation
	copies  map[string]int // tables whose rows were copied to it, and the operations
	dropped int            // the operation, or -1
	renamed int            // the operation, or -1
	was     string         // its key before this migration renamed it
	filled  bool           // whether rows were changed in unknown columns
}

// tableLedger records what happens to tables and their rows.
type tableLedger struct{ *ledger }

func inTables(do func(tableLedger, change)) func(*ledger, change) {
	return func(l *ledger, c change) { do(tableLedger{l}, c) }
}

func (l *ledger) table(n name) *table {
	if found := l.tables[n.key]; found != nil && n.key != "" {
		return found
	}
	fresh := &table{copies: map[string]int{}, dropped: -1, renamed: -1, created: -1}
	if n.key != "" {
		l.tables[n.key] = fresh
	}
	return fresh
}

// createTable also takes the tables whose rows the new one gets.
func (l tableLedger) createTable(c change) {
	number := l.add(c.Line, Harmless, "creates the table "+c.table().text, "")
	made := l.table(c.table())
	if made.age == old || made.dropped >= 0 { // a second time it changes nothing
		made.age, made.created, made.copies = l.born(c.IfNotExists), number, map[string]int{}
	}
	for _, each := range c.from {
		made.copies[newName(each).key] = number
	}
}

func (l tableLedger) dropTable(c change) {
	t := c.table()
	gone := l.table(t)
	if l.foldRenamedAway(t, gone) {
		return
	}
	number := l.add(c.Line, l.on(t, Destructive), "drops the table "+t.text, lost)
	if gone.age == old {
		gone.dropped = number
	}
	gone.age = old
}

func (l tableLedger) renameTable(c change) {
	from, to := c.table(), newName(c.To)
	if dot := strings.LastIndexByte(from.key, '.'); dot >= 0 && to.key != "" && !strings.Contains(c.To, ".") {
		to.key = from.key[:dot+1] + to.key // it keeps its schema
	}
	moved := l.table(from)
	if l.foldRebuilt(from, to) {
		return
	}
	number := l.add(c.Line, l.on(from, Destructive), "renames the table "+from.text+" to "+to.text, oldName)
	if to.key == "" || from.key == "" || from.key == to.key {
		return
	}
	delete(l.tables, from.key)
	moved.renamed, moved.was = number, from.key
	l.tables[to.key] = moved
}

// copyRows adds rows of other tables, like any insert.
func (l tableLedger) copyRows(c change) {
	number := l.add(c.Line, Harmless, "adds rows to the table "+c.table().text, "")
	for _, each := range c.from {
		l.table(c.table()).copies[newName(each).key] = number
	}
}

// foldRebuilt recognises the last step of SQLite's way to change a table: create and
// fill a new table, drop the old one, and rename the new one
// (https://www.sqlite.org/lang_altertable.html#otheralter).
func (l tableLedger) foldRebuilt(from, to name) bool {
	made, replaced := l.table(from), l.tables[to.key]
	copied, isCopy := made.copies[to.key]
	if to.key == "" || made.age == old || replaced == nil || replaced.dropped < 0 || !isCopy {
		return false
	}
	l.rebuilt(to, made, copied, replaced.dropped)
	if made.dropped >= 0 { // a leftover of an earlier attempt
		l.folded[made.dropped] = true
	}
	delete(l.tables, from.key)
	delete(l.tables, to.key)
	return true
}

// foldRenamedAway recognises the same with other steps: the old table is renamed first
// and dropped last.
func (l tableLedger) foldRenamedAway(t name, gone *table) bool {
	made := l.tables[gone.was]
	if t.key == "" || gone.renamed < 0 || gone.was == "" || made == nil || made.age == old {
		return false
	}
	copied, isCopy := made.copies[t.key]
	if isCopy {
		l.rebuilt(name{text: gone.was, key: gone.was}, made, copied, gone.renamed)
		delete(l.tables, t.key)
	}
	return isCopy
}

// rebuilt merges the operations that rebuild a table into one.
func (l tableLedger) rebuilt(t name, made *table, others ...int) {
	whole := &l.operations[made.created]
	whole.What, whole.Grade, whole.Why = clean("rebuilds the table "+t.text, longestText), Risky, leftBehind
	for _, each := range others {
		l.folded[each] = each != made.created
	}
	made.age = old
}

// updateRows takes the columns that get new values; none if they are unknown.
func (l tableLedger) updateRows(c change) {
	t := c.table()
	var filled []*column
	for _, each := range c.Columns {
		filled = append(filled, l.column(t.dot(newName(each))))
	}
	if len(filled) == 0 || slices.ContainsFunc(filled, func(c *column) bool { return c.age == old }) {
		l.add(c.Line, l.on(t, Risky), "changes rows of the table "+t.text, overwrites)
		l.table(t).filled = true
		return
	}
	for i, each := range filled {
		l.add(c.Line, Harmless, "fills the new column "+t.dot(newName(c.Columns[i])).text, "")
		each.filled = true
	}
}
