package migration

import (
	"cmp"
	"slices"
	"strings"
)

// change is an operation of a migration, in Alembic's form or in SQL.
type change struct {
	Line           int
	Do             string // an entry of wordings or of changes
	Table          string
	Name           string // the second subject: a column, an index, an object
	To             string // the new name
	Kind           string // of an object
	Columns        []string
	Type, Existing *typeText
	NotNull        bool `json:"not_null"`
	Default        bool // whether the column has a default
	Unique         bool
	IfNotExists    bool `json:"if_not_exists"`
	Vague          bool // whether the table's name, or else the object's, is only the migration's alias for it
	Maybe          bool // whether it may not run at all
	SQL            []piece

	from []string // tables that rows are taken from
}

func (c change) table() name { return c.called(c.Table) }

func (c change) object() name { return c.called(c.Name) }

func (c change) called(text string) name {
	found := newName(text)
	if c.Vague {
		found.key = ""
	}
	return found
}

func (c change) column() name { return c.table().dot(newName(c.Name)) }

// ledger collects the operations of a migration in order, and tracks which tables are
// new by then: nothing that an older version uses is lost with a table that the same
// migration created.
type ledger struct {
	operations []Operation
	folded     map[int]bool      // operations that became part of another one
	tables     map[string]*table // by key
	columns    map[string]*column
	objects    map[string]*object // views, types, …: by kind and key
	// conditional reports whether the following operations may not run at all.
	conditional bool
}

// age says since when an object exists.
type age int

const (
	old      age = iota
	maybeNew     // created unless it exists
	brandNew
)

func newLedger() *ledger {
	return &ledger{
		folded:  map[int]bool{},
		tables:  map[string]*table{},
		columns: map[string]*column{},
		objects: map[string]*object{},
	}
}

