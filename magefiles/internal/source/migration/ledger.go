package migration

import (
	"cmp"
	"slices"
	"strings"
)

// change is an operation of a migration, in Alembic's form or in SQL.
type change struct {
	Line           int
	Do             string // an entry of wordings
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

// describe fills the operands of a change into the text of a wording. $label and $of may be absent, and $text is a name
// that may be longer.
func (c change) describe(what string) string {
	table, name, of := shown(c.Table), shown(c.Name), ""
	if c.Table != "" {
		of = "of " + table
	}
	operands := strings.NewReplacer("$table", table, "$name", name, "$column", table+"."+name, "$to", shown(c.To),
		"$kind", c.Kind, "$label", clean(c.Name, longestName), "$of", of, "$text", cmp.Or(c.Name, unknown))
	return operands.Replace(what)
}

// ledger collects the operations of a migration in order, and tracks what is new by then: nothing that an older version
// uses is lost with a table that the same migration created.
type ledger struct {
	operations []*Operation // without a text if they became part of another one
	items      map[string]*item
	// conditional reports whether the following operations may not run at all.
	conditional bool
}

// item is what is known of a table, a column or an object.
type item struct {
	age                       age
	created, dropped, renamed *Operation
	was                       string                // its name before the renaming
	copies                    map[string]*Operation // by the tables whose rows were copied to it
	notNull, hasDefault       bool
	filled                    bool // whether a column, or unknown ones of a table, got values
}

// age says since when an item exists.
type age int

const (
	old      age = iota
	maybeNew     // created unless it exists
	brandNew
)

func newLedger() *ledger { return &ledger{items: map[string]*item{}} }

// list returns the operations in the order of a file of so many lines, without repetitions: a text that runs twice
// needs one look.
func (l *ledger) list(lines int) []Operation {
	var operations []Operation
	for _, operation := range l.operations {
		if operation.What != "" {
			operation.Line = min(max(operation.Line, 1), lines)
			operations = append(operations, *operation)
		}
	}
	slices.SortStableFunc(operations, func(a, b Operation) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Compact(operations)
}

// apply records a change.
func (l *ledger) apply(c change) {
	switch {
	case c.Do == "create_index" && c.Unique:
		c.Do = "create_unique_index"
	case c.Do == "add_column" && c.NotNull && !c.Default:
		c.Do = "add_required"
	}
	words, known := wordings[c.Do]
	if !known {
		c.Name, words = "does "+c.Do, wordings["unreadable"]
	}
	grade := l.table(c).age.soften(words.grade)
	operation := &Operation{c.Line, c.describe(words.what), grade, words.why}
	l.operations = append(l.operations, operation)
	if words.effect != nil {
		words.effect(l, c, operation)
	}
	operation.What = clean(operation.What, longestText)
	if operation.Grade == Harmless {
		operation.Why = ""
	}
}

// soften lowers a grade for a change of something that may be new.
func (a age) soften(grade Grade) Grade {
	if a == brandNew || a == maybeNew && grade == Risky {
		return Harmless
	}
	return grade
}

// born returns the age of an item that is created now.
func (l *ledger) born(ifNotExists bool) age {
	if ifNotExists || l.conditional {
		return maybeNew
	}
	return brandNew
}

// item returns what is known of an item. Nothing is kept of one without a key.
func (l *ledger) item(kind, key string) *item {
	if known := l.items[kind+" "+key]; known != nil {
		return known
	}
	fresh := &item{copies: map[string]*Operation{}}
	if key != "" {
		l.items[kind+" "+key] = fresh
	}
	return fresh
}

func (l *ledger) table(c change) *item { return l.item("table", c.key(c.Table)) }

func (l *ledger) column(c change, name string) *item { return l.item("column", c.columnKey(name)) }

func (l *ledger) object(c change) *item { return l.item("object "+c.Kind, c.key(c.Name)) }

func (c change) key(name string) string {
	if c.Vague {
		return ""
	}
	return key(name)
}

func (c change) columnKey(name string) string { return c.key(c.Table + "." + name) }

// move gives an item another key.
func (l *ledger) move(kind, from, to string) {
	if from != "" && to != "" && from != to {
		l.items[kind+" "+to] = l.item(kind, from)
		delete(l.items, kind+" "+from)
	}
}
