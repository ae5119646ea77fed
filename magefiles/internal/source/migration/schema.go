package migration

import (
	"cmp"
	"slices"
	"strings"
)

// ledger collects and grades the operations of a migration in order.
type ledger struct {
	schema     schema       // as the operations so far leave it
	operations []*Operation // without a text if they became part of another one
}

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
	grade := l.schema.table(c).age.soften(words.grade)
	operation := &Operation{c.Line, c.describe(words.what), grade, words.why}
	l.operations = append(l.operations, operation)
	if words.effect != nil {
		words.effect(l.schema, c, operation)
	}
	operation.What = clean(operation.What, longestText)
	if operation.Grade == Harmless {
		operation.Why = ""
	}
}

// schema is what is known of a database at a point of a migration. It tracks what is new by then: nothing that an older
// version uses is lost with a table that the same migration created.
type schema map[string]*item // by kind and name

// item is what is known of a table, a column or an object.
type item struct {
	age                       age
	created, dropped, renamed *Operation
	was                       string               // its name before the renaming
	copies                    map[*item]*Operation // by the tables whose rows were copied to it
	notNull, hasDefault       bool
	everyRow                  bool // whether each row has a value, since the column was added with a default
	filled                    bool // whether a column, or unknown ones of a table, got values
}

// age says since when an item exists.
type age int

const (
	old      age = iota
	maybeNew     // created unless it exists
	brandNew
)

// soften lowers a grade for a change of something that may be new.
func (a age) soften(grade Grade) Grade {
	if a == brandNew || a == maybeNew && grade == Risky {
		return Harmless
	}
	return grade
}

// item returns what is known of an item. Nothing is kept of one without a key.
func (s schema) item(kind, key string) *item {
	if known := s[kind+" "+key]; known != nil {
		return known
	}
	fresh := &item{}
	if key != "" {
		s[kind+" "+key] = fresh
	}
	return fresh
}

func (s schema) table(c change) *item { return s.item("table", c.key(c.Table)) }

func (s schema) column(c change, name string) *item { return s.item("column", c.key(c.Table+"."+name)) }

func (s schema) object(c change) *item { return s.item("object "+c.Kind, c.key(c.Name)) }

// move gives an item another key.
func (s schema) move(kind, from, to string) {
	if from != "" && to != "" && from != to {
		s[kind+" "+to] = s.item(kind, from)
		delete(s, kind+" "+from)
	}
}

// key returns a name for comparison, or "" when only running the migration would tell.
func key(name string) string {
	if strings.ContainsAny(name, "{}%$") {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(name), "public."), "main.")
}
