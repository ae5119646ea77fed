package migration

import "slices"

const (
	lost       = "what it holds is lost, and the older version still reads it"
	oldName    = "the older version still uses the old name"
	noValue    = "rows that are there have no value for it, and the older version writes none"
	noNulls    = "rows without a value make it fail"
	writesNull = noNulls + ", and the older version may still write such rows"
	alike      = "rows that are alike make it fail, and the older version may still write such rows"
	overwrites = "what the rows held before is lost"
	leftBehind = "what the new table does not take over is lost"
	mayRely    = "the older version may rely on it"
)

func (l *ledger) createTable(line int, t name, unlessThere bool) {
	number := l.add(line, Harmless, "creates the table "+t.text, "")
	made := l.table(t)
	if made.age != old && made.dropped < 0 {
		return // a second time changes nothing
	}
	made.age, made.created = l.born(unlessThere), number
	made.copies = map[string]int{}
}

func (l *ledger) dropTable(line int, t name) {
	gone := l.table(t)
	if l.foldRenamedAway(t, gone) {
		return
	}
	number := l.add(line, l.on(t, Destructive), "drops the table "+t.text, lost)
	if gone.age == old {
		gone.dropped = number
	}
	gone.age = old
}

func (l *ledger) renameTable(line int, from, to name) {
	moved := l.table(from)
	if l.foldRebuilt(from, to) {
		return
	}
	number := l.add(line, l.on(from, Destructive), "renames the table "+from.text+" to "+to.text, oldName)
	if to.key == "" || from.key == "" || from.key == to.key {
		return
	}
	delete(l.tables, from.key)
	moved.renamed, moved.was = number, from.key
	l.tables[to.key] = moved
}

// copyRows notes that a table got rows of others. That adds rows, like any
// insert.
func (l *ledger) copyRows(line int, t name, from []name) {
	number := l.insertRows(line, t)
	for _, each := range from {
		l.table(t).copies[each.key] = number
	}
}

// foldRebuilt recognises the end of how SQLite changes a table: a new table is
// made and filled, the old one is dropped, and the new one takes its name
// (https://www.sqlite.org/lang_altertable.html#otheralter).
func (l *ledger) foldRebuilt(from, to name) bool {
	made, replaced := l.table(from), l.tables[to.key]
	copied, isCopy := made.copies[to.key]
	if to.key == "" || made.age == old || replaced == nil || replaced.dropped < 0 || !isCopy {
		return false
	}
	l.rebuilt(to, made, copied, replaced.dropped)
	if made.dropped >= 0 { // a leftover of an earlier try
		l.folded[made.dropped] = true
	}
	delete(l.tables, from.key)
	delete(l.tables, to.key)
	return true
}

// foldRenamedAway recognises the same by other steps: the old table got
// another name first, and is dropped last.
func (l *ledger) foldRenamedAway(t name, gone *table) bool {
	if t.key == "" || gone.renamed < 0 || gone.was == "" {
		return false
	}
	made := l.tables[gone.was]
	if made == nil || made.age == old {
		return false
	}
	copied, isCopy := made.copies[t.key]
	if !isCopy {
		return false
	}
	l.rebuilt(name{text: gone.was, key: gone.was}, made, copied, gone.renamed)
	delete(l.tables, t.key)
	return true
}

// rebuilt makes one operation of the steps that rebuild a table.
func (l *ledger) rebuilt(t name, made *table, steps ...int) {
	l.operations[made.created].What = clean("rebuilds the table "+t.text, longestText)
	l.operations[made.created].Grade = Risky
	l.operations[made.created].Why = leftBehind
	for _, step := range steps {
		if step != made.created {
			l.folded[step] = true
		}
	}
	made.age = old
}

// copyTable is a table that is created with rows of others.
func (l *ledger) copyTable(line int, t name, unlessThere bool, from []name) {
	l.createTable(line, t, unlessThere)
	for _, each := range from {
		l.table(t).copies[each.key] = len(l.operations) - 1
	}
}

func (l *ledger) insertRows(line int, t name) int {
	return l.add(line, Harmless, "adds rows to the table "+t.text, "")
}

func (l *ledger) replaceRows(line int, t name) {
	l.add(line, l.on(t, Risky), "adds rows to the table "+t.text+" or changes those that are there", overwrites)
}

// updateRows takes the columns that get new values; none if they are unknown.
func (l *ledger) updateRows(line int, t name, columns []name) {
	isOld := func(c name) bool { return l.column(t, c).age == old }
	if len(columns) == 0 || slices.ContainsFunc(columns, isOld) {
		l.add(line, l.on(t, Risky), "changes rows of the table "+t.text, overwrites)
		l.table(t).filled = true
		return
	}
	for _, c := range columns {
		l.add(line, Harmless, "fills the new column "+t.dot(c).text, "")
		l.column(t, c).filled = true
	}
}

func (l *ledger) deleteRows(line int, t name) {
	l.add(line, l.on(t, Destructive), "deletes rows of the table "+t.text, "the rows are lost")
}

// changeTable notes another change of a table that nothing depends on.
func (l *ledger) changeTable(line int, t name) {
	l.add(line, Harmless, "changes the table "+t.text, "")
}
