package migration

import (
	"cmp"
	"slices"
)

// ledger collects and grades the operations of a migration in order.
type ledger struct {
	schema     schema       // as the operations so far leave it
	operations []*Operation // without a text if they became part of another one
}

func newLedger() *ledger { return &ledger{schema: schema{}} }

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
