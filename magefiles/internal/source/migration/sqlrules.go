package migration

import (
	"cmp"
	"strings"
)

// rule is a pattern of SQL and its meaning, an entry of wordings. Of several rules the first match counts. [A|B] stands
// for keywords that may come next, in any number, and * for everything before the next keyword of the pattern. The
// operands of a change are %table, %name, %names, %kind, %to, %schema (that of the new name), %new (whether it is
// created only if it is missing), %columns (the next bracket), %set and %from.
type rule struct{ pattern, do string }

// statementRules are statements except ALTER and WITH.
var statementRules = []rule{
	{"CREATE UNIQUE INDEX [CONCURRENTLY] %new ON [ONLY] %table %columns", "create_unique_index"},
	{"CREATE UNIQUE INDEX [CONCURRENTLY] %new %name [ON|ONLY] %table %columns", "create_unique_index"},
	{"CREATE INDEX [CONCURRENTLY] %new ON [ONLY] %table", "create_index"},
	{"CREATE INDEX [CONCURRENTLY] %new %name [ON|ONLY] %table", "create_index"},
	{"CREATE [GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|VIRTUAL] TABLE %new %table %from", "create_table"},
	{"CREATE [OR|REPLACE|TEMP|TEMPORARY|RECURSIVE|CONSTRAINT|TRUSTED|PROCEDURAL] %kind %new %name", "create_object"},
	{"DROP TABLE [IF|EXISTS] %names", "drop_table"},
	{"DROP %kind [CONCURRENTLY|IF|EXISTS] %names", "drop_object"},
	{"TRUNCATE [TABLE] %names", "delete"},
	{"DELETE [FROM|ONLY] %table", "delete"},
	{"UPDATE [OR|ABORT|FAIL|IGNORE|REPLACE|ROLLBACK|ONLY] %table %set", "update"},
	{"MERGE [INTO|ONLY] %table", "replace"},
	{"REPLACE [INTO] %table", "replace"},
	{"INSERT OR REPLACE [INTO] %table", "replace"},
	{"INSERT [OR|ABORT|FAIL|IGNORE|ROLLBACK|INTO] %table * DO UPDATE", "replace"},
	{"INSERT [OR|ABORT|FAIL|IGNORE|ROLLBACK|INTO] %table %from", "insert"},
	{"REFRESH MATERIALIZED VIEW [CONCURRENTLY] %name", "refresh"},
	{"REVOKE", "revoke"},
	{"ALTER DEFAULT PRIVILEGES * REVOKE", "revoke"},
	{"DO", "do"},
}

// silent statements change nothing that matters for a release.
var silent = strings.Fields(`SELECT VALUES BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE SET RESET SHOW PRAGMA
	ANALYZE VACUUM REINDEX LOCK EXPLAIN CHECKPOINT DISCARD LISTEN NOTIFY UNLISTEN CLUSTER COMMENT GRANT ATTACH DETACH`)

// tableActions are the actions of ALTER TABLE except ADD (https://www.postgresql.org/docs/current/sql-altertable.html),
// which views share, by their first words.
var tableActions = []rule{
	{"DROP CONSTRAINT [IF|EXISTS] %name", "drop_constraint"},
	{"DROP [COLUMN|IF|EXISTS] %name", "drop_column"},
	{"RENAME TO %to", "rename_table"},
	{"RENAME CONSTRAINT %name", "rename_constraint"},
	{"RENAME [COLUMN] %name TO %to", "rename_column"},
	{"ALTER CONSTRAINT", "change_table"},
	{"ALTER [COLUMN] %name [SET|DATA] TYPE", "change_type"},
	{"ALTER [COLUMN] %name SET NOT NULL", "set_not_null"},
	{"ALTER [COLUMN] %name DROP NOT NULL", "drop_not_null"},
	{"ALTER [COLUMN] %name SET DEFAULT NULL", "drop_default"},
	{"ALTER [COLUMN] %name DROP DEFAULT", "drop_default"},
	{"ALTER [COLUMN] %name DROP IDENTITY", "drop_default"},
	{"ALTER [COLUMN] %name SET DEFAULT", "set_default"},
	{"ALTER [COLUMN] %name ADD GENERATED", "set_default"},
	{"ALTER [COLUMN] %name", "change_column"},
	{"SET SCHEMA %schema", "rename_table"},
	{"VALIDATE [CONSTRAINT] %name", "validate_constraint"},
	{"ATTACH [PARTITION] %table", "attach"},
	{"DETACH [PARTITION] %table", "detach"},
	{"ENABLE ROW LEVEL SECURITY", "row_security"},
	{"FORCE ROW LEVEL SECURITY", "row_security"},
}

// silentActions change nothing that matters for a release.
var silentActions = strings.Fields("SET ENABLE FORCE DISABLE NO OWNER RESET CLUSTER INHERIT OF NOT REPLICA")

// additions are what ADD adds to a table, after the name of a constraint.
var additions = []rule{
	{"NOT NULL %name", "set_not_null"},
	{"UNIQUE %columns", "create_unique_constraint"},
	{"PRIMARY [KEY] %columns", "create_primary_key"},
	{"FOREIGN [KEY] %columns", "create_foreign_key"},
	{"CHECK", "create_check_constraint"},
	{"EXCLUDE", "create_exclude_constraint"},
	{"[COLUMN] %new %name", "add_column"},
}

// objectActions are those of ALTER for an object that is no table or view. The parts of a type are the values of an
// enumeration and the attributes of a composite.
var objectActions = []rule{
	{"RENAME TO %to", "rename_object"},
	{"SET SCHEMA %schema", "rename_object"},
	{"RENAME VALUE %to", "rename_value"},
	{"RENAME ATTRIBUTE %to", "rename_attribute"},
	{"DROP VALUE %to", "drop_value"},
	{"DROP ATTRIBUTE [IF|EXISTS] %to", "drop_attribute"},
	{"ALTER ATTRIBUTE %to", "change_attribute"},
	{"SET NOT NULL", "change_domain"},
	{"ADD NOT NULL", "change_domain"},
	{"ADD CONSTRAINT", "change_domain"},
	{"ADD CHECK", "change_domain"},
	{"", "change_object"},
}

// match skips what matches one of the rules, and returns its meaning, or "".
func (c *cursor) match(rules []rule, into *change) string {
	for _, each := range rules {
		found, attempt := *into, *c
		if attempt.matches(strings.Fields(each.pattern), &found) {
			*into, *c = found, attempt
			return each.do
		}
	}
	return ""
}

func (c *cursor) matches(pattern []string, into *change) bool {
	matched := true
	for i, part := range pattern {
		switch {
		case part == "%table":
			into.Table = c.name()
		case part == "%name":
			into.Name = c.name()
		case part == "%names":
			matched = !c.done()
			into.names = c.list()
		case part == "%kind":
			into.Kind = c.kind()
			matched = into.Kind != ""
		case part == "%to":
			into.To = c.name()
		case part == "%schema":
			into.To = c.name() + "." + cmp.Or(into.Name, into.Table)
		case part == "%new":
			into.IfNotExists = c.is("IF", "NOT", "EXISTS")
		case part == "%columns":
			c.until("(")
			inner := cursor{tokens: c.skipParens()}
			into.Columns = inner.list()
		case part == "%set":
			into.Columns = c.assigned()
		case part == "%from":
			into.Sources = c.sources()
		case part == "*":
			c.until(pattern[i+1])
		case part[0] == '[':
			c.skip(strings.Split(strings.Trim(part, "[]"), "|")...)
		default:
			matched = c.is(part)
		}
		if !matched {
			return false
		}
	}
	return true
}
