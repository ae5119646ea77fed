package migration

import "strings"

type column struct {
	age        age
	notNull    bool
	hasDefault bool
	filled     bool // whether rows got values for it
}

// columnLedger records what happens to columns, and to the indexes and constraints on
// them.
type columnLedger struct{ *ledger }

func inColumns(do func(columnLedger, change)) func(*ledger, change) {
	return func(l *ledger, c change) { do(columnLedger{l}, c) }
}

// column identifies a column by the names of the table and the column.
func (l *ledger) column(n name) *column {
	if known := l.columns[n.key]; known != nil {
		return known
	}
	return &column{}
}

// onColumn lowers a grade for a change of a column or a table that may be new.
func (l columnLedger) onColumn(c change, grade Grade) Grade {
	return l.column(c.column()).age.soften(l.on(c.table(), grade))
}

func (l columnLedger) addColumn(c change) {
	what, grade := "adds the column "+c.column().text, Harmless
	if c.NotNull && !c.Default {
		what, grade = what+", NOT NULL and without a default", Destructive
	}
	l.add(c.Line, l.on(c.table(), grade), what, noValue)
	if key := c.column().key; key != "" {
		l.columns[key] = &column{age: l.born(c.IfNotExists), notNull: c.NotNull, hasDefault: c.Default}
	}
}

func (l columnLedger) dropColumn(c change) {
	l.add(c.Line, l.onColumn(c, Destructive), "drops the column "+c.column().text, lost)
	delete(l.columns, c.column().key)
}

func (l columnLedger) renameColumn(c change) {
	from, to := c.column(), newName(c.To)
	l.add(c.Line, l.onColumn(c, Destructive), "renames the column "+from.text+" to "+to.text, oldName)
	if known := l.columns[from.key]; known != nil {
		delete(l.columns, from.key)
		l.columns[c.table().dot(to).key] = known
	}
}

func (l columnLedger) changeType(c change) {
	how, grade, why := typeChange(c.Existing, c.Type)
	l.add(c.Line, l.onColumn(c, grade), "changes the type of the column "+c.column().text+" "+how, why)
}

// setNotNull takes whether the column is known to have a default.
func (l columnLedger) setNotNull(c change) {
	known := l.column(c.column())
	grade, why := Destructive, noNulls+mayWrite
	switch {
	case known.age == brandNew && known.hasDefault:
		grade = Harmless // every row got it
	case c.Default || known.hasDefault:
		grade, why = Risky, noNulls
	}
	l.add(c.Line, l.on(c.table(), grade), "makes the column "+c.column().text+" NOT NULL", why)
	known.notNull = true
}

func (l columnLedger) dropNotNull(c change) {
	l.add(c.Line, Harmless, "lets the column "+c.column().text+" be NULL", "")
	l.column(c.column()).notNull = false
}

func (l columnLedger) setDefault(c change) {
	l.add(c.Line, Harmless, "changes the default of the column "+c.column().text, "")
	l.column(c.column()).hasDefault = true
}

func (l columnLedger) dropDefault(c change) {
	known := l.column(c.column())
	grade, why := Risky, mayRely
	switch {
	case known.age != old && known.notNull:
		grade, why = Destructive, "the older version, which does not know the column, writes no value for it"
	case known.age == brandNew:
		grade = Harmless
	}
	l.add(c.Line, l.on(c.table(), grade), "removes the default of the column "+c.column().text, why)
	known.hasDefault = false
}

// createIndex takes the index's columns as far as they are known.
func (l columnLedger) createIndex(c change) {
	kind, grade := "index", Harmless
	if c.Unique {
		kind, grade = "unique index", l.onEmpty(c)
	}
	l.add(c.Line, grade, "creates the "+kind+" "+named(c.Name)+"on "+c.table().text, alike)
}

// constraints are the kinds of constraints, and which existing rows violate them.
var constraints = map[string]struct{ title, why string }{
	"create_unique_constraint":  {"unique constraint", alike},
	"create_primary_key":        {"primary key", "rows that are alike or have no value make it fail"},
	"create_foreign_key":        {"foreign key", "rows that refer to nothing make it fail" + mayWrite},
	"create_check_constraint":   {"check constraint", breakIt + mayWrite},
	"create_exclude_constraint": {"exclusion constraint", "rows that exclude each other make it fail" + mayWrite},
}

func (l columnLedger) addConstraint(c change) {
	kind := constraints[c.Do]
	l.add(c.Line, l.onEmpty(c), "adds the "+kind.title+" "+named(c.Name)+"to "+c.table().text, kind.why)
}

// onEmpty returns the grade of an operation that reads columns, which may be empty yet.
func (l columnLedger) onEmpty(c change) Grade {
	for _, each := range c.Columns {
		known := l.column(c.table().dot(newName(each)))
		if known.age != old && !known.notNull && !known.hasDefault && !known.filled && !l.table(c.table()).filled {
			return Harmless
		}
	}
	return l.on(c.table(), Risky)
}

// drops records that an index or a constraint is dropped, whose table may not be named.
func (l columnLedger) drops(c change) {
	what := "drops the " + strings.TrimPrefix(c.Do, "drop_") + " " + named(c.Name)
	if c.Table != "" {
		what += "of " + c.table().text
	}
	l.add(c.Line, Harmless, what, "")
}

// named returns a name and a space, or nothing.
func named(thing string) string {
	if thing == "" {
		return ""
	}
	return clean(thing, longestName) + " "
}