// list returns the operations in the order of the file, without repetitions: a text
// that runs twice needs one look.
func (l *ledger) list() []Operation {
	var operations []Operation
	for i, operation := range l.operations {
		if !l.folded[i] {
			operations = append(operations, operation)
		}
	}
	slices.SortStableFunc(operations, func(a, b Operation) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Compact(operations)
}

// wording is the text of a change, and its grade for a table that is not new.
type wording struct {
	grade     Grade
	what, why string
}

const (
	lost       = "what it holds is lost, and the older version still reads it"
	rowsLost   = "the rows are lost"
	oldName    = "the older version still uses the old name"
	noValue    = "rows that are there have no value for it, and the older version writes none"
	noNulls    = "rows without a value make it fail"
	mayWrite   = ", and the older version may still write such rows"
	alike      = "rows that are alike make it fail" + mayWrite
	breakIt    = "rows that break it make it fail"
	overwrites = "what the rows held before is lost"
	leftBehind = "what the new table does not take over is lost"
	hidesRows  = "the older version may no longer see its rows"
	takesRows  = "the older version no longer finds its rows there"
	mayHold    = "what it holds, if anything, is lost, and the older version may still use it"
	hidesRest  = "a quote, comment, bracket or block is not closed, and hides what follows"
	mayRely    = "the older version may rely on it"
	mayUse     = "the older version may still use it"
)

var wordings = map[string]wording{
	"insert":               {Harmless, "adds rows to the table $table", ""},
	"replace":              {Risky, "adds rows to the table $table or changes those that are there", overwrites},
	"delete":               {Destructive, "deletes rows of the table $table", rowsLost},
	"delete_objects":       {Destructive, "deletes rows through a session", rowsLost},
	"change_table":         {Harmless, "changes the table $table", ""},
	"create_table_comment": {Harmless, "changes the table $table", ""},
	"drop_table_comment":   {Harmless, "changes the table $table", ""},
	"change_column":        {Harmless, "changes the column $table.$name", ""},
	"rename_constraint":    {Harmless, "renames the constraint $name of $table", ""},
	"validate_constraint":  {Risky, "validates the constraint $name of $table", breakIt},
	"row_security":         {Risky, "turns on row security of the table $table", hidesRows},
	"attach":               {Risky, "makes the table $table a partition of $to", "rows that don't fit make it fail"},
	"detach":               {Destructive, "takes the partition $table out of the table $to", takesRows},
	"change_object":        {Harmless, "changes the $kind $name", ""},
	"change_domain":        {Risky, "changes the domain $name", breakIt + mayWrite},
	"revoke":               {Risky, "takes away a privilege: $name", mayRely},
	"create_all":           {Harmless, "creates the tables of $name", ""},
	"drop_all":             {Destructive, "drops the tables of $name", lost},
	"create":               {Harmless, "creates $name", ""},
	"drop":                 {Destructive, "drops $name", mayHold},
	"unreadable":           {Risky, "$name", "what it does cannot be read from the migration"},
	"unclosed":             {Risky, "holds SQL that never ends", hidesRest},
}

// changes are those whose grade depends on more than the table's age.
var changes = map[string]func(*ledger, change){
	"create_table":              inTables(tableLedger.createTable),
	"drop_table":                inTables(tableLedger.dropTable),
	"rename_table":              inTables(tableLedger.renameTable),
	"copy_rows":                 inTables(tableLedger.copyRows),
	"update":                    inTables(tableLedger.updateRows),
	"add_column":                inColumns(columnLedger.addColumn),
	"drop_column":               inColumns(columnLedger.dropColumn),
	"rename_column":             inColumns(columnLedger.renameColumn),
	"change_type":               inColumns(columnLedger.changeType),
	"set_not_null":              inColumns(columnLedger.setNotNull),
	"drop_not_null":             inColumns(columnLedger.dropNotNull),
	"set_default":               inColumns(columnLedger.setDefault),
	"drop_default":              inColumns(columnLedger.dropDefault),
	"create_index":              inColumns(columnLedger.createIndex),
	"drop_index":                inColumns(columnLedger.drops),
	"drop_constraint":           inColumns(columnLedger.drops),
	"create_unique_constraint":  inColumns(columnLedger.addConstraint),
	"create_primary_key":        inColumns(columnLedger.addConstraint),
	"create_foreign_key":        inColumns(columnLedger.addConstraint),
	"create_check_constraint":   inColumns(columnLedger.addConstraint),
	"create_exclude_constraint": inColumns(columnLedger.addConstraint),
	"create_object":             inObjects(objectLedger.createObject),
	"drop_object":               inObjects(objectLedger.dropObject),
	"rename_object":             inObjects(objectLedger.renameObject),
	"change_part":               inObjects(objectLedger.changePart),
}

// apply records a change.
func (l *ledger) apply(c change) {
	if run := changes[c.Do]; run != nil {
		run(l, c)
		return
	}
	words, known := wordings[c.Do]
	if !known {
		c.Name, words = "does "+c.Do, wordings["unreadable"]
	}
	what := strings.NewReplacer("$table", c.table().text, "$name", clean(cmp.Or(c.Name, unknown), longestText),
		"$to", clean(c.To, longestName), "$kind", c.Kind).Replace(words.what)
	l.add(c.Line, l.on(c.table(), words.grade), what, words.why)
}

// add records an operation and returns its number.
func (l *ledger) add(line int, grade Grade, what, why string) int {
	if grade == Harmless {
		why = ""
	}
	l.operations = append(l.operations, Operation{max(line, 1), clean(what, longestText), grade, why})
	return len(l.operations) - 1
}

// on lowers a grade for a change of a table that may be new.
func (l *ledger) on(t name, grade Grade) Grade { return l.table(t).age.soften(grade) }

func (a age) soften(grade Grade) Grade {
	if a == brandNew || a == maybeNew && grade == Risky {
		return Harmless
	}
	return grade
}

// born returns the age of an object that is created now.
func (l *ledger) born(ifNotExists bool) age {
	if ifNotExists || l.conditional {
		return maybeNew
	}
	return brandNew
}
