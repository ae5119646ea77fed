package migration

import "cmp"

func (l *ledger) addColumn(c change, _ *Operation) {
	*l.column(c, c.Name) = item{age: l.born(c.IfNotExists), notNull: c.NotNull, hasDefault: c.Default}
}

func (l *ledger) dropColumn(c change, operation *Operation) {
	gone := l.column(c, c.Name)
	operation.Grade = gone.age.soften(operation.Grade)
	*gone = item{}
}

func (l *ledger) renameColumn(c change, operation *Operation) {
	operation.Grade = l.column(c, c.Name).age.soften(operation.Grade)
	l.move("column", c.columnKey(c.Name), c.columnKey(c.To))
}

func (l *ledger) changeType(c change, operation *Operation) {
	how, grade, why := typeChange(c.Existing, cmp.Or(c.Type, &typeText{}))
	operation.What, operation.Why = operation.What+" "+how, why
	operation.Grade = l.column(c, c.Name).age.soften(l.table(c).age.soften(grade))
}

// setNotNull takes whether the column is known to have a default.
func (l *ledger) setNotNull(c change, operation *Operation) {
	known := l.column(c, c.Name)
	switch {
	case known.age == brandNew && known.hasDefault:
		operation.Grade = Harmless // every row got it
	case c.Default || known.hasDefault:
		operation.Grade, operation.Why = l.table(c).age.soften(Risky), noNulls
	}
	known.notNull = true
}

func (l *ledger) dropNotNull(c change, _ *Operation) { l.column(c, c.Name).notNull = false }

// setDefault records nothing for a column that is not new: its rows may be without a value.
func (l *ledger) setDefault(c change, _ *Operation) {
	known := l.column(c, c.Name)
	known.hasDefault = known.age != old
}

func (l *ledger) dropDefault(c change, operation *Operation) {
	known := l.column(c, c.Name)
	switch {
	case known.age != old && known.notNull:
		operation.Grade = l.table(c).age.soften(Destructive)
		operation.Why = "the older version, which does not know the column, writes no value for it"
	case known.age == brandNew:
		operation.Grade = Harmless
	}
	known.hasDefault = false
}

// readColumns lowers the grade of what reads columns, one of which is empty yet. The columns are given as far as they
// are known.
func (l *ledger) readColumns(c change, operation *Operation) {
	for _, each := range c.Columns {
		known := l.column(c, each)
		if known.age != old && !known.notNull && !known.hasDefault && !known.filled && !l.table(c).filled {
			operation.Grade = Harmless
		}
	}
}
