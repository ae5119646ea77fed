package migration

import "cmp"

func addColumn(s schema, c change, _ *Operation) {
	*s.column(c, c.Name) = item{age: c.born(), notNull: c.NotNull, hasDefault: c.Default}
}

func dropColumn(s schema, c change, operation *Operation) {
	gone := s.column(c, c.Name)
	operation.Grade = gone.age.soften(operation.Grade)
	*gone = item{}
}

func renameColumn(s schema, c change, operation *Operation) {
	operation.Grade = s.column(c, c.Name).age.soften(operation.Grade)
	s.move("column", c.columnKey(c.Name), c.columnKey(c.To))
}

func changeType(s schema, c change, operation *Operation) {
	how, grade, why := typeChange(c.Existing, cmp.Or(c.Type, &typeText{}))
	operation.What, operation.Why = operation.What+" "+how, why
	operation.Grade = s.column(c, c.Name).age.soften(s.table(c).age.soften(grade))
}

// setNotNull takes whether the column is known to have a default.
func setNotNull(s schema, c change, operation *Operation) {
	known := s.column(c, c.Name)
	switch {
	case known.age == brandNew && known.hasDefault:
		operation.Grade = Harmless // every row got it
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
