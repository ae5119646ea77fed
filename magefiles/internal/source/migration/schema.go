package migration

// schema is what is known of a database at a point of a migration. It tracks what is new by then: nothing that an older
// version uses is lost with a table that the same migration created.
type schema map[string]*item // by kind and name

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
	fresh := &item{copies: map[string]*Operation{}}
	if key != "" {
		s[kind+" "+key] = fresh
	}
	return fresh
}

func (s schema) table(c change) *item { return s.item("table", c.key(c.Table)) }

func (s schema) column(c change, name string) *item { return s.item("column", c.columnKey(name)) }

func (s schema) object(c change) *item { return s.item("object "+c.Kind, c.key(c.Name)) }

// move gives an item another key.
func (s schema) move(kind, from, to string) {
	if from != "" && to != "" && from != to {
		s[kind+" "+to] = s.item(kind, from)
		delete(s, kind+" "+from)
	}
}

// forget removes an item.
func (s schema) forget(kind, key string) { delete(s, kind+" "+key) }
