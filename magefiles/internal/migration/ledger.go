package migration

// ledger collects what a migration does, in the order it does it, and knows
// what is new by then: nothing that an older version has is lost with a table
// that the same migration created.
type ledger struct {
	operations []Operation
	folded     map[int]bool      // operations that became part of another one
	tables     map[string]*table // by key
	columns    map[string]*column
	objects    map[string]*object // views, types, …: by kind and key
	// conditional is whether what comes may not run at all.
	conditional bool
}

// age is since when a thing is there.
type age int

const (
	old      age = iota
	maybeNew     // created unless it is there
	brandNew
)

type table struct {
	age     age
	created int            // the operation
	copies  map[string]int // tables whose rows it got, and the operations
	dropped int            // the operation, or -1
	renamed int            // the operation, or -1
	was     string         // the key it had before this migration renamed it
	filled  bool           // whether rows were changed, no telling which columns
}

type column struct {
	age        age
	notNull    bool
	hasDefault bool
	filled     bool // whether rows got values for it
}

type object struct {
	isNew   bool
	dropped int // the operation, or -1
}

func newLedger() *ledger {
	return &ledger{
		folded:  map[int]bool{},
		tables:  map[string]*table{},
		columns: map[string]*column{},
		objects: map[string]*object{},
	}
}

// list is what was collected, in the order of the file.
func (l *ledger) list() []Operation {
	var operations []Operation
	for i, operation := range l.operations {
		if !l.folded[i] {
			operations = append(operations, operation)
		}
	}
	return inFileOrder(operations)
}

// add notes an operation and returns its number.
func (l *ledger) add(line int, grade Grade, what, why string) int {
	if grade == Harmless {
		why = ""
	}
	l.operations = append(l.operations, Operation{
		Line: max(line, 1), What: clean(what, longestText), Grade: grade, Why: why,
	})
	return len(l.operations) - 1
}

// unreadable notes something that only running the migration would tell.
func (l *ledger) unreadable(line int, what string) {
	l.add(line, Risky, what, "what it does cannot be read from the migration")
}

// broken notes that the text stopped making sense.
func (l *ledger) broken(line int, language string) {
	l.add(line, Risky, "holds "+language+" that never ends",
		"a quote, comment, bracket or block is not closed, and hides what follows")
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

// on softens a grade for what happens to a table that may be new.
func (l *ledger) on(t name, grade Grade) Grade { return l.table(t).age.soften(grade) }

func (a age) soften(grade Grade) Grade {
	if a == brandNew || a == maybeNew && grade == Risky {
		return Harmless
	}
	return grade
}

// onColumn softens a grade for what happens to a column that may be new, or to
// a table that may be.
func (l *ledger) onColumn(t, c name, grade Grade) Grade {
	return l.column(t, c).age.soften(l.on(t, grade))
}

func (l *ledger) column(t, c name) *column {
	if known := l.columns[t.dot(c).key]; known != nil {
		return known
	}
	return &column{}
}

// born is the age of what is created now.
func (l *ledger) born(unlessThere bool) age {
	if unlessThere || l.conditional {
		return maybeNew
	}
	return brandNew
}
