package migration

// addColumn takes the column as it will be; its age is worked out.
func (l *ledger) addColumn(line int, t, c name, made column, unlessThere bool) {
	what, grade := "adds the column "+t.dot(c).text, Harmless
	if made.notNull && !made.hasDefault {
		what, grade = what+", NOT NULL and without a default", Destructive
	}
	l.add(line, l.on(t, grade), what, noValue)
	if key := t.dot(c).key; key != "" {
		made.age = l.born(unlessThere)
		l.columns[key] = &made
	}
}

func (l *ledger) dropColumn(line int, t, c name) {
	l.add(line, l.onColumn(t, c, Destructive), "drops the column "+t.dot(c).text, lost)
	delete(l.columns, t.dot(c).key)
}

func (l *ledger) renameColumn(line int, t, from, to name) {
	grade := l.onColumn(t, from, Destructive)
	l.add(line, grade, "renames the column "+t.dot(from).text+" to "+to.text, oldName)
	if known := l.columns[t.dot(from).key]; known != nil {
		delete(l.columns, t.dot(from).key)
		l.columns[t.dot(to).key] = known
	}
}

// changeType takes what is known of the change: as in "from String to Text",
// and how much it puts at stake.
func (l *ledger) changeType(line int, t, c name, change string, grade Grade, why string) {
	l.add(line, l.onColumn(t, c, grade), "changes the type of the column "+t.dot(c).text+" "+change, why)
}

// setNotNull takes whether the column is known to have a default.
func (l *ledger) setNotNull(line int, t, c name, hasDefault bool) {
	known := l.column(t, c)
	grade, why := Destructive, writesNull
	switch {
	case known.age == brandNew && known.hasDefault:
		grade = Harmless // every row got it
	case hasDefault || known.hasDefault:
		grade, why = Risky, noNulls
	}
	l.add(line, l.on(t, grade), "makes the column "+t.dot(c).text+" NOT NULL", why)
	known.notNull = true
}

func (l *ledger) dropNotNull(line int, t, c name) {
	l.add(line, Harmless, "lets the column "+t.dot(c).text+" be NULL", "")
	l.column(t, c).notNull = false
}

func (l *ledger) setDefault(line int, t, c name) {
	l.add(line, Harmless, "changes the default of the column "+t.dot(c).text, "")
	l.column(t, c).hasDefault = true
}

func (l *ledger) dropDefault(line int, t, c name) {
	known := l.column(t, c)
	grade, why := Risky, mayRely
	switch {
	case known.age != old && known.notNull:
		grade, why = Destructive, "the older version, which does not know the column, writes no value for it"
	case known.age == brandNew:
		grade = Harmless
	}
	l.add(line, l.on(t, grade), "removes the default of the column "+t.dot(c).text, why)
	known.hasDefault = false
}

func (l *ledger) changeColumn(line int, t, c name) {
	l.add(line, Harmless, "changes the column "+t.dot(c).text, "")
}

// createIndex takes the index's columns as far as they are known.
func (l *ledger) createIndex(line int, index string, unique bool, t name, columns []name) {
	if !unique {
		l.add(line, Harmless, "creates the index "+named(index)+"on "+t.text, "")
		return
	}
	l.add(line, l.onEmpty(t, columns, Risky), "creates the unique index "+named(index)+"on "+t.text, alike)
}

// constraint is a kind of constraint, and how the rows that are there break it.
type constraint struct{ title, why string }

var (
	uniqueConstraint = constraint{"unique constraint", alike}
	primaryKey       = constraint{"primary key", "rows that are alike or have no value make it fail"}
	foreignKey       = constraint{"foreign key", "rows that refer to nothing make it fail, and the older version may still write such rows"}
	checkConstraint  = constraint{"check constraint", "rows that break it make it fail, and the older version may still write such rows"}
	exclusion        = constraint{"exclusion constraint", "rows that exclude each other make it fail, and the older version may still write such rows"}
)

func (l *ledger) addConstraint(line int, kind constraint, constraintName string, t name, columns []name) {
	l.add(line, l.onEmpty(t, columns, Risky), "adds the "+kind.title+" "+named(constraintName)+"to "+t.text, kind.why)
}

// onEmpty softens a grade for what looks at columns that hold nothing yet.
func (l *ledger) onEmpty(t name, columns []name, grade Grade) Grade {
	for _, c := range columns {
		known := l.column(t, c)
		if known.age != old && !known.notNull && !known.hasDefault && !known.filled && !l.table(t).filled {
			return Harmless
		}
	}
	return l.on(t, grade)
}

func (l *ledger) drops(line int, kind, thing string, t name) {
	what := "drops the " + kind + " " + named(thing)
	if t.text != "" {
		what += "of " + t.text
	}
	l.add(line, Harmless, what, "")
}

// named is a name that may be missing, and a space after it.
func named(thing string) string {
	if thing == "" {
		return ""
	}
	return thing + " "
}
