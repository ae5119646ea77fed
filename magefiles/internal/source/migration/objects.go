package migration

// Changes of the objects of a schema that are neither tables nor columns, by their kind
// in lower case.

// holdsData are kinds whose contents are lost with them.
var holdsData = map[string]bool{
	"schema": true, "database": true, "sequence": true, "materialized view": true, "foreign table": true,
	"property of": true,
}

// servesQueries are kinds that only make queries faster.
var servesQueries = map[string]bool{"index": true, "statistics": true}

// staysBehind are kinds that an application never names.
var staysBehind = map[string]bool{
	"trigger": true, "event trigger": true, "rule": true, "policy": true, "cast": true, "publication": true,
	"subscription": true,
}

// objectLedger records what happens to objects.
type objectLedger struct{ *ledger }

func inObjects(do func(objectLedger, change)) func(*ledger, change) {
	return func(l *ledger, c change) { do(objectLedger{l}, c) }
}

type object struct {
	isNew   bool
	dropped int // the operation, or -1
}

func (l objectLedger) object(kind string, n name) *object {
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

func (l objectLedger) createObject(c change) {
	made := l.object(c.Kind, c.object())
	if made.dropped >= 0 && !holdsData[c.Kind] {
		replaced := &l.operations[made.dropped]
		replaced.What = clean("replaces the "+c.Kind+" "+c.object().text, longestText)
		replaced.Grade, replaced.Why = Risky, "the older version gets the new one"
		made.dropped = -1
		return
	}
	made.isNew = l.born(c.IfNotExists) == brandNew
	l.add(c.Line, Harmless, "creates the "+c.Kind+" "+c.object().text, "")
}

func (l objectLedger) dropObject(c change) {
	gone := l.object(c.Kind, c.object())
	grade, why := Destructive, mayUse
	switch {
	case gone.isNew || servesQueries[c.Kind]:
		grade = Harmless
	case holdsData[c.Kind]:
		why = lost
	case staysBehind[c.Kind]:
		grade, why = Risky, mayRely
	}
	number := l.add(c.Line, grade, "drops the "+c.Kind+" "+c.object().text, why)
	if grade != Harmless {
		gone.dropped = number
	}
	gone.isNew = false
}

// renameObject also stands for moving to another schema.
func (l objectLedger) renameObject(c change) {
	grade := Destructive
	if l.object(c.Kind, c.object()).isNew || servesQueries[c.Kind] || staysBehind[c.Kind] {
		grade = Harmless
	}
	l.add(c.Line, grade, "renames the "+c.Kind+" "+c.object().text+" to "+newName(c.To).text, oldName)
}

// changePart records the change of a value or an attribute of a type, as To says.
func (l objectLedger) changePart(c change) {
	grade := Destructive
	if l.object("type", c.object()).isNew {
		grade = Harmless
	}
	l.add(c.Line, grade, c.To, mayUse)
}
