package migration

// What becomes of the things of a schema that are neither tables nor columns,
// by their kind in lower case.

// holdsData are kinds whose contents are lost with them.
var holdsData = map[string]bool{
	"schema": true, "database": true, "sequence": true, "materialized view": true, "foreign table": true, "property of": true,
}

// servesQueries are kinds that only make queries faster.
var servesQueries = map[string]bool{"index": true, "statistics": true}

// staysBehind are kinds that no statement of an application names.
var staysBehind = map[string]bool{
	"trigger": true, "event trigger": true, "rule": true, "policy": true, "cast": true, "publication": true, "subscription": true,
}

func (l *ledger) object(kind string, n name) *object {
	key := kind + " " + n.key
	if found := l.objects[key]; found != nil && n.key != "" {
		return found
	}
	fresh := &object{dropped: -1}
	if n.key != "" {
		l.objects[key] = fresh
	}
	return fresh
}

func (l *ledger) createObject(line int, kind string, n name, unlessThere bool) {
	made := l.object(kind, n)
	if made.dropped >= 0 && !holdsData[kind] && !l.folded[made.dropped] {
		replaced := &l.operations[made.dropped]
		replaced.What = clean("replaces the "+kind+" "+n.text, longestText)
		replaced.Grade, replaced.Why = Risky, "the older version gets the new one"
		made.dropped = -1
		return
	}
	made.isNew = l.born(unlessThere) == brandNew
	l.add(line, Harmless, "creates the "+kind+" "+n.text, "")
}

func (l *ledger) dropObject(line int, kind string, n name) {
	gone := l.object(kind, n)
	grade, why := Destructive, "the older version may still use it"
	switch {
	case gone.isNew || servesQueries[kind]:
		grade = Harmless
	case holdsData[kind]:
		why = lost
	case staysBehind[kind]:
		grade, why = Risky, mayRely
	}
	number := l.add(line, grade, "drops the "+kind+" "+n.text, why)
	if !gone.isNew && grade != Harmless {
		gone.dropped = number
	}
	gone.isNew = false
}

// renameObject also stands for moving to another schema.
func (l *ledger) renameObject(line int, kind string, n name, to string) {
	grade := Destructive
	if l.object(kind, n).isNew || servesQueries[kind] || staysBehind[kind] {
		grade = Harmless
	}
	l.add(line, grade, "renames the "+kind+" "+n.text+" to "+clean(to, longestName), oldName)
}

func (l *ledger) changeObject(line int, kind string, n name) {
	l.add(line, Harmless, "changes the "+kind+" "+n.text, "")
}
