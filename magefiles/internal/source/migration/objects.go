package migration

import "cmp"

// holdsData are kinds of objects whose contents are lost with them.
var holdsData = map[string]bool{
	"schema": true, "database": true, "sequence": true, "materialized view": true, "foreign table": true,
	"property of": true,
}

// dropGrades are the grades of dropping kinds of objects that an application never names.
var dropGrades = map[string]Grade{
	"index": Harmless, "statistics": Harmless, "trigger": Risky, "event trigger": Risky, "rule": Risky,
	"policy": Risky, "cast": Risky, "publication": Risky, "subscription": Risky,
}

// createObject turns the drop of an object that is created again into its replacement. One that may have been there
// before counts as old.
func createObject(s schema, c change, operation *Operation) {
	made := s.object(c)
	if made.dropped != nil && !holdsData[c.Kind] {
		what := clean(c.describe("replaces the $kind $name"), longestText)
		*made.dropped = Operation{made.dropped.Line, what, Risky, "the older version gets the new one"}
		made.dropped, operation.What = nil, ""
	} else if c.born() == brandNew {
		made.age = brandNew
	}
}

func dropObject(s schema, c change, operation *Operation) {
	gone := s.object(c)
	operation.Grade = gone.age.soften(cmp.Or(dropGrades[c.Kind], Destructive))
	if operation.Grade != Harmless {
		gone.dropped = operation
	}
	gone.age = old
}

// changeObject lowers the grade of a change of an object that is new, or that an application never names.
func changeObject(s schema, c change, operation *Operation) {
	operation.Grade = s.object(c).age.soften(Destructive)
	if dropGrades[c.Kind] != "" {
		operation.Grade = Harmless
	}
}
